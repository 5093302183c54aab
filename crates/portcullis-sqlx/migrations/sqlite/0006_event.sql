-- The feed of changes. There is one writer at a time, so numbers and commits come in the same order;
-- AUTOINCREMENT keeps a number from being used again after a purge. The triggers that write it: guards.sql.
CREATE TABLE portcullis_event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    user_id TEXT,
    session_id TEXT,
    at BIGINT NOT NULL
);
CREATE INDEX portcullis_event_at ON portcullis_event (at);
