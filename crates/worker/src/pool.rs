//! The templates that wait for a request. A template is used by one request at a time, and is thrown away after any failure and
//! after some files: children of one template have the same layout of memory, so that whoever guesses wrong has to guess anew.

use std::io;
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use crate::template::Template;

/// Files of one template.
const FILES: u32 = 50;
/// How long a template waits for the next file.
const IDLE: Duration = Duration::from_secs(10);

/// Templates of a program.
#[derive(Debug)]
pub(crate) struct Pool {
    program: PathBuf,
    this: Weak<Pool>,
    waiting: Mutex<Row>,
}

#[derive(Debug, Default)]
struct Row {
    templates: Vec<Waiting>,
    /// A thread looks after those that wait too long.
    swept: bool,
}

/// A template with what the pool knows of it.
#[derive(Debug)]
pub(crate) struct Waiting {
    template: Template,
    kind: String,
    files: u32,
    since: Instant,
}

impl Deref for Waiting {
    type Target = Template;

    fn deref(&self) -> &Template {
        &self.template
    }
}

impl DerefMut for Waiting {
    fn deref_mut(&mut self) -> &mut Template {
        &mut self.template
    }
}

impl Pool {
    pub(crate) fn new(program: PathBuf) -> Arc<Self> {
        Arc::new_cyclic(|this| Self { program, this: this.clone(), waiting: Mutex::default() })
    }

    /// A template of this kind: one that waits, or a new one.
    pub(crate) fn take(&self, kind: &str) -> io::Result<Waiting> {
        let mut row = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = row.templates.iter().rposition(|waiting| waiting.kind == kind) {
            return Ok(row.templates.swap_remove(at));
        }
        drop(row);
        let template = Template::start(&self.program, kind)?;
        Ok(Waiting { template, kind: kind.to_owned(), files: 0, since: Instant::now() })
    }

    /// Keeps a template whose last child answered.
    pub(crate) fn put_back(&self, mut waiting: Waiting) {
        waiting.files += 1;
        waiting.since = Instant::now();
        if waiting.files >= FILES {
            return;
        }
        let mut row = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        row.templates.push(waiting);
        if !row.swept {
            let pool = self.this.clone();
            row.swept = thread::Builder::new().name("worker-pool".to_owned()).spawn(move || sweep(&pool)).is_ok();
        }
    }
}

/// Ends templates that have waited too long, until none waits.
fn sweep(pool: &Weak<Pool>) {
    loop {
        thread::sleep(IDLE);
        let Some(pool) = pool.upgrade() else { return };
        let mut row = pool.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let (kept, ended) = std::mem::take(&mut row.templates).into_iter().partition(|w| w.since.elapsed() < IDLE);
        row.templates = kept;
        row.swept = !row.templates.is_empty();
        let more = row.swept;
        drop(row);
        drop::<Vec<Waiting>>(ended);
        if !more {
            return;
        }
    }
}
