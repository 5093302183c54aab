-- The feed of changes. Numbers are drawn before commits and say nothing about their order, so a row carries its
-- transaction: whoever has read up to a snapshot goes on with every transaction that was not over then. The triggers
-- that write it: guards.sql.
CREATE TABLE portcullis_event (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind TEXT NOT NULL,
    user_id UUID,
    session_id UUID,
    at BIGINT NOT NULL,
    xid XID8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX portcullis_event_xid ON portcullis_event (xid);
CREATE INDEX portcullis_event_at ON portcullis_event (at);
