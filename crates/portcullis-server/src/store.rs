//! Opening the database.

use crate::config::{Database, ServerConfig};
use crate::exit::{Failure, with_causes};
use portcullis::config::variable;
use portcullis::core::Core;
use portcullis::core::clock::{Clock, SystemClock};
use portcullis::core::keys::Keys;
use portcullis::core::rng::OsRng;
use portcullis::core::secret::Token;
use portcullis::core::store::Store;
use portcullis::core::token::jwt::Jwt;
use portcullis::hashing::{HashConfig, HashPool};
use portcullis::{OpenError, Postgres, Sqlite};
use secrecy::SecretString;
use std::sync::Arc;

/// Opens the database that the settings name.
pub async fn open(database: &Database) -> Result<Arc<dyn Store>, Failure> {
    let opened = match database {
        Database::Memory => Sqlite::open("sqlite::memory:").await.map(|store| Arc::new(store) as Arc<dyn Store>),
        Database::File(file) => {
            Sqlite::open(file.to_string_lossy()).await.map(|store| Arc::new(store) as Arc<dyn Store>)
        }
        Database::Postgres(urls) => {
            Postgres::connect(&urls.join(",")).await.map(|store| Arc::new(store) as Arc<dyn Store>)
        }
    };
    opened.map_err(|error| match error {
        OpenError::NoPrimary { .. } | OpenError::Refused(_) => Failure::unavailable(with_causes(&error)),
        settle => Failure::config(with_causes(&settle)),
    })
}

/// Opens the database for a command that only looks after what is there.
pub async fn open_existing(database: &Database) -> Result<Arc<dyn Store>, Failure> {
    if let Database::File(file) = database
        && !file.exists()
    {
        let name = variable("DATABASE_URL");
        return Err(Failure::config(format!("there is no database {}: is {name} right?", file.display())));
    }
    open(database).await
}

/// The rules over the database, for a command on the console: migrated, but without the checks and the admin of a
/// start, because some of these commands settle what keeps a start from happening.
pub async fn console(config: &ServerConfig) -> Result<Core, Failure> {
    let store = open_existing(&config.database).await?;
    store.migrate(SystemClock.now()).await?;
    // No console command signs or reads anything, so without a secret a random one does.
    let secret = config.auth.secret_key.clone();
    let secret = secret.unwrap_or_else(|| SecretString::from(Token::random(&OsRng).expose()));
    let keys = Keys::derive(secret).map_err(|weak| Failure::config(format!("PORTCULLIS_SECRET_KEY {weak}")))?;
    let tokens = Arc::new(Jwt::hs256(keys.access(), "portcullis"));
    let hasher = HashPool::start(HashConfig::default()).map_err(|error| Failure::system(with_causes(&error)))?;
    let rules = config.auth.rules();
    Ok(Core::new(store, Arc::new(hasher), tokens, Arc::new(SystemClock), Arc::new(OsRng), keys, rules))
}
