//! The contract of [`crate::store`] as test cases, the same for every store.
//!
//! ```
//! mod conformance {
//!     use portcullis_core::testing::Memory;
//!
//!     portcullis_core::testing::conformance! {
//!         test = tokio::test(flavor = "multi_thread"),
//!         store = Memory::new(),
//!         spawn = tokio::spawn,
//!     }
//! }
//! ```
//!
//! makes one test per case, in one module per feature: `conformance::one_time::of_fifty_parallel_resets_one_wins`.
//!
//! * `test` is the attribute that makes a test of an async function. With several threads the races are real ones.
//! * `store` is evaluated in each test and gives an **empty** store of its own, migrated or not: a [`Subject`], so
//!   either a store, or a pair of a store and something that must live as long (a temporary folder). Names in it are
//!   looked up in the module that calls the macro; paths that begin with `self` or `super` would be off by one.
//! * `spawn` starts a task, so that a race may run on all threads.
//!
//! Every case migrates the store first, and checks the audit rows that it caused. A refused operation is checked to
//! have changed nothing.

mod list;
mod race;
mod world;

mod account;
mod account_change;
mod account_delete;
mod audit;
mod device;
mod device_decide;
mod device_redeem;
mod event;
mod hook;
mod impersonation;
mod legacy;
mod lifecycle;
mod one_time;
mod outbox;
mod purge;
mod refresh;
mod revoke;
mod session;
mod session_list;
mod superuser;
mod throttle;
mod verify;

pub use race::Spawner;
pub use world::World;

use crate::store::Store;
use futures_util::future::BoxFuture;
use std::any::Any;
use std::sync::Arc;

/// One promise, tried.
#[derive(Clone, Copy)]
pub struct Case {
    /// Which feature it belongs to.
    pub feature: &'static str,
    /// What is promised, as a sentence with underscores.
    pub name: &'static str,
    /// Tries it; panics when it does not hold.
    pub run: fn(World) -> BoxFuture<'static, ()>,
}

macro_rules! table {
    ({} $($feature:ident { $($case:ident,)* })*) => {
        /// Every case, for those who cannot use the macro.
        pub const CASES: &[Case] = &[$($(Case {
            feature: stringify!($feature),
            name: stringify!($case),
            run: |world| Box::pin($feature::$case(world)),
        },)*)*];
    };
}

crate::conformance_cases!([table] {});

/// Something to be tried: a store, or a store and what it needs to live.
pub trait Subject {
    /// The store, and what must be kept until the case is over.
    fn into_parts(self) -> (Arc<dyn Store>, Box<dyn Any + Send>);
}

impl<S: Store + 'static> Subject for S {
    fn into_parts(self) -> (Arc<dyn Store>, Box<dyn Any + Send>) {
        (Arc::new(self), Box::new(()))
    }
}

impl<S: Store + 'static, G: Any + Send> Subject for (S, G) {
    fn into_parts(self) -> (Arc<dyn Store>, Box<dyn Any + Send>) {
        (Arc::new(self.0), Box::new(self.1))
    }
}

/// Runs one case; what the macro's tests call.
///
/// # Panics
///
/// When the promise does not hold, and when there is no such case.
#[doc(hidden)]
pub async fn run(feature: &str, name: &str, subject: impl Subject, spawn: impl Spawner + 'static) {
    let case = CASES.iter().find(|case| case.feature == feature && case.name == name);
    let case = case.unwrap_or_else(|| panic!("there is no case {feature}::{name}"));
    let (store, guard) = subject.into_parts();
    (case.run)(World::new(store, Arc::new(spawn))).await;
    drop(guard);
}
