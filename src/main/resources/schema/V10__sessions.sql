-- Offline-first upload sessions at a site: the row is the truth, and what is written in it once stays.
CREATE TABLE upload_session (
  seq                  ${identity},
  session_id           VARCHAR(36)  NOT NULL UNIQUE,
  visit_id             VARCHAR(64)  NOT NULL,
  radiology_order_id   BIGINT       NOT NULL,
  file_name            VARCHAR(255) NOT NULL,
  content_type         VARCHAR(100) NOT NULL,
  file_size            BIGINT       NOT NULL,
  checksum             CHAR(64)     NOT NULL,
  metadata             TEXT         NOT NULL,
  -- a larger number goes first
  priority             INTEGER      NOT NULL,
  manifest_id          VARCHAR(64),
  max_retries          INTEGER      NOT NULL,
  -- the copy's name in the store of sessions; the only file that is ever read or deleted
  local_name           VARCHAR(64)  NOT NULL UNIQUE,
  sealed               INTEGER      NOT NULL,
  created_at           BIGINT       NOT NULL,
  -- what changes begins here
  state                VARCHAR(32)  NOT NULL,
  version              BIGINT       NOT NULL DEFAULT 1,
  bytes_uploaded       BIGINT       NOT NULL DEFAULT 0,
  retry_count          INTEGER      NOT NULL DEFAULT 0,
  error_code           VARCHAR(64),
  error_message        VARCHAR(500),
  metadata_uploaded_at BIGINT,
  binary_uploaded_at   BIGINT,
  -- where the hub takes the bytes, and in which form
  upload_url           VARCHAR(1000),
  wire_encoding        VARCHAR(16),
  wire_size            BIGINT,
  -- what the receiver said it holds: its image and, when it told it, the digest of the bytes
  server_image_id      BIGINT,
  server_checksum      CHAR(64),
  server_ack_at        BIGINT,
  -- PRESENT, DELETING (to be unlinked), DELETED
  local_state          VARCHAR(16)  NOT NULL DEFAULT 'PRESENT',
  next_attempt_at      BIGINT       NOT NULL DEFAULT 0,
  lease_owner          VARCHAR(64),
  lease_until          BIGINT       NOT NULL DEFAULT 0,
  updated_at           BIGINT       NOT NULL
);
-- equal bytes of one order are one session until it ends without them
CREATE UNIQUE INDEX upload_session_live ON upload_session (radiology_order_id, checksum) WHERE state NOT IN ('FAILED', 'CANCELLED');
-- the sync looks only at what is unfinished, so its cost does not grow with the years
CREATE INDEX upload_session_due ON upload_session (priority, seq) WHERE state NOT IN ('ACK_RECEIVED', 'FAILED', 'CANCELLED');
CREATE INDEX upload_session_of_visit ON upload_session (visit_id, seq);
CREATE INDEX upload_session_to_clean ON upload_session (server_ack_at) WHERE state = 'ACK_RECEIVED' AND local_state <> 'DELETED';

-- contracts §2: the transitions there are; the database refuses every other, whoever asks
CREATE TABLE session_transition (
  from_state VARCHAR(32) NOT NULL,
  to_state   VARCHAR(32) NOT NULL,
  PRIMARY KEY (from_state, to_state)
);
INSERT INTO session_transition (from_state, to_state) VALUES
  ('QUEUED', 'METADATA_UPLOADING'), ('QUEUED', 'CANCELLED'), ('QUEUED', 'FAILED'),
  ('METADATA_UPLOADING', 'METADATA_UPLOADED'), ('METADATA_UPLOADING', 'FAILED'), ('METADATA_UPLOADING', 'QUEUED'),
  ('METADATA_UPLOADED', 'BINARY_UPLOADING'), ('METADATA_UPLOADED', 'FAILED'),
  ('BINARY_UPLOADING', 'SYNCED'), ('BINARY_UPLOADING', 'FAILED'),
  ('SYNCED', 'ACK_RECEIVED'), ('SYNCED', 'FAILED'),
  ('FAILED', 'QUEUED');

-- whole studies that sessions belong to, as the hub is told of them
CREATE TABLE session_manifest (
  manifest_id VARCHAR(64) NOT NULL PRIMARY KEY,
  visit_id    VARCHAR(64) NOT NULL,
  body        TEXT        NOT NULL,
  -- when the hub took it
  told_at     BIGINT,
  created_at  BIGINT      NOT NULL
);

-- what happened, in order, each row bound to the one before by its hash; nothing here is changed or removed
CREATE TABLE audit_entry (
  seq        BIGINT       NOT NULL PRIMARY KEY,
  at         BIGINT       NOT NULL,
  who        VARCHAR(128) NOT NULL,
  what       VARCHAR(32)  NOT NULL,
  item       VARCHAR(64)  NOT NULL,
  from_state VARCHAR(32),
  to_state   VARCHAR(32),
  result     VARCHAR(500) NOT NULL,
  prev_hash  CHAR(64)     NOT NULL,
  hash       CHAR(64)     NOT NULL
);
CREATE INDEX audit_entry_of ON audit_entry (item, seq);
-- the end of the chain; its one row makes writers take turns
CREATE TABLE audit_head (
  id   INTEGER  NOT NULL PRIMARY KEY,
  seq  BIGINT   NOT NULL,
  hash CHAR(64) NOT NULL
);
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');
