//! Everything that reads outside bytes, behind a pipe: request and answer as bytes, for a worker that has nothing but a pipe.
//!
//! A request is one line of JSON ([`Request`]) and then the files' bytes one after the other; the answer is JSON: what
//! [`Work`] says beside each kind. Nothing here does I/O.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::claims::Claims;
use crate::dialects::{Options, read_configurations};
use crate::document::Day;
use crate::flows::judge_logs;
use crate::source::{At, Message, Problem};

/// What is to be read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Work {
    /// The files of one device; answers a [`Configuration`](crate::ir::Configuration).
    Configuration {
        /// Its name.
        device: String,
        /// What the person said beside the files.
        options: Options,
    },
    /// One `claims.toml`; answers [`Claims`] and a list of [`Problem`].
    Claims,
    /// One `network.toml`; answers a list of [`DeviceEntry`](crate::network::DeviceEntry) and a list of [`Problem`].
    Network {
        /// The claims whose zones it names.
        claims: Claims,
    },
    /// Logs; answers a [`FlowReport`](crate::flows::FlowReport).
    Flows {
        /// What is permitted.
        claims: Claims,
        /// The day whose flows are meant.
        on: Day,
    },
}

/// The head of a request.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Request {
    work: Work,
    /// Names and lengths of the files.
    files: Vec<(String, usize)>,
}

/// Files by name.
type Files = Vec<(String, Vec<u8>)>;

/// The request for some work on files.
pub fn request(work: Work, files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let lengths = files.iter().map(|(name, bytes)| (name.clone(), bytes.len())).collect();
    let mut out = serde_json::to_vec(&Request { work, files: lengths }).unwrap_or_default();
    out.push(b'\n');
    for (_, bytes) in files {
        out.extend_from_slice(bytes);
    }
    out
}

/// What the worker does: a request's bytes in, an answer's out. A damaged request has an empty answer, which is none.
pub fn read(bytes: &[u8]) -> Vec<u8> {
    opened(bytes).and_then(|(work, files)| done(work, files).ok()).unwrap_or_default()
}

fn opened(bytes: &[u8]) -> Option<(Work, Files)> {
    let end = bytes.iter().position(|&byte| byte == b'\n')?;
    let head: Request = serde_json::from_slice(bytes.get(..end)?).ok()?;
    let mut rest = bytes.get(end + 1..)?;
    let mut files = Vec::with_capacity(head.files.len().min(1_000));
    for (name, length) in head.files {
        let (file, behind) = rest.split_at_checked(length)?;
        files.push((name, file.to_vec()));
        rest = behind;
    }
    Some((head.work, files))
}

fn done(work: Work, files: Files) -> Result<Vec<u8>, serde_json::Error> {
    let first = || files.first().map(|(_, bytes)| bytes.as_slice()).unwrap_or_default();
    match work {
        Work::Configuration { device, options } => serde_json::to_vec(&read_configurations(&device, files, &options)),
        Work::Claims => serde_json::to_vec(&document(first(), Claims::read)),
        Work::Network { claims } => serde_json::to_vec(&document(first(), |text| crate::network::read(text, &claims))),
        Work::Flows { claims, on } => {
            let texts: Vec<_> =
                files.iter().map(|(name, bytes)| (name.as_str(), String::from_utf8_lossy(bytes))).collect();
            serde_json::to_vec(&judge_logs(&claims, texts.iter().map(|(name, text)| (*name, text.as_ref())), on))
        }
    }
}

/// A text that people write: bytes that are no UTF-8 are a problem at their line.
fn document<T: Default>(bytes: &[u8], read: impl FnOnce(&str) -> (T, Vec<Problem>)) -> (T, Vec<Problem>) {
    let wrong = match std::str::from_utf8(bytes) {
        Ok(text) => return read(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(wrong) => wrong.valid_up_to(),
    };
    let before = bytes.get(..wrong).unwrap_or_default();
    let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
    let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let column = String::from_utf8_lossy(before.get(start..).unwrap_or_default()).chars().count() + 1;
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let message = Message::new("UTF-8のテキストではありません", "this is no UTF-8 text");
    let at = At { file: 0, line: number(line), column: number(column) };
    (T::default(), vec![Problem { at, message, fatal: true }])
}

/// What an answer says.
///
/// # Errors
/// When the bytes are no answer of this kind.
pub fn answer<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(bytes)
}
