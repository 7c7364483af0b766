//! Judgements as a person reads them: text for a terminal, and a sheet of HTML that prints.

mod html;
mod text;
mod words;

pub use html::html;
pub use text::text;
pub use words::Language;
