-- A job belongs to an account and goes with it. "user" is the account table of Portcullis; its id is text here, a UUID
-- with hyphens.
CREATE TABLE job (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id CHAR(36) NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
    title TEXT NOT NULL CHECK (title <> '')
);
CREATE INDEX job_user_id ON job (user_id);
