//! The gateway: what moves files and mail across zones. Its first piece is [`Sanitiser`], the way every file takes through
//! the sandboxed workers.

mod sanitiser;

pub use sanitiser::{Passed, Sanitiser};
