CREATE TABLE portcullis_session (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL,
    kind TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    peer TEXT,
    agent TEXT,
    epoch BIGINT NOT NULL,
    ended_at BIGINT,
    end_reason TEXT,
    -- For a minted session: the superuser, the epoch and the session that it hangs on.
    impersonator_id UUID,
    impersonator_epoch BIGINT,
    parent_session_id UUID
);
CREATE INDEX portcullis_session_user_id ON portcullis_session (user_id);
CREATE INDEX portcullis_session_impersonator_id ON portcullis_session (impersonator_id) WHERE impersonator_id IS NOT NULL;
CREATE INDEX portcullis_session_parent_id ON portcullis_session (parent_session_id) WHERE parent_session_id IS NOT NULL;
CREATE INDEX portcullis_session_expires_at ON portcullis_session (expires_at);
CREATE INDEX portcullis_session_ended_at ON portcullis_session (ended_at) WHERE ended_at IS NOT NULL;

-- Tokens from before sessions existed that were signed out, until they expire anyway.
CREATE TABLE portcullis_legacy_denial (
    digest BYTEA PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX portcullis_legacy_denial_expires_at ON portcullis_legacy_denial (expires_at);
