-- the Idempotency-Key of an upload whose bytes were another's study already; that of any other is study.idempotency_key
CREATE TABLE duplicate_key (
  idempotency_key VARCHAR(255) NOT NULL PRIMARY KEY,
  study_id        VARCHAR(64)  NOT NULL REFERENCES study (study_id)
);
