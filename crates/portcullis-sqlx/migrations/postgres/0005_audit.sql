CREATE TABLE portcullis_audit (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    event TEXT NOT NULL,
    result TEXT NOT NULL,
    reason TEXT,
    actor_kind TEXT NOT NULL,
    actor_id UUID,
    session_id UUID,
    impersonator_id UUID,
    subject_id UUID,
    object_id UUID,
    peer TEXT,
    agent TEXT,
    request_id TEXT NOT NULL,
    details TEXT NOT NULL
);
CREATE INDEX portcullis_audit_at ON portcullis_audit (at);
CREATE INDEX portcullis_audit_event ON portcullis_audit (event, id);
CREATE INDEX portcullis_audit_actor_id ON portcullis_audit (actor_id, id) WHERE actor_id IS NOT NULL;
CREATE INDEX portcullis_audit_impersonator_id ON portcullis_audit (impersonator_id, id) WHERE impersonator_id IS NOT NULL;
CREATE INDEX portcullis_audit_subject_id ON portcullis_audit (subject_id, id) WHERE subject_id IS NOT NULL;
