CREATE TABLE portcullis_one_time (
    id UUID PRIMARY KEY,
    purpose TEXT NOT NULL,
    user_id UUID NOT NULL,
    digest BYTEA NOT NULL UNIQUE,
    email_key TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- open, used, dead
    life TEXT NOT NULL DEFAULT 'open'
);
CREATE INDEX portcullis_one_time_open ON portcullis_one_time (user_id, purpose) WHERE life = 'open';
CREATE INDEX portcullis_one_time_user_id ON portcullis_one_time (user_id);
CREATE INDEX portcullis_one_time_expires_at ON portcullis_one_time (expires_at);
