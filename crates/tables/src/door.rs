//! Reading a table behind a pipe: the request is the file's bytes, the answer a [`Table`] or a [`Problem`] as JSON.

use crate::{Problem, Table};

/// What the worker does.
pub fn read(request: &[u8], _mark: &mut dyn FnMut(&[u8])) -> Vec<u8> {
    serde_json::to_vec(&crate::read(request)).unwrap_or_default()
}

/// The table of an answer.
///
/// # Errors
/// What the worker said, or that its answer is damaged.
pub fn answer(bytes: &[u8]) -> Result<Table, Problem> {
    serde_json::from_slice(bytes).unwrap_or_else(|_| {
        Err(Problem::new("表の読取りの答えが壊れています。", "The answer of the table reader is damaged."))
    })
}
