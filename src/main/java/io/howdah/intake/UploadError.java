package io.howdah.intake;

/** Why a file or a whole upload was not accepted; the code is a contract, the wording is not. */
public enum UploadError {
  FILE_MISSING(
      422, "no file was sent: POST multipart/form-data with the file in a part named \"file\""),
  EMPTY(422, "the file is empty"),
  NOT_DICOM(400, "the file is not DICOM by its content, nor .dcm or .dicom by its name"),
  DICOMDIR(422, "a DICOMDIR is an index of other files; send those files"),
  TOO_LARGE(413, "the file is larger than howdah.intake.max-file-size allows"),
  REQUEST_TOO_LARGE(413, "the request is larger than howdah.intake.max-request-size allows"),
  TOO_MANY_FILES(
      413,
      "the request holds more files than howdah.intake.max-files allows; send them in several"),
  BAD_MULTIPART(400, "the multipart body ends early or cannot be read"),
  UNSUPPORTED_MEDIA_TYPE(415, "send multipart/form-data without a content encoding"),
  BAD_ZIP(400, "the ZIP is damaged, encrypted or holds another ZIP"),
  ZIP_TOO_LARGE(
      413,
      "the ZIP unpacks to more than howdah.intake.max-request-size, or to more than 200 times its size"),
  KEY_REUSED(422, "this Idempotency-Key was used before, for a file with other bytes"),
  TOO_SLOW(408, "the body came slower than howdah.http.min-body-rate asks"),
  DISK_FULL(
      507, "less than howdah.intake.disk-reserve is free; nothing was accepted, try again later"),
  NOT_STORED(503, "the file could not be made durable; nothing was accepted, try again");

  private final int status;
  private final String sentence;

  UploadError(int status, String sentence) {
    this.status = status;
    this.sentence = sentence;
  }

  /** The HTTP status when the whole request ends with this. */
  public int status() {
    return status;
  }

  /** What went wrong and what to do, for people. */
  public String sentence() {
    return sentence;
  }
}
