//! What the console works with.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use ledger::journal::entry::hex;
use ledger::{Actor, Ledger, Moment, Operation, Reading};
use pack::Pack;

use crate::health::Counts;
use crate::page::fault::Fault;
use crate::search::Folded;
use crate::throttle::Throttle;

/// Tells the moment, in milliseconds since 1970-01-01T00:00:00Z. The binary gives the system's clock, a demo a shifted one.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Opens an uploaded zip in a worker; none when it is not one. Called off the async threads.
pub type Unpack = Arc<dyn Fn(&[u8]) -> Option<pack::Source> + Send + Sync>;

/// Reads a table in a worker. Called off the async threads.
pub type ReadTable = Arc<dyn Fn(&[u8]) -> Result<tables::Table, tables::Problem> + Send + Sync>;

/// Attempts to sign in that one address may make, and in how many minutes. An office behind one address signs in together at 8:30.
const SIGN_INS: (u32, i64) = (120, 5);
/// Reports without signing in that one address may send, and in how many minutes. In an outage many report at once.
const REPORTS: (u32, i64) = (60, 10);

/// How the console is run.
#[derive(Clone)]
pub struct Settings {
    /// Whether browsers reach it over TLS; cookies then are sent over nothing else.
    pub secure: bool,
    /// The clock.
    pub clock: Clock,
}

/// Whether the numbers on the pages follow what is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// They do.
    Follow,
    /// The evaluation of this start is under way: they are those of an earlier run, as of then.
    Awaited(Moment),
    /// The evaluation has failed since then.
    Still(Moment),
}

struct Inner {
    ledger: Ledger,
    settings: Settings,
    pack: RwLock<Arc<Pack>>,
    sign_ins: Throttle,
    reports: Throttle,
    counts: Counts,
    unpack: OnceLock<Unpack>,
    read_table: OnceLock<ReadTable>,
    address: OnceLock<String>,
    numbers: Mutex<Numbers>,
    folded: Mutex<Option<(Arc<Pack>, Arc<Folded>)>>,
}

/// The state of a running console. Cheap to clone.
#[derive(Clone)]
pub struct State(Arc<Inner>);

impl State {
    /// A console on this ledger, under this policy.
    pub fn new(ledger: Ledger, pack: Arc<Pack>, settings: Settings) -> Self {
        Self(Arc::new(Inner {
            ledger,
            settings,
            pack: RwLock::new(pack),
            sign_ins: Throttle::new(SIGN_INS.0, SIGN_INS.1),
            reports: Throttle::new(REPORTS.0, REPORTS.1),
            counts: Counts::default(),
            unpack: OnceLock::new(),
            read_table: OnceLock::new(),
            address: OnceLock::new(),
            numbers: Mutex::new(Numbers::Follow),
            folded: Mutex::new(None),
        }))
    }

    /// The policy in force.
    pub fn pack(&self) -> Arc<Pack> {
        Arc::clone(&self.0.pack.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The texts of the policy in force as search compares them.
    pub(crate) fn folded(&self) -> Arc<Folded> {
        let pack = self.pack();
        let mut kept = self.0.folded.lock().unwrap_or_else(PoisonError::into_inner);
        match kept.as_ref() {
            Some((of, folded)) if Arc::ptr_eq(of, &pack) => Arc::clone(folded),
            _ => {
                let folded = Arc::new(Folded::of(&pack));
                *kept = Some((pack, Arc::clone(&folded)));
                folded
            }
        }
    }

    /// Puts another policy in force.
    pub fn put_in_force(&self, pack: Arc<Pack>) {
        *self.0.pack.write().unwrap_or_else(PoisonError::into_inner) = pack;
    }

    /// Says that everything is being evaluated since the start; until it is, every page says as of when its numbers are.
    pub fn evaluating(&self, as_of: Moment) {
        *self.0.numbers.lock().unwrap_or_else(PoisonError::into_inner) = Numbers::Awaited(as_of);
    }

    /// Says whether the last round of assurance went through; while it does not, every page of numbers says since when they
    /// stand still.
    pub fn evaluated(&self, went_through: bool) {
        let now = self.now();
        let mut numbers = self.0.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        *numbers = match *numbers {
            _ if went_through => Numbers::Follow,
            Numbers::Still(since) => Numbers::Still(since),
            Numbers::Follow | Numbers::Awaited(_) => Numbers::Still(now),
        };
    }

    /// Whether the numbers follow what is recorded.
    pub(crate) fn numbers(&self) -> Numbers {
        *self.0.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says how an uploaded zip is opened; without it the console offers no upload of a policy. The first one counts.
    pub fn unpack_with(&self, unpack: Unpack) {
        let _ = self.0.unpack.set(unpack);
    }

    /// Says how an uploaded table is read; without it the console offers no import. The first one counts.
    pub fn read_tables_with(&self, read: ReadTable) {
        let _ = self.0.read_table.set(read);
    }

    /// Says at which address people reach the console, such as `https://sekimori.example`; without it passkeys, which belong
    /// to an address, are not offered. The first one counts.
    pub fn reached_at(&self, address: &str) {
        let _ = self.0.address.set(address.trim_end_matches('/').to_owned());
    }

    pub(crate) fn address(&self) -> Option<&str> {
        self.0.address.get().map(String::as_str)
    }

    pub(crate) fn table_reader(&self) -> Option<ReadTable> {
        self.0.read_table.get().cloned()
    }

    pub(crate) fn unpacker(&self) -> Option<Unpack> {
        self.0.unpack.get().cloned()
    }

    pub(crate) fn counts(&self) -> &Counts {
        &self.0.counts
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn now(&self) -> Moment {
        Moment((self.0.settings.clock)())
    }

    pub(crate) async fn reading(&self, actor: Actor) -> Result<Reading, Fault> {
        Ok(self.0.ledger.reading(actor, self.now()).await?)
    }

    pub(crate) async fn operation(&self, actor: Actor) -> Result<Operation, Fault> {
        Ok(self.0.ledger.operation(actor, self.now()).await?)
    }

    /// A random name for a visitor's cookie.
    pub(crate) fn random_name(&self) -> Option<String> {
        Some(hex(&self.0.ledger.random(16).ok()?))
    }

    /// Refuses an address that tries to sign in too often. One that is not known is not counted: whole offices would share it.
    pub(crate) fn slow_down(&self, address: Option<IpAddr>) -> Result<(), Fault> {
        if address.is_none() { Ok(()) } else { self.0.sign_ins.attempt(address, self.now()) }
    }

    /// Refuses an address that reports too often without signing in.
    pub(crate) fn slow_reports(&self, address: Option<IpAddr>) -> Result<(), Fault> {
        self.0.reports.attempt(address, self.now())
    }

    /// The cookie that holds a session's secret.
    pub(crate) fn session_cookie(&self) -> &'static str {
        if self.0.settings.secure { "__Host-sekimori" } else { "sekimori" }
    }

    /// The cookie of a visitor who has not signed in, from which the proof in the sign-in form is derived.
    pub(crate) fn visitor_cookie(&self) -> &'static str {
        if self.0.settings.secure { "__Host-visitor" } else { "visitor" }
    }
}
