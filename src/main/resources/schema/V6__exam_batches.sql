-- Studies on their way out, one batch at a time for each destination (seed 003). What a destination is says the configuration;
-- its row says how it stands with it.
CREATE TABLE storage_backend_configs (
  id                  ${identity},
  name                VARCHAR(64)  NOT NULL UNIQUE,
  -- its circuit: after open_count failures in a row nothing is sent before open_until; 0: closed
  open_until          BIGINT       NOT NULL DEFAULT 0,
  open_since          BIGINT,
  open_count          INTEGER      NOT NULL DEFAULT 0,
  open_reason         VARCHAR(500),
  associations        BIGINT       NOT NULL DEFAULT 0,
  associations_failed BIGINT       NOT NULL DEFAULT 0,
  last_delivery_at    BIGINT,
  created_at          BIGINT       NOT NULL,
  updated_at          BIGINT       NOT NULL
);

CREATE TABLE exam_batches (
  id                 ${identity},
  study_instance_uid VARCHAR(64)  NOT NULL,
  destination_id     BIGINT       NOT NULL REFERENCES storage_backend_configs (id),
  status             VARCHAR(16)  NOT NULL DEFAULT 'PENDING' CHECK (status IN ('PENDING', 'READY', 'SENDING', 'SENT', 'FAILED')),
  -- 1: the study's first batch for this destination; each further one holds what came late
  generation         INTEGER      NOT NULL DEFAULT 1,
  -- 1: an operator, or the late policy, keeps it from going on
  held               INTEGER      NOT NULL DEFAULT 0,
  version            BIGINT       NOT NULL DEFAULT 1,
  instance_count     INTEGER      NOT NULL DEFAULT 0,
  -- instances of the study that have come for this destination, in all its batches
  seen_count         INTEGER      NOT NULL DEFAULT 0,
  expected_count     INTEGER,
  last_arrival_at    BIGINT       NOT NULL,
  -- when it is looked at next: the end of its quiet period, or cap_at, or at once
  due_at             BIGINT       NOT NULL,
  cap_at             BIGINT       NOT NULL,
  asked              INTEGER      NOT NULL DEFAULT 0,
  completion_reason  VARCHAR(16),
  ready_at           BIGINT,
  sent_at            BIGINT,
  attempts           INTEGER      NOT NULL DEFAULT 0,
  associations       INTEGER      NOT NULL DEFAULT 0,
  next_attempt_at    BIGINT       NOT NULL DEFAULT 0,
  -- the end of its last attempt
  tried_at           BIGINT       NOT NULL DEFAULT 0,
  error              VARCHAR(1000),
  lease_owner        VARCHAR(64),
  lease_until        BIGINT       NOT NULL DEFAULT 0,
  fence              BIGINT       NOT NULL DEFAULT 0,
  created_at         BIGINT       NOT NULL,
  updated_at         BIGINT       NOT NULL
);
-- one open batch for a study and a destination
CREATE UNIQUE INDEX exam_batches_open ON exam_batches (study_instance_uid, destination_id) WHERE status = 'PENDING';
CREATE UNIQUE INDEX exam_batches_generation ON exam_batches (study_instance_uid, destination_id, generation);
-- what the completion timer and the senders look at does not grow with what was sent
CREATE INDEX exam_batches_due ON exam_batches (due_at) WHERE status = 'PENDING';
CREATE INDEX exam_batches_to_send ON exam_batches (destination_id, next_attempt_at) WHERE status IN ('READY', 'SENDING');
CREATE INDEX exam_batches_by_status ON exam_batches (status, id);
CREATE INDEX exam_batches_by_end ON exam_batches (destination_id, sent_at) WHERE status = 'SENT';

CREATE TABLE exam_batch_instances (
  id                 ${identity},
  batch_id           BIGINT       NOT NULL REFERENCES exam_batches (id),
  -- below the archive
  processed_filepath VARCHAR(255) NOT NULL,
  sop_instance_uid   VARCHAR(64)  NOT NULL,
  -- PENDING, DELIVERED, WARNING, RETRY, UNCONFIRMED, REFUSED
  status             VARCHAR(16)  NOT NULL DEFAULT 'PENDING',
  peer_status        VARCHAR(16),
  detail             VARCHAR(255),
  created_at         BIGINT       NOT NULL,
  updated_at         BIGINT       NOT NULL,
  UNIQUE (batch_id, sop_instance_uid)
);

-- the ledger: what became of each instance at each destination, in the peer's own words
CREATE TABLE delivery (
  destination_id      BIGINT       NOT NULL REFERENCES storage_backend_configs (id),
  sop_instance_uid    VARCHAR(64)  NOT NULL,
  study_instance_uid  VARCHAR(64)  NOT NULL,
  series_instance_uid VARCHAR(64)  NOT NULL,
  study_id            VARCHAR(64)  NOT NULL,
  sop_class_uid       VARCHAR(64)  NOT NULL,
  transfer_syntax_uid VARCHAR(64)  NOT NULL,
  data_set_offset     BIGINT       NOT NULL,
  file_size           BIGINT       NOT NULL,
  processed_filepath  VARCHAR(255) NOT NULL,
  status              VARCHAR(16)  NOT NULL DEFAULT 'PENDING',
  peer_status         VARCHAR(16),
  batch_id            BIGINT,
  requests            INTEGER      NOT NULL DEFAULT 0,
  confirmed_at        BIGINT,
  created_at          BIGINT       NOT NULL,
  updated_at          BIGINT       NOT NULL,
  PRIMARY KEY (destination_id, sop_instance_uid)
);
CREATE INDEX delivery_of_study ON delivery (study_instance_uid, destination_id);

-- 0: archived, and not yet looked at by the role batch; 1: in the batches of its destinations; 2: left out, see howdah.batch.look-back
ALTER TABLE study ADD COLUMN batched INTEGER NOT NULL DEFAULT 0;
UPDATE study SET batched = 2 WHERE state = 'archived';
CREATE INDEX study_to_batch ON study (updated_at) WHERE state = 'archived' AND batched = 0;

-- steps that have just ended are looked for ten times a second
CREATE INDEX performed_procedure_step_ended ON performed_procedure_step (completed_at);
