//! `portcullis migrate status|up|collisions`

use super::flags::StoreFlags;
use super::{runtime, say};
use crate::exit::Failure;
use crate::store::{open, open_existing};
use portcullis::core::clock::{Clock, SystemClock};
use portcullis::core::store::Migrated;

/// Look after the database's schema; `serve` brings it up to date by itself
#[derive(Debug, clap::Subcommand)]
pub enum Migrate {
    /// Say whether the schema is the one that this version needs
    Status {
        #[command(flatten)]
        flags: StoreFlags,
    },
    /// Bring the schema to this version, and adopt the accounts of fastapi-users
    Up {
        #[command(flatten)]
        flags: StoreFlags,
    },
    /// List accounts whose addresses are one address, which must be settled before `up`
    Collisions {
        #[command(flatten)]
        flags: StoreFlags,
    },
}

impl Migrate {
    pub fn run(self) -> Result<(), Failure> {
        runtime()?.block_on(async {
            match self {
                Self::Status { flags } => status(&flags).await,
                Self::Up { flags } => up(&flags).await,
                Self::Collisions { flags } => collisions(&flags).await,
            }
        })
    }
}

async fn status(flags: &StoreFlags) -> Result<(), Failure> {
    let config = flags.load()?;
    let store = open_existing(&config.database).await?;
    match store.ready().await {
        Ok(()) => {
            say(&format!("{}: the schema is up to date\n", config.database));
            Ok(())
        }
        Err(error) if error.is_unavailable() => Err(error.into()),
        Err(_) => Err(Failure::refused(format!(
            "{}: the schema is not the one that this version needs: `portcullis migrate up` brings it up to date",
            config.database
        ))),
    }
}

async fn up(flags: &StoreFlags) -> Result<(), Failure> {
    let config = flags.load()?;
    let Migrated { applied, adopted, warnings } = open(&config.database).await?.migrate(SystemClock.now()).await?;
    for warning in warnings {
        say(&format!("warning: {warning}\n"));
    }
    if let Some(accounts) = adopted {
        say(&format!("{accounts} account(s) of fastapi-users were adopted\n"));
    }
    say(&format!("{}: {applied} step(s) applied, the schema is up to date\n", config.database));
    Ok(())
}

async fn collisions(flags: &StoreFlags) -> Result<(), Failure> {
    let config = flags.load()?;
    let collisions = open_existing(&config.database).await?.email_collisions().await?;
    if collisions.is_empty() {
        say("no two accounts share an address\n");
        return Ok(());
    }
    for collision in &collisions {
        say(&format!("{}\n", collision.key));
        for (id, email) in &collision.accounts {
            say(&format!("  {id}  {email}\n"));
        }
    }
    Err(Failure::config(format!(
        "{} address(es) belong to more than one account: change or delete all but one of each",
        collisions.len()
    )))
}
