-- The id that each folder of files carries in its .howdah-store, so that an empty mount point is never taken for it.
CREATE TABLE own_folder (
  name   VARCHAR(32) NOT NULL PRIMARY KEY,
  id     VARCHAR(64) NOT NULL,
  -- 1: the folder was seen to carry the id; from then on one without it is not ours
  marked INTEGER     NOT NULL DEFAULT 0
);

-- The version that the reporting process gave with the status in force; 0: it gave none. A requeued study goes back to an
-- earlier status, which a report without a version could not say.
ALTER TABLE study ADD COLUMN reported_version BIGINT NOT NULL DEFAULT 0;
