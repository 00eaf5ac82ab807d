-- What this gateway knows about uploading another system's images: everything that must not go into that system's own pacs.db.
CREATE TABLE pacs_upload (
  sop_instance_uid  VARCHAR(255) NOT NULL PRIMARY KEY,
  -- 1: leased, waiting or not yet told to pacs.db; the poll looks at nothing else
  unfinished        INTEGER      NOT NULL DEFAULT 0,
  lease_owner       VARCHAR(128),
  lease_until       BIGINT       NOT NULL DEFAULT 0,
  fence             BIGINT       NOT NULL DEFAULT 0,
  -- the last_upload_attempt this gateway wrote to pacs.db: an UPLOADING row with another one is someone else's
  claimed_at        VARCHAR(32),
  -- the worklist row may be gone tomorrow; the identifier stays here
  accession_number  VARCHAR(255),
  source_message_id VARCHAR(255),
  -- AWAITING_LINK, TRY_LATER, AMBIGUOUS, VERDICT
  waiting           VARCHAR(16),
  link_missed_at    BIGINT,
  next_attempt_at   BIGINT       NOT NULL DEFAULT 0,
  tries             INTEGER      NOT NULL DEFAULT 0,
  ambiguous         INTEGER      NOT NULL DEFAULT 0,
  -- an outcome that pacs.db has not taken yet
  mark_status       VARCHAR(16),
  mark_error        VARCHAR(500),
  mark_refund       INTEGER      NOT NULL DEFAULT 0,
  mark_hash         VARCHAR(64),
  -- what the cloud is still to be told about an image that will never come
  failure_report    VARCHAR(500),
  updated_at        BIGINT       NOT NULL
);
CREATE INDEX pacs_upload_unfinished ON pacs_upload (next_attempt_at) WHERE unfinished = 1;
CREATE INDEX pacs_upload_by_update ON pacs_upload (updated_at);
CREATE INDEX pacs_upload_to_report ON pacs_upload (updated_at) WHERE failure_report IS NOT NULL;

-- every attempt and what it came to
CREATE TABLE pacs_upload_attempt (
  seq              ${identity},
  sop_instance_uid VARCHAR(255) NOT NULL,
  attempt          INTEGER      NOT NULL,
  node             VARCHAR(128) NOT NULL,
  outcome          VARCHAR(16)  NOT NULL,
  phase            VARCHAR(16)  NOT NULL,
  http_status      INTEGER,
  detail           VARCHAR(500),
  started_at       BIGINT       NOT NULL,
  ended_at         BIGINT       NOT NULL
);
CREATE INDEX pacs_upload_attempt_of ON pacs_upload_attempt (sop_instance_uid, seq);
CREATE INDEX pacs_upload_attempt_by_end ON pacs_upload_attempt (ended_at);
