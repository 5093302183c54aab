CREATE TABLE portcullis_throttle (
    key TEXT COLLATE "C" PRIMARY KEY,
    full_at BIGINT NOT NULL
);
CREATE INDEX portcullis_throttle_full_at ON portcullis_throttle (full_at);
