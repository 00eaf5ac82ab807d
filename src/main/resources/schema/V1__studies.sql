-- One row per file taken in, under the study_id its sender was given. The row is the truth; events only announce it.
CREATE TABLE study (
  seq               ${identity},
  study_id          VARCHAR(64)  NOT NULL UNIQUE,
  state             VARCHAR(32)  NOT NULL,
  version           BIGINT       NOT NULL DEFAULT 1,
  -- 1: its bytes are ours to work on; 0: another process reports its status here
  held              INTEGER      NOT NULL DEFAULT 1,
  source            VARCHAR(16)  NOT NULL,
  original_filename VARCHAR(255),
  file_size         BIGINT,
  sha256            CHAR(64),
  idempotency_key   VARCHAR(255) UNIQUE,
  sop_class_uid     VARCHAR(64),
  sop_instance_uid  VARCHAR(64),
  study_uid         VARCHAR(64),
  series_uid        VARCHAR(64),
  validation        TEXT,
  details           TEXT,
  attempts          INTEGER      NOT NULL DEFAULT 0,
  next_attempt_at   BIGINT       NOT NULL DEFAULT 0,
  lease_owner       VARCHAR(64),
  lease_until       BIGINT       NOT NULL DEFAULT 0,
  fence             BIGINT       NOT NULL DEFAULT 0,
  created_at        BIGINT       NOT NULL,
  updated_at        BIGINT       NOT NULL
);
-- equal bytes are one study until it fails
CREATE UNIQUE INDEX study_live_digest ON study (sha256) WHERE held = 1 AND state NOT IN ('failed', 'validation_failed');
-- the sweep looks only at what is unfinished, so its cost does not grow with the archive
CREATE INDEX study_open ON study (state, updated_at) WHERE held = 1 AND state NOT IN ('failed', 'validation_failed', 'archived');
CREATE INDEX study_by_state ON study (state, seq);
CREATE INDEX study_by_update ON study (updated_at);

-- every status a study ever had or was said to have; nothing here is changed or removed
CREATE TABLE study_history (
  seq      ${identity},
  study_id VARCHAR(64) NOT NULL REFERENCES study (study_id),
  status   VARCHAR(32) NOT NULL,
  -- 0: reported too late to count, or by someone who does not hold the work
  applied  INTEGER     NOT NULL,
  node     VARCHAR(64) NOT NULL,
  details  TEXT,
  at       BIGINT      NOT NULL
);
CREATE INDEX study_history_of ON study_history (study_id, seq);

-- which study holds a SOP Instance UID in the archive: the first wins, other bytes under the same UID are a conflict
CREATE TABLE archived_instance (
  sop_instance_uid VARCHAR(64) NOT NULL PRIMARY KEY,
  study_id         VARCHAR(64) NOT NULL REFERENCES study (study_id),
  sha256           CHAR(64)    NOT NULL,
  archived_at      BIGINT      NOT NULL
);

-- what others are to be told, in order; written in the transaction that made it true
CREATE TABLE outbox (
  seq        ${identity},
  target     VARCHAR(16) NOT NULL,
  channel    VARCHAR(64) NOT NULL,
  study_id   VARCHAR(64) NOT NULL,
  version    BIGINT      NOT NULL,
  payload    TEXT        NOT NULL,
  created_at BIGINT      NOT NULL,
  sent_at    BIGINT
);
CREATE INDEX outbox_unsent ON outbox (target, seq) WHERE sent_at IS NULL;
CREATE INDEX outbox_sent ON outbox (sent_at) WHERE sent_at IS NOT NULL;

-- work that only one process does at a time, by name
CREATE TABLE lease (
  name  VARCHAR(64) NOT NULL PRIMARY KEY,
  owner VARCHAR(64) NOT NULL,
  until BIGINT      NOT NULL
);
