//! The handle on one municipality's data.

use std::path::Path;
use std::sync::Arc;

use crate::operation::{Actor, Operation, Reading};
use crate::store::{Engine, Location, Store};
use crate::{Entropy, Moment, Result};

/// An open store. Cheap to clone; one process opens a store once.
#[derive(Debug, Clone)]
pub struct Ledger {
    store: Store,
    entropy: Arc<dyn Entropy>,
}

impl Ledger {
    /// Opens a store that exists.
    pub async fn open(location: &Location, entropy: Arc<dyn Entropy>) -> Result<Self> {
        Ok(Self { store: Store::open(location, false).await?, entropy })
    }

    /// Opens a store, making its tables when it is empty.
    pub async fn create(location: &Location, entropy: Arc<dyn Entropy>) -> Result<Self> {
        Ok(Self { store: Store::open(location, true).await?, entropy })
    }

    /// Makes a store in a file that is filled in one go, such as a made-up city: nothing of it is safe before it is closed and its
    /// file synchronised, and what breaks off is thrown away.
    pub async fn build(file: &Path, entropy: Arc<dyn Entropy>) -> Result<Self> {
        Ok(Self { store: Store::building(file).await?, entropy })
    }

    /// The engine underneath.
    pub fn engine(&self) -> Engine {
        self.store.engine()
    }

    /// Random bytes from the same source as ids and salts, for what is not written.
    pub fn random(&self, length: usize) -> Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.entropy.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// Begins an operation that writes, by this actor at this moment.
    pub async fn operation(&self, actor: Actor, at: Moment) -> Result<Operation> {
        Ok(Operation::new(self.store.begin_write().await?, actor, at, Arc::clone(&self.entropy)))
    }

    /// A snapshot for this actor at this moment.
    pub async fn reading(&self, actor: Actor, at: Moment) -> Result<Reading> {
        Ok(Reading::new(self.store.begin_read().await?, actor, at))
    }

    /// Closes all connections; SQLite's log is folded into its file.
    pub async fn close(&self) {
        self.store.close().await;
    }
}
