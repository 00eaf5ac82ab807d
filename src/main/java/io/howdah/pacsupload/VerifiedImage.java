package io.howdah.pacsupload;

import java.nio.file.Path;
import java.nio.file.attribute.FileTime;

/**
 * A claimed image whose file has the bytes that pacs.db promises.
 *
 * @param size the file's bytes when they were verified
 * @param changed when the file had last changed then; whoever sends it sees to it that it still is
 *     so
 */
public record VerifiedImage(ClaimedImage claim, Path file, long size, FileTime changed) {}
