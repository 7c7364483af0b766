//! Bytes of a file to a table, by way of a worker.

use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tables::{FILE_BYTES_MAX, Problem, Table};
use worker::{Broker, Failure};

/// How long reading one file may take.
const READING_TIME: Duration = Duration::from_secs(60);
/// Greatest answer of the reader.
const ANSWER_BYTES: usize = 1 << 29;

/// Reads tables, each in a worker of its own.
#[derive(Debug, Clone)]
pub struct Intake {
    broker: Broker,
}

impl Intake {
    /// Workers of this program.
    pub fn new(program: impl Into<std::path::PathBuf>) -> Self {
        Self { broker: Broker::new(program).wall_clock(READING_TIME).answer_bytes(ANSWER_BYTES) }
    }

    /// Workers of the running binary.
    ///
    /// # Errors
    /// When the operating system does not say where the binary is.
    pub fn of_this_binary() -> std::io::Result<Self> {
        Ok(Self::new(std::env::current_exe()?))
    }

    /// Reads a file. Blocks until the worker has ended.
    ///
    /// # Errors
    /// When the file is no table, breaks a limit, or the worker did not end well.
    pub fn read(&self, bytes: &[u8]) -> Result<Table, Problem> {
        if bytes.len() > FILE_BYTES_MAX {
            let mib = FILE_BYTES_MAX >> 20;
            return Err(Problem::new(
                format!("ファイルが大きすぎます（{mib} MiBまで）。分けて取り込んでください。"),
                format!("The file is too large (at most {mib} MiB). Import it in parts."),
            ));
        }
        let answer = self.broker.call("table", bytes).map_err(refused)?;
        tables::door::answer(&answer)
    }
}

fn refused(failure: Failure) -> Problem {
    let (ja, en) = failure.words();
    Problem::new(
        format!("{ja}。表計算ソフトで開き、必要なシートだけを新しいファイルに保存し直してください。"),
        format!("{en}. Open it in a spreadsheet and save only the sheet that is needed to a new file."),
    )
}

/// SHA-256 of a file.
pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}
