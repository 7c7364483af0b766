//! Controls over what was recorded: verdicts, findings, scores.
//!
//! 1. [`Snapshot`] holds everything that controls can read.
//! 2. [`evaluate`] says of every control and subject whether it holds, and why not; silence never counts as kept.
//! 3. [`dirty`] finds what a change can move, so that an incremental run equals a full one of the same day.

mod asked;
mod assessment;
pub mod dirty;
pub mod evaluate;
mod evaluator;
pub mod load;
pub mod names;
mod snapshot;
mod state;

pub use assessment::{Assessment, change};
pub use evaluate::{Circumstances, Exception, Verdict};
pub use evaluator::{Evaluator, Round};
pub use snapshot::Snapshot;
pub use state::{Counts, State};
