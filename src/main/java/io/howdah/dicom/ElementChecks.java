package io.howdah.dicom;

import io.howdah.dicom.Defect.Code;
import io.howdah.dicom.Defect.Severity;
import java.util.Arrays;

/** What is wrong with an element that can nevertheless be read. */
final class ElementChecks {
  private final Levels levels;
  private final Defects defects;
  private boolean disordered;
  private int comparisonsLeft = 10_000_000;

  /** Which private blocks of {@link #privateGroups} are reserved, 256 bits for each depth. */
  private long[] reserved = new long[0];

  private int[] privateGroups = new int[0];

  ElementChecks(Levels levels, Defects defects) {
    this.levels = levels;
    this.defects = defects;
  }

  /** A sequence or an item has begun, in which nothing is reserved yet. */
  void entered() {
    if (levels.depth() < privateGroups.length) {
      privateGroups[levels.depth()] = 0;
    }
  }

  /** What is not needed to read on, but makes the file a broken one. */
  void check(Table table, int tag, VR vr, boolean asExplicit, boolean meta, long offset) {
    int last = levels.lastTag();
    boolean unordered = last != 0 && Integer.compareUnsigned(tag, last) <= 0;
    if (unordered) {
      disordered = true;
    }
    if (unordered && tag == last || disordered && isTwice(table, tag)) {
      defects.report(Code.DUPLICATE_TAG, tag, offset, Severity.ERROR, "the element is there twice");
    } else if (unordered) {
      defects.report(
          Code.TAG_ORDER, tag, offset, Severity.WARNING, "the elements are not in ascending order");
    }
    int group = tag >>> 16;
    if (group <= 8 || group == 0xFFFF) {
      checkGroup(tag, group, offset, meta);
    }
    if ((group & 1) != 0) {
      checkPrivate(tag, group, offset);
    }
    if (asExplicit && !Dictionary.allows(tag, vr)) {
      defects.report(
          Code.VR_MISMATCH,
          tag,
          offset,
          Severity.WARNING,
          "the VR " + vr + " is not the one of the data dictionary");
    }
  }

  /** Whether this level has the tag already; looked for only in files that are not in order. */
  private boolean isTwice(Table table, int tag) {
    int row = levels.depth() == 0 ? 0 : levels.row() + 1;
    while (row < table.count && comparisonsLeft-- > 0) {
      if (table.tags[row] == tag) {
        return true;
      }
      row = table.next[row];
    }
    return false;
  }

  private void checkGroup(int tag, int group, long offset, boolean meta) {
    if (group == 0) {
      defects.report(
          Code.GROUP_0000,
          tag,
          offset,
          Severity.ERROR,
          "an element of a command is in the data set");
    } else if (group == 2 && !meta) {
      defects.report(
          Code.GROUP_0002_IN_DATA_SET,
          tag,
          offset,
          Severity.ERROR,
          "an element of the file meta information is in the data set");
    } else if (group < 8 && (group & 1) != 0 || group == 0xFFFF) {
      defects.report(
          Code.TAG_INVALID, tag, offset, Severity.ERROR, "no element may have this group");
    }
  }

  /** PS3.5 §7.8.1: a private element's block must have been reserved in the same data set. */
  private void checkPrivate(int tag, int group, long offset) {
    int depth = levels.depth();
    if (depth >= privateGroups.length) {
      privateGroups = Arrays.copyOf(privateGroups, depth + 8);
      reserved = Arrays.copyOf(reserved, privateGroups.length * 4);
    }
    if (privateGroups[depth] != group) {
      privateGroups[depth] = group;
      Arrays.fill(reserved, depth * 4, depth * 4 + 4, 0);
    }
    if (Tag.isPrivateCreator(tag)) {
      reserved[depth * 4 + (tag >>> 6 & 3)] |= 1L << tag;
      return;
    }
    int block = tag >>> 8 & 0xFF;
    if ((tag & 0xFFFF) != 0 && (reserved[depth * 4 + (block >>> 6)] >>> block & 1) == 0) {
      defects.report(
          Code.PRIVATE_WITHOUT_CREATOR,
          tag,
          offset,
          Severity.WARNING,
          "no private creator has reserved this element");
    }
  }
}
