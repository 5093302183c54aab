-- The refresh tokens of a session: digests, never tokens.
CREATE TABLE portcullis_refresh (
    session_id TEXT PRIMARY KEY,
    generation BIGINT NOT NULL,
    salt BLOB NOT NULL,
    key_id TEXT NOT NULL,
    previous BLOB,
    newest BLOB NOT NULL,
    repeats BIGINT NOT NULL,
    used_at BIGINT,
    idle_expires_at BIGINT NOT NULL
);

-- A trigger and not a foreign key: it must work for programs that leave foreign keys off.
CREATE TRIGGER portcullis_session_delete AFTER DELETE ON portcullis_session BEGIN
    DELETE FROM portcullis_refresh WHERE session_id = OLD.id;
END;
