//! The identity of addresses: the unique key beside each account.
//!
//! A row of `"user"` that another program wrote has no key yet: a trigger leaves it NULL, because NFKC and case folding
//! are not things that a database does. Whoever is about to take a key computes the missing ones first, in the same
//! transaction, so that accounts of every origin take part in uniqueness.

use super::dialect::{Conn, ask, id};
use super::row::{text, uuid};
use portcullis_core::email_address::EmailKey;
use portcullis_core::ids::UserId;
use portcullis_core::store::StoreError;
use sqlx::{query, query_scalar};

const MISSING: &str = concat!(
    "SELECT user_id FROM portcullis_email WHERE key IS NULL AND NOT clash ORDER BY user_id LIMIT $1",
    for_update!()
);

const ANY_MISSING: &str = "SELECT EXISTS (SELECT 1 FROM portcullis_email WHERE key IS NULL AND NOT clash)";

const ADDRESS: &str = r#"SELECT email FROM "user" WHERE id = $1"#;

const DROP: &str = "DELETE FROM portcullis_email WHERE user_id = $1";

const CLAIM: &str = "INSERT INTO portcullis_email (user_id, key) VALUES ($1, $2) ON CONFLICT DO NOTHING";

const NOTE_CLASH: &str = "INSERT INTO portcullis_email (user_id, clash) VALUES ($1, TRUE)";

/// How many missing keys one transaction computes at most.
pub(super) const BATCH: i64 = 500;

/// Gives `user` the key, unless another account has it. A row that was there goes first: replacing it is the one form
/// in which a taken key is an outcome, and not an error that would spoil the transaction.
pub(super) async fn claim(conn: &mut Conn, user: UserId, key: &EmailKey) -> Result<bool, StoreError> {
    ask(query(DROP).bind(id(user)).execute(&mut *conn)).await?;
    let claimed = query(CLAIM).bind(id(user)).bind(text(key.as_str()));
    Ok(ask(claimed.execute(conn)).await?.rows_affected() == 1)
}

/// Computes missing keys, at most [`BATCH`], and says how many there were.
pub(super) async fn fill_missing(conn: &mut Conn) -> Result<usize, StoreError> {
    let mut filled = 0;
    let rows = ask(query(MISSING).bind(BATCH).fetch_all(&mut *conn)).await?;
    for row in &rows {
        // An id that another program made and that is no UUID opens nothing here, and must not stop the others.
        let Ok(user) = uuid(row, "user_id").map(UserId) else { continue };
        // Read after its side row is held: the address cannot change any more without this transaction's end.
        let address: Option<String> = ask(query_scalar(ADDRESS).bind(id(user)).fetch_optional(&mut *conn)).await?;
        match address {
            None => {
                ask(query(DROP).bind(id(user)).execute(&mut *conn)).await?;
            }
            Some(address) => {
                filled += 1;
                let key = EmailKey::of(&address);
                if !storable(&key) || !claim(conn, user, &key).await? {
                    ask(query(DROP).bind(id(user)).execute(&mut *conn)).await?;
                    tracing::warn!(user.id = %user, "another program gave an account an address that is taken");
                    ask(query(NOTE_CLASH).bind(id(user)).execute(&mut *conn)).await?;
                }
            }
        }
    }
    Ok(filled)
}

/// Whether a key fits into an index. Compatibility forms may grow it beyond, but no address that we accept does.
pub(super) fn storable(key: &EmailKey) -> bool {
    key.as_str().len() <= 2000
}

/// Whether there are keys to compute.
pub(super) async fn any_missing(conn: &mut Conn) -> Result<bool, StoreError> {
    ask(query_scalar(ANY_MISSING).fetch_one(conn)).await
}
