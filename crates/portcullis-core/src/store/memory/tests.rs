//! The contract, tried on the store in memory.

mod conformance {
    use crate::store::memory::Memory;

    crate::testing::conformance! {
        test = tokio::test(flavor = "multi_thread", worker_threads = 2),
        store = Memory::new(),
        spawn = tokio::spawn,
    }
}
