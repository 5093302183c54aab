-- What we know of an account besides its row in "user". No foreign keys to "user": a tool that rebuilds that table
-- (as Alembic does on SQLite) would take these rows with it. Triggers keep them beside it instead.
CREATE TABLE portcullis_account (
    user_id UUID PRIMARY KEY,
    username TEXT UNIQUE,
    profile TEXT,
    kind TEXT NOT NULL DEFAULT 'person',
    epoch BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    dev_superuser BOOLEAN NOT NULL DEFAULT FALSE,
    -- Tokens without a session that were issued before this moment are dead.
    legacy_dead_before BIGINT
);
CREATE INDEX portcullis_account_created_at ON portcullis_account (created_at, user_id);
CREATE INDEX portcullis_account_guest ON portcullis_account (user_id) WHERE kind = 'guest';

-- The identity that an address stands for. NULL: somebody else wrote the row and the key is not computed yet.
-- clash: it was computed, and another account has it; nothing can be stored until one of the addresses changes.
CREATE TABLE portcullis_email (
    user_id UUID PRIMARY KEY,
    key TEXT COLLATE "C" UNIQUE,
    clash BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE INDEX portcullis_email_missing ON portcullis_email (user_id) WHERE key IS NULL AND NOT clash;

-- Single facts about this database: when it was adopted, how far the feed was purged.
CREATE TABLE portcullis_meta (
    key TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
