//! The contract of a store, as every store has to keep it.

#[cfg(feature = "sqlite")]
mod sqlite_file {
    portcullis_core::testing::conformance! {
        test = tokio::test(flavor = "multi_thread", worker_threads = 4),
        store = crate::support::sqlite_file().await,
        spawn = tokio::spawn,
    }
}

#[cfg(feature = "sqlite")]
mod sqlite_memory {
    portcullis_core::testing::conformance! {
        test = tokio::test(flavor = "multi_thread", worker_threads = 4),
        store = crate::support::sqlite_memory().await,
        spawn = tokio::spawn,
    }
}

#[cfg(feature = "postgres")]
mod postgres {
    portcullis_core::testing::conformance! {
        test = tokio::test(flavor = "multi_thread", worker_threads = 4),
        store = match crate::support::postgres().await {
            Some(store) => store,
            None => return,
        },
        spawn = tokio::spawn,
    }
}
