//! `portcullis user list|promote|demote`
//!
//! For whoever can read the database anyway. Everything is written to the audit trail with the actor `console`.

use super::flags::StoreFlags;
use super::{for_programs, json, runtime, say};
use crate::config::table;
use crate::exit::Failure;
use crate::store::console;
use portcullis::core::Core;
use portcullis::core::account::{UpdateAccount, UpdateError, User as Account};
use portcullis::core::actor::Actor;
use portcullis::core::email_address::EmailKey;
use portcullis::core::ids::UserId;
use serde_json::json;
use uuid::Uuid;

/// Look at accounts and change them from the console
#[derive(Debug, clap::Subcommand)]
pub enum User {
    /// List accounts, oldest first
    List {
        /// Write JSON, also to a terminal
        #[arg(long)]
        json: bool,
        /// How many to leave out at the beginning
        #[arg(long, default_value_t = 0)]
        offset: u32,
        /// How many to list
        #[arg(long, default_value_t = 100)]
        limit: u32,
        #[command(flatten)]
        flags: StoreFlags,
    },
    /// Make an account a superuser, and keep one that dev mode made
    Promote {
        /// Its id or email address
        account: String,
        #[command(flatten)]
        flags: StoreFlags,
    },
    /// Make a superuser an ordinary user
    Demote {
        /// Its id or email address
        account: String,
        #[command(flatten)]
        flags: StoreFlags,
    },
}

impl User {
    pub fn run(self) -> Result<(), Failure> {
        runtime()?.block_on(async {
            match self {
                Self::List { json, offset, limit, flags } => {
                    list(&console(&flags.load()?).await?, json, offset, limit).await
                }
                Self::Promote { account, flags } => promote(&console(&flags.load()?).await?, &account).await,
                Self::Demote { account, flags } => demote(&console(&flags.load()?).await?, &account).await,
            }
        })
    }
}

async fn list(core: &Core, as_json: bool, offset: u32, limit: u32) -> Result<(), Failure> {
    let page = core.store.list_users(offset, limit).await?;
    if for_programs(as_json) {
        let entry = |user: &Account| {
            json!({
                "id": user.id.to_string(),
                "email": user.email,
                "is_active": user.is_active,
                "is_superuser": user.is_superuser,
                "is_verified": user.is_verified,
            })
        };
        let items: Vec<_> = page.items.iter().map(entry).collect();
        say(&json(&json!({ "items": items, "total": page.total, "offset": offset, "limit": limit }))?);
    } else {
        let row = |user: &Account| [user.id.to_string(), user.email.clone(), flags_of(user)];
        say(&table(&page.items.iter().map(row).collect::<Vec<_>>()));
        say(&format!("{} of {}\n", page.items.len(), page.total));
    }
    Ok(())
}

fn flags_of(user: &Account) -> String {
    let words = [(!user.is_active, "inactive"), (user.is_superuser, "superuser"), (user.is_verified, "verified")];
    words.into_iter().filter_map(|(on, word)| on.then_some(word)).collect::<Vec<_>>().join(", ")
}

async fn promote(core: &Core, account: &str) -> Result<(), Failure> {
    let user = find(core, account).await?;
    let user = core.promote_user(&core.context(), user.id).await?.ok_or_else(|| nobody(account))?;
    say(&format!("{} ({}) is a superuser\n", user.email, user.id));
    Ok(())
}

async fn demote(core: &Core, account: &str) -> Result<(), Failure> {
    let user = find(core, account).await?;
    let change = UpdateAccount { is_superuser: Some(false), ..UpdateAccount::default() };
    match core.update_user(&core.context(), Actor::Console, user.id, change).await {
        Ok(user) => {
            say(&format!("{} ({}) is an ordinary user\n", user.email, user.id));
            Ok(())
        }
        Err(UpdateError::NotFound) => Err(nobody(account)),
        Err(UpdateError::LastSuperuser) => {
            Err(Failure::refused(format!("{} is the last active superuser: promote another one first", user.email)))
        }
        Err(UpdateError::Store(error)) => Err(error.into()),
        Err(error) => Err(Failure::defect(error.to_string())),
    }
}

async fn find(core: &Core, account: &str) -> Result<Account, Failure> {
    let found = match account.parse::<Uuid>() {
        Ok(id) => core.store.find_user(UserId(id)).await?,
        Err(_) => {
            let found = core.store.find_credentials_by_email(account, &EmailKey::of(account)).await?;
            found.map(|credentials| credentials.user)
        }
    };
    found.ok_or_else(|| nobody(account))
}

fn nobody(account: &str) -> Failure {
    Failure::refused(format!("there is no account {account:?}: `portcullis user list` shows them"))
}
