-- what peers tell over DICOM beside their images

-- who sent a study by C-STORE, as it calls itself
ALTER TABLE study ADD COLUMN calling_ae VARCHAR(16);

-- what modalities do and have done (PS3.4 F.7): one row for each study that a step belongs to
CREATE TABLE performed_procedure_step (
  sop_instance_uid   VARCHAR(64) NOT NULL,
  study_instance_uid VARCHAR(64) NOT NULL,
  calling_ae         VARCHAR(16) NOT NULL,
  -- IN PROGRESS, COMPLETED, DISCONTINUED
  state              VARCHAR(16) NOT NULL,
  -- objects it says it made; NULL while it has not said, and where one step belongs to several studies
  instance_count     INTEGER,
  created_at         BIGINT      NOT NULL,
  updated_at         BIGINT      NOT NULL,
  -- when it became COMPLETED or DISCONTINUED, after which nothing changes any more
  completed_at       BIGINT,
  PRIMARY KEY (sop_instance_uid, study_instance_uid)
);
CREATE INDEX performed_procedure_step_of ON performed_procedure_step (study_instance_uid, state);

-- what peers were asked to keep for good (PS3.4 J.3)
CREATE TABLE storage_commitment (
  transaction_uid VARCHAR(64) NOT NULL PRIMARY KEY,
  peer_ae         VARCHAR(16) NOT NULL,
  requested_at    BIGINT      NOT NULL,
  reported_at     BIGINT
);
CREATE INDEX storage_commitment_open ON storage_commitment (requested_at) WHERE reported_at IS NULL;
CREATE TABLE storage_commitment_instance (
  transaction_uid  VARCHAR(64) NOT NULL REFERENCES storage_commitment (transaction_uid),
  sop_instance_uid VARCHAR(64) NOT NULL,
  sop_class_uid    VARCHAR(64) NOT NULL,
  -- 1 the peer keeps it, 0 it does not; NULL while it has not said
  committed        INTEGER,
  PRIMARY KEY (transaction_uid, sop_instance_uid)
);
CREATE INDEX storage_commitment_instance_of ON storage_commitment_instance (sop_instance_uid);
