-- What we put on "user", and the triggers that write the feed. Not a numbered step: their presence is checked, and
-- this is run again whenever one is missing. PostgreSQL 14 or newer.
--
-- The functions run with the rights of their owner and find our tables whatever the search path of the program is whose
-- statement fires them. NOTIFY only wakes those who listen, and only where something is revoked: every
-- notifying commit of a database waits for the others.

-- One address is one account, as fastapi-users compares it (and its query finds it by this index).
CREATE UNIQUE INDEX IF NOT EXISTS portcullis_user_email ON "user" (lower(email));

CREATE OR REPLACE FUNCTION portcullis_user_insert() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    moment BIGINT := extract(epoch FROM clock_timestamp()) * 1000000;
BEGIN
    INSERT INTO portcullis_account (user_id, created_at) VALUES (NEW.id, moment) ON CONFLICT DO NOTHING;
    INSERT INTO portcullis_email (user_id) VALUES (NEW.id) ON CONFLICT DO NOTHING;
    INSERT INTO portcullis_event (kind, user_id, at) VALUES ('user', NEW.id, moment);
    RETURN NULL;
END $$;

-- A hash that is replaced by one with the same parameters is a new password and ends what the old one opened; one
-- with other parameters is the same password, hashed anew at a login. The parameters of the argon2id hashes that
-- both sides write end at the 31st character, those of bcrypt at the 7th.
CREATE OR REPLACE FUNCTION portcullis_user_update() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    moment BIGINT := extract(epoch FROM clock_timestamp()) * 1000000;
BEGIN
    IF OLD IS NOT DISTINCT FROM NEW THEN
        RETURN NULL;
    END IF;
    INSERT INTO portcullis_event (kind, user_id, at) VALUES ('user', NEW.id, moment);
    IF OLD.email IS DISTINCT FROM NEW.email THEN
        UPDATE portcullis_email SET key = NULL, clash = FALSE WHERE user_id = NEW.id;
    END IF;
    IF OLD.is_active IS DISTINCT FROM NEW.is_active
        OR (OLD.hashed_password IS DISTINCT FROM NEW.hashed_password AND (
            left(OLD.hashed_password, 31) = left(NEW.hashed_password, 31)
            OR (left(OLD.hashed_password, 2) = '$2' AND left(OLD.hashed_password, 7) = left(NEW.hashed_password, 7))))
    THEN
        UPDATE portcullis_account SET epoch = epoch + 1, legacy_dead_before = moment WHERE user_id = NEW.id;
    END IF;
    IF OLD.is_active IS DISTINCT FROM NEW.is_active OR OLD.is_superuser IS DISTINCT FROM NEW.is_superuser THEN
        PERFORM pg_notify('portcullis_event', '');
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION portcullis_user_delete() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    moment BIGINT := extract(epoch FROM clock_timestamp()) * 1000000;
BEGIN
    UPDATE portcullis_session SET ended_at = moment, end_reason = 'deleted'
        WHERE impersonator_id = OLD.id AND ended_at IS NULL;
    DELETE FROM portcullis_session WHERE user_id = OLD.id;
    DELETE FROM portcullis_one_time WHERE user_id = OLD.id;
    UPDATE portcullis_device SET status = 'rejected', live = FALSE
        WHERE status IN ('pending', 'approved') AND (approved_by = OLD.id OR claimed_by = OLD.id);
    DELETE FROM portcullis_email WHERE user_id = OLD.id;
    DELETE FROM portcullis_account WHERE user_id = OLD.id;
    INSERT INTO portcullis_event (kind, user_id, at) VALUES ('user', OLD.id, moment);
    PERFORM pg_notify('portcullis_event', '');
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION portcullis_account_epoch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO portcullis_event (kind, user_id, at)
        VALUES ('user', NEW.user_id, extract(epoch FROM clock_timestamp()) * 1000000);
    PERFORM pg_notify('portcullis_event', '');
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION portcullis_session_end() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO portcullis_event (kind, session_id, at)
        VALUES ('session', NEW.id, extract(epoch FROM clock_timestamp()) * 1000000);
    PERFORM pg_notify('portcullis_event', '');
    RETURN NULL;
END $$;

DO $$
DECLARE
    name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY['user_insert', 'user_update', 'user_delete', 'account_epoch', 'session_end'] LOOP
        EXECUTE format('ALTER FUNCTION portcullis_%s() SET search_path = %I, pg_temp', name, current_schema());
    END LOOP;
END $$;

CREATE OR REPLACE TRIGGER portcullis_user_insert AFTER INSERT ON "user"
    FOR EACH ROW EXECUTE FUNCTION portcullis_user_insert();
CREATE OR REPLACE TRIGGER portcullis_user_update AFTER UPDATE ON "user"
    FOR EACH ROW EXECUTE FUNCTION portcullis_user_update();
CREATE OR REPLACE TRIGGER portcullis_user_delete AFTER DELETE ON "user"
    FOR EACH ROW EXECUTE FUNCTION portcullis_user_delete();
CREATE OR REPLACE TRIGGER portcullis_account_epoch AFTER UPDATE OF epoch ON portcullis_account
    FOR EACH ROW WHEN (OLD.epoch IS DISTINCT FROM NEW.epoch) EXECUTE FUNCTION portcullis_account_epoch();
CREATE OR REPLACE TRIGGER portcullis_session_end AFTER UPDATE OF ended_at ON portcullis_session
    FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL) EXECUTE FUNCTION portcullis_session_end();

-- Somebody who loads data may have switched them off and forgotten to switch them on.
ALTER TABLE "user" ENABLE TRIGGER portcullis_user_insert;
ALTER TABLE "user" ENABLE TRIGGER portcullis_user_update;
ALTER TABLE "user" ENABLE TRIGGER portcullis_user_delete;
ALTER TABLE portcullis_account ENABLE TRIGGER portcullis_account_epoch;
ALTER TABLE portcullis_session ENABLE TRIGGER portcullis_session_end;
