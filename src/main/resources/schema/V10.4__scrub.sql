-- How far the pass over the archive has come; one row. What is archived after a pass began waits for the next one.
CREATE TABLE scrub (
  name      VARCHAR(16) NOT NULL PRIMARY KEY,
  after_seq BIGINT      NOT NULL,
  until_seq BIGINT      NOT NULL,
  begun_at  BIGINT      NOT NULL
);
INSERT INTO scrub (name, after_seq, until_seq, begun_at) VALUES ('archive', 0, 0, 0);

-- archived studies whose object was not what it should be when it was looked at last
CREATE TABLE archive_damage (
  study_id VARCHAR(64) NOT NULL PRIMARY KEY REFERENCES study (study_id),
  code     VARCHAR(32) NOT NULL,
  found_at BIGINT      NOT NULL,
  seen_at  BIGINT      NOT NULL
);
