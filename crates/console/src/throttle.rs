//! How often one address may come to a door that is open without signing in.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use ledger::Moment;

use crate::page::fault::Fault;

/// Addresses remembered at most.
const ADDRESSES: usize = 10_000;

/// Counts attempts in windows of time that begin with an address's first. An unknown address is one address.
pub(crate) struct Throttle {
    window_ms: i64,
    most: u32,
    seen: Mutex<HashMap<Option<IpAddr>, (i64, u32)>>,
}

impl Throttle {
    /// So many attempts in so many minutes.
    pub(crate) fn new(most: u32, minutes: i64) -> Self {
        Self { window_ms: minutes * 60_000, most, seen: Mutex::default() }
    }

    /// Counts an attempt, and refuses it when it is one too many.
    pub(crate) fn attempt(&self, address: Option<IpAddr>, now: Moment) -> Result<(), Fault> {
        let now = now.0;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= ADDRESSES {
            seen.retain(|_, (since, _)| now - *since < self.window_ms);
        }
        let entry = seen.entry(address).or_insert((now, 0));
        if now - entry.0 >= self.window_ms {
            *entry = (now, 0);
        }
        entry.1 += 1;
        let wait = u32::try_from(self.window_ms / 1000).unwrap_or(u32::MAX);
        if entry.1 > self.most { Err(Fault::TooMany(wait)) } else { Ok(()) }
    }
}
