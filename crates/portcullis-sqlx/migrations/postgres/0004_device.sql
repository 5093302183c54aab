CREATE TABLE portcullis_device (
    id UUID PRIMARY KEY,
    code BYTEA NOT NULL,
    secret BYTEA NOT NULL,
    status TEXT NOT NULL DEFAULT 'pending',
    -- Whether the code is taken by this row: until it is decided for good, or a later login finds it expired.
    live BOOLEAN NOT NULL DEFAULT TRUE,
    claimed_by UUID,
    approved_by UUID,
    approved_epoch BIGINT,
    session_id UUID,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    peer TEXT,
    agent TEXT
);
CREATE UNIQUE INDEX portcullis_device_live_code ON portcullis_device (code) WHERE live;
CREATE INDEX portcullis_device_code ON portcullis_device (code, created_at);
CREATE INDEX portcullis_device_approved_by ON portcullis_device (approved_by) WHERE approved_by IS NOT NULL;
CREATE INDEX portcullis_device_claimed_by ON portcullis_device (claimed_by) WHERE claimed_by IS NOT NULL;
CREATE INDEX portcullis_device_expires_at ON portcullis_device (expires_at);
