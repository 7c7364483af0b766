//! The handle on one municipality's data.

use std::path::Path;
use std::sync::Arc;

use crate::operation::{Actor, Operation, Reading};
use crate::store::{Engine, Location, Store};
use crate::{Entropy, Moment, Result, records};

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

    /// Makes a store in a file that is filled in one go, such as a made-up city: nothing of it is safe, or found by search, before
    /// [`built`](Self::built), and what breaks off is thrown away. It has one connection, so that a snapshot ends before the next
    /// operation begins.
    pub async fn build(file: &Path, entropy: Arc<dyn Entropy>) -> Result<Self> {
        Ok(Self { store: Store::building(file).await?, entropy })
    }

    /// Ends [`build`](Self::build): makes the search index, and closes the file. It is safe once it has been synchronised.
    pub async fn built(&self, at: Moment) -> Result<()> {
        let mut op = self.operation(Actor::Machine("search"), at).await?;
        records::rebuild_search(&mut op).await?;
        op.commit().await?;
        self.close().await;
        Ok(())
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
