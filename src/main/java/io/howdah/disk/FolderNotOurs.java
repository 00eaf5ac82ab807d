package io.howdah.disk;

import java.io.IOException;

/** A folder is not the one that the rows speak of: nothing is read there and nothing written. */
public final class FolderNotOurs extends IOException {
  private static final long serialVersionUID = 1L;

  public FolderNotOurs(String name) {
    super(sentence(name) + "; is it mounted?");
  }

  private FolderNotOurs(String name, String whatToDo) {
    super(sentence(name) + "; " + whatToDo);
  }

  /** The same, for those who can put it right. */
  public static FolderNotOurs at(OwnFolder folder) {
    return new FolderNotOurs(
        folder.name(),
        "mount the right one at "
            + folder.path()
            + ", or, if another folder is meant from now on, move the files of the old one there together with "
            + OwnFolder.SENTINEL);
  }

  private static String sentence(String name) {
    return "the "
        + name
        + " folder is not the one this gateway wrote to (its "
        + OwnFolder.SENTINEL
        + " is missing or another's)";
  }
}
