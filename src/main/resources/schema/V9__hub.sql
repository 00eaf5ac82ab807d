-- Resumable uploads to this hub. How many bytes one has is its file's length, which is not written here a second time.
CREATE TABLE hub_upload (
  seq                ${identity},
  upload_id          VARCHAR(36)  NOT NULL UNIQUE,
  -- who may see it: the API key it was created with
  principal          VARCHAR(64)  NOT NULL,
  -- open, received, acknowledged, rejected, expired, terminated
  state              VARCHAR(16)  NOT NULL,
  session_id         VARCHAR(64)  NOT NULL,
  visit_id           VARCHAR(64),
  radiology_order_id BIGINT       NOT NULL,
  -- bytes on the wire
  length             BIGINT       NOT NULL,
  -- bytes and digest of the original file
  size               BIGINT       NOT NULL,
  sha256             CHAR(64)     NOT NULL,
  encoding           VARCHAR(8),
  study_uid          VARCHAR(64),
  manifest_id        VARCHAR(64),
  filename           VARCHAR(255),
  -- Upload-Metadata as it came, to be told again
  metadata           TEXT         NOT NULL,
  -- why it was rejected
  code               VARCHAR(32),
  instance_id        BIGINT,
  attempts           INTEGER      NOT NULL DEFAULT 0,
  next_attempt_at    BIGINT       NOT NULL DEFAULT 0,
  created_at         BIGINT       NOT NULL,
  updated_at         BIGINT       NOT NULL,
  acknowledged_at    BIGINT
);
-- a repeated creation finds the upload that exists, until it failed
CREATE UNIQUE INDEX hub_upload_live ON hub_upload (principal, session_id, sha256) WHERE state IN ('open', 'received', 'acknowledged');
CREATE INDEX hub_upload_open ON hub_upload (principal) WHERE state = 'open';
CREATE INDEX hub_upload_by_age ON hub_upload (updated_at) WHERE state = 'open';
CREATE INDEX hub_upload_to_file ON hub_upload (seq) WHERE state = 'received';
CREATE INDEX hub_upload_by_digest ON hub_upload (sha256, principal);

-- PACS-lite: what the headers of the acknowledged objects say
CREATE TABLE hub_study (
  study_uid            VARCHAR(64) NOT NULL PRIMARY KEY,
  study_date           TEXT,
  study_time           TEXT,
  accession_number     TEXT,
  referring_physician  TEXT,
  patient_name         TEXT,
  patient_id           TEXT,
  patient_birth_date   TEXT,
  patient_sex          TEXT,
  study_id             TEXT,
  study_description    TEXT,
  created_at           BIGINT      NOT NULL,
  updated_at           BIGINT      NOT NULL
);
CREATE INDEX hub_study_by_patient ON hub_study (patient_id);
CREATE INDEX hub_study_by_accession ON hub_study (accession_number);
CREATE INDEX hub_study_by_date ON hub_study (study_date);

CREATE TABLE hub_series (
  study_uid          VARCHAR(64) NOT NULL REFERENCES hub_study (study_uid),
  series_uid         VARCHAR(64) NOT NULL,
  modality           TEXT,
  series_number      TEXT,
  series_description TEXT,
  body_part          TEXT,
  created_at         BIGINT      NOT NULL,
  PRIMARY KEY (study_uid, series_uid)
);
CREATE INDEX hub_series_by_uid ON hub_series (series_uid);

CREATE TABLE hub_instance (
  -- the server_image_id that sites are told
  instance_id         ${identity},
  sop_instance_uid    VARCHAR(64) NOT NULL UNIQUE,
  sop_class_uid       VARCHAR(64) NOT NULL,
  study_uid           VARCHAR(64) NOT NULL,
  series_uid          VARCHAR(64) NOT NULL,
  transfer_syntax_uid VARCHAR(64) NOT NULL,
  instance_number     TEXT,
  image_rows          INTEGER,
  image_columns       INTEGER,
  frames              TEXT,
  size                BIGINT      NOT NULL,
  sha256              CHAR(64)    NOT NULL,
  created_at          BIGINT      NOT NULL,
  FOREIGN KEY (study_uid, series_uid) REFERENCES hub_series (study_uid, series_uid)
);
CREATE INDEX hub_instance_of ON hub_instance (study_uid, series_uid);

-- which radiology orders an image belongs to
CREATE TABLE hub_order_image (
  radiology_order_id BIGINT      NOT NULL,
  instance_id        BIGINT      NOT NULL REFERENCES hub_instance (instance_id),
  study_uid          VARCHAR(64) NOT NULL,
  visit_id           VARCHAR(64),
  upload_id          VARCHAR(36) NOT NULL,
  linked_at          BIGINT      NOT NULL,
  PRIMARY KEY (radiology_order_id, instance_id)
);
CREATE INDEX hub_order_image_of ON hub_order_image (instance_id);

-- the files a site says belong together
CREATE TABLE hub_manifest (
  principal   VARCHAR(64) NOT NULL,
  manifest_id VARCHAR(64) NOT NULL,
  study_uid   VARCHAR(64) NOT NULL,
  -- digest of its files in order, so that the same manifest is known again
  digest      CHAR(64)    NOT NULL,
  created_at  BIGINT      NOT NULL,
  PRIMARY KEY (principal, manifest_id)
);
CREATE TABLE hub_manifest_file (
  principal        VARCHAR(64) NOT NULL,
  manifest_id      VARCHAR(64) NOT NULL,
  place            INTEGER     NOT NULL,
  name             VARCHAR(255) NOT NULL,
  sop_instance_uid VARCHAR(64) NOT NULL,
  size             BIGINT      NOT NULL,
  sha256           CHAR(64)    NOT NULL,
  PRIMARY KEY (principal, manifest_id, place),
  FOREIGN KEY (principal, manifest_id) REFERENCES hub_manifest (principal, manifest_id)
);
