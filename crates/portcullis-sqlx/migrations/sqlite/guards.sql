-- What we put on "user", and the triggers that write the feed. Not a numbered step: a tool that rebuilds "user" drops
-- its triggers and indexes, so their presence is checked and this is run again whenever one is missing.
--
-- The triggers also fire for other programs, perhaps with an older SQLite: only what 3.24 knows stands here. None of
-- those on our own tables names "user", or renaming a rebuilt table to "user" would fail.

-- One address is one account, as fastapi-users compares it (and its query finds it by this index).
CREATE UNIQUE INDEX IF NOT EXISTS portcullis_user_email ON "user" (lower(email));

CREATE TRIGGER IF NOT EXISTS portcullis_user_insert AFTER INSERT ON "user" BEGIN
    INSERT INTO portcullis_account (user_id, created_at)
        VALUES (NEW.id, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
        ON CONFLICT DO NOTHING;
    INSERT INTO portcullis_email (user_id) VALUES (NEW.id) ON CONFLICT DO NOTHING;
    INSERT INTO portcullis_event (kind, user_id, at)
        VALUES ('user', NEW.id, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER));
END;

-- A hash that is replaced by one with the same parameters is a new password and ends what the old one opened; one
-- with other parameters is the same password, hashed anew at a login. The parameters of the argon2id hashes that
-- both sides write end at the 31st character, those of bcrypt at the 7th.
CREATE TRIGGER IF NOT EXISTS portcullis_user_update AFTER UPDATE ON "user"
WHEN OLD.email IS NOT NEW.email OR OLD.hashed_password IS NOT NEW.hashed_password
    OR OLD.is_active IS NOT NEW.is_active OR OLD.is_superuser IS NOT NEW.is_superuser
    OR OLD.is_verified IS NOT NEW.is_verified
BEGIN
    INSERT INTO portcullis_event (kind, user_id, at)
        VALUES ('user', NEW.id, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER));
    UPDATE portcullis_email SET key = NULL, clash = 0 WHERE user_id = NEW.id AND OLD.email IS NOT NEW.email;
    UPDATE portcullis_account
        SET epoch = epoch + 1,
            legacy_dead_before = CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)
        WHERE user_id = NEW.id AND (
            OLD.is_active IS NOT NEW.is_active
            OR (OLD.hashed_password IS NOT NEW.hashed_password AND (
                substr(OLD.hashed_password, 1, 31) = substr(NEW.hashed_password, 1, 31)
                OR (substr(OLD.hashed_password, 1, 2) = '$2'
                    AND substr(OLD.hashed_password, 1, 7) = substr(NEW.hashed_password, 1, 7)))));
END;

CREATE TRIGGER IF NOT EXISTS portcullis_user_delete AFTER DELETE ON "user" BEGIN
    UPDATE portcullis_session
        SET ended_at = CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER), end_reason = 'deleted'
        WHERE impersonator_id = OLD.id AND ended_at IS NULL;
    DELETE FROM portcullis_session WHERE user_id = OLD.id;
    DELETE FROM portcullis_one_time WHERE user_id = OLD.id;
    UPDATE portcullis_device SET status = 'rejected', live = 0
        WHERE status IN ('pending', 'approved') AND (approved_by = OLD.id OR claimed_by = OLD.id);
    DELETE FROM portcullis_email WHERE user_id = OLD.id;
    DELETE FROM portcullis_account WHERE user_id = OLD.id;
    INSERT INTO portcullis_event (kind, user_id, at)
        VALUES ('user', OLD.id, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER));
END;

CREATE TRIGGER IF NOT EXISTS portcullis_account_epoch AFTER UPDATE OF epoch ON portcullis_account
WHEN OLD.epoch IS NOT NEW.epoch
BEGIN
    INSERT INTO portcullis_event (kind, user_id, at)
        VALUES ('user', NEW.user_id, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER));
END;

CREATE TRIGGER IF NOT EXISTS portcullis_session_end AFTER UPDATE OF ended_at ON portcullis_session
WHEN OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL
BEGIN
    INSERT INTO portcullis_event (kind, session_id, at)
        VALUES ('session', NEW.id, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER));
END;
