//! The one place that reads the clock.

use std::time::SystemTime;

use ledger::Moment;

/// Now, read once per operation.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock; everyone else is given the moment")]
pub(crate) fn now() -> Moment {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
