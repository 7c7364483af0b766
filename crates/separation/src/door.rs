//! Reading configurations behind a pipe: request and answer as bytes, for a worker that has nothing but a pipe.
//!
//! A request is one line of JSON ([`Request`]) and then the files' bytes one after the other; the answer is a
//! [`Configuration`] as JSON. Nothing here does I/O.

use serde::{Deserialize, Serialize};

use crate::dialects::{Options, read_configurations};
use crate::ir::Configuration;
use crate::reading::Reading;
use crate::source::{At, Message};

/// The head of a request.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Request {
    device: String,
    options: Options,
    /// Names and lengths of the files.
    files: Vec<(String, usize)>,
}

/// The request for the files of one device.
pub fn request(device: &str, files: &[(String, Vec<u8>)], options: &Options) -> Vec<u8> {
    let lengths = files.iter().map(|(name, bytes)| (name.clone(), bytes.len())).collect();
    let head = Request { device: device.to_owned(), options: options.clone(), files: lengths };
    let mut out = serde_json::to_vec(&head).unwrap_or_default();
    out.push(b'\n');
    for (_, bytes) in files {
        out.extend_from_slice(bytes);
    }
    out
}

/// What the worker does: a request's bytes in, an answer's out.
pub fn read(bytes: &[u8]) -> Vec<u8> {
    let configuration = read_request(bytes).unwrap_or_else(|| {
        let mut reading = Reading::new("", Vec::new());
        reading
            .fatal(At::default(), Message::new("読み取りの依頼が壊れています", "the request to the reader is damaged"));
        reading.finish()
    });
    serde_json::to_vec(&configuration).unwrap_or_default()
}

fn read_request(bytes: &[u8]) -> Option<Configuration> {
    let end = bytes.iter().position(|&byte| byte == b'\n')?;
    let head: Request = serde_json::from_slice(bytes.get(..end)?).ok()?;
    let mut rest = bytes.get(end + 1..)?;
    let mut files = Vec::with_capacity(head.files.len().min(1_000));
    for (name, length) in head.files {
        let (file, behind) = rest.split_at_checked(length)?;
        files.push((name, file.to_vec()));
        rest = behind;
    }
    Some(read_configurations(&head.device, files, &head.options))
}

/// The configuration of an answer.
///
/// # Errors
/// When the bytes are no answer.
pub fn answer(bytes: &[u8]) -> Result<Configuration, serde_json::Error> {
    serde_json::from_slice(bytes)
}
