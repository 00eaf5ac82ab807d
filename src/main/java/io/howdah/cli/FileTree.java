package io.howdah.cli;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

/** The files that a command line means: those it names and those below the folders it names. */
final class FileTree {
  private FileTree() {}

  /**
   * Regular files in the order of their names; hidden ones and what symbolic links lead to only
   * when named themselves.
   *
   * @throws Unable when one is not there
   */
  static List<Path> files(Collection<Path> named) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path path : named) {
      if (!Files.exists(path)) {
        throw new Unable(path + ": there is no such file or folder");
      }
      if (!Files.isDirectory(path)) {
        files.add(path);
        continue;
      }
      int before = files.size();
      // a folder named through a link is meant, links below it are not
      Files.walkFileTree(path.resolve("."), new Visitor(files));
      Collections.sort(files.subList(before, files.size()));
    }
    files.replaceAll(Path::normalize);
    return files;
  }

  private static boolean isHidden(Path path) {
    Path name = path.getFileName();
    return name != null && name.toString().startsWith(".") && name.toString().length() > 1;
  }

  /** Collects regular files. */
  private static final class Visitor extends SimpleFileVisitor<Path> {
    private final List<Path> files;

    Visitor(List<Path> files) {
      this.files = files;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      return isHidden(directory) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (!isHidden(file) && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        files.add(file);
      }
      return FileVisitResult.CONTINUE;
    }
  }
}
