//! Units, persons, posts and how they sign in. Everything is dated: what was true on a day stays readable.

pub mod absences;
pub mod accounts;
pub mod persons;
pub mod posts;
pub mod sessions;
mod standing;
pub mod tokens;
pub mod units;

pub use persons::Person;
pub use posts::Post;
pub(crate) use standing::joint_units;
pub use standing::{Held, Standing};
pub use units::Unit;

/// The role of belonging to a unit (所属): every staff member has it, once as main and once per 併任.
pub const AFFILIATION: &str = "-";

use crate::{Error, FieldError, Result};

/// Longest name, in characters.
const NAME_MAX: usize = 200;

/// Refuses an empty or overlong text, and characters that hide or reorder what is read.
pub(crate) fn check_line(field: &str, text: &str, required: bool) -> Result<()> {
    let error = |ja: &str, en: &str| {
        Err(Error::invalid(vec![FieldError { field: field.to_owned(), message: crate::error::text(ja, en) }]))
    };
    if required && text.trim().is_empty() {
        return error("入力してください。", "This is required.");
    }
    if text.chars().count() > NAME_MAX {
        return error("200文字以内で入力してください。", "Use at most 200 characters.");
    }
    if text.chars().any(crate::text::is_refused_in_line) {
        return error("使えない制御文字が含まれています。", "It contains control characters, which are not allowed.");
    }
    Ok(())
}
