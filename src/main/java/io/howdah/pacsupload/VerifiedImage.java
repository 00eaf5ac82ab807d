package io.howdah.pacsupload;

import java.nio.file.Path;

/** A claimed image whose file has the bytes that pacs.db promises. */
public record VerifiedImage(ClaimedImage claim, Path file, long size) {}
