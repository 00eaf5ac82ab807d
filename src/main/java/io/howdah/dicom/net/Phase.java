package io.howdah.dicom.net;

/** What one end of an association is waiting for; each has a deadline of its own. */
public enum Phase {
  CONNECT,
  ASSOCIATE,
  WRITE,
  RESPONSE,
  PDU,
  RELEASE,
  IDLE,
  CLOSE
}
