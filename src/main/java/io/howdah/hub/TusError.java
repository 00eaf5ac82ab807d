package io.howdah.hub;

import io.howdah.http.Answer;

/** Why a request to the uploads is not granted; names are for programs and stay. */
public enum TusError {
  VERSION(412, "this hub speaks tus 1.0.0; send Tus-Resumable: 1.0.0"),
  BAD_LENGTH(
      400, "Upload-Length must be a whole number of bytes, at least one, said at the creation"),
  BAD_METADATA(
      400,
      "Upload-Metadata must name session_id, radiology_order_id and sha256, each value in base64"),
  BAD_OFFSET(400, "Upload-Offset must be a whole number"),
  BAD_CHECKSUM(400, "Upload-Checksum must be sha256 and a digest in base64"),
  BAD_MANIFEST(
      400,
      "a manifest is {\"study_uid\",\"files\":[{\"name\",\"sop_instance_uid\",\"size\",\"sha256\"}]}, each file once"),
  UNSUPPORTED_MEDIA_TYPE(415, "bytes are sent as application/offset+octet-stream"),
  METHOD_NOT_ALLOWED(405, "uploads are made with POST, and known with HEAD, PATCH and DELETE"),
  UPLOAD_NOT_FOUND(404, "there is no such upload"),
  UPLOAD_GONE(410, "this upload has ended without success; create it again"),
  OFFSET_MISMATCH(409, "the offset is not where the upload stands; Upload-Offset tells it"),
  UPLOAD_ENDED(409, "all bytes of this upload are here already"),
  OTHER_MANIFEST(409, "another manifest has this name"),
  TOO_LARGE(413, "the upload is larger than this hub takes; Tus-Max-Size tells how much"),
  LONGER_THAN_DECLARED(
      413, "more bytes came than the upload was declared to have; it has ended, create it again"),
  LOCKED(423, "another request is writing to this upload; try again"),
  TOO_MANY_UPLOADS(
      429, "as many uploads are unfinished as one sender may have; finish or delete some"),
  CHECKSUM_MISMATCH(460, "the bytes do not have the digest they were sent with; send them again"),
  TOO_SLOW(408, "the bytes came too slowly; go on where Upload-Offset says"),
  BROKEN_OFF(400, "the body ended before its end; go on where Upload-Offset says"),
  NOT_STORED(503, "the hub's disk or database did not take this; try again"),
  DISK_FULL(507, "the hub has no room for this now; try again later");

  private final int status;
  private final String sentence;

  TusError(int status, String sentence) {
    this.status = status;
    this.sentence = sentence;
  }

  /** Its answer. */
  public Answer answer() {
    return Answer.problem(status, name(), sentence);
  }
}
