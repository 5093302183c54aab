-- The refresh tokens of a session: digests, never tokens.
CREATE TABLE portcullis_refresh (
    session_id UUID PRIMARY KEY REFERENCES portcullis_session (id) ON DELETE CASCADE,
    generation BIGINT NOT NULL,
    salt BYTEA NOT NULL,
    key_id TEXT NOT NULL,
    previous BYTEA,
    newest BYTEA NOT NULL,
    repeats BIGINT NOT NULL,
    used_at BIGINT,
    idle_expires_at BIGINT NOT NULL
);
