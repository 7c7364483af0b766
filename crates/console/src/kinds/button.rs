//! What a button of a panel did, and the answer to it.

use axum::response::Response;
use ledger::records::{Change, Record};
use ledger::{Kind, Operation, Result as LedgerResult};
use pack::model::Register;
use serde_json::{Map, Value as Json};

use super::wrong;
use crate::page::fault::Fault;
use crate::page::flash::Flash;
use crate::page::lang::Lang;
use crate::page::posted::Posted;

/// What a button did: in words, and where one goes on.
pub(super) struct Done {
    pub(super) says: String,
    pub(super) to: Option<String>,
}

impl Done {
    pub(super) fn here(says: impl Into<String>) -> Self {
        Self { says: says.into(), to: None }
    }

    /// Something was written into the record that the button stands on.
    pub(super) fn written(record: &Record, lang: Lang) -> Self {
        Self::here(match lang {
            Lang::Ja => format!("{}に書き込みました。", record.number),
            Lang::En => format!("Written to {}.", record.number),
        })
    }
}

/// The outcome of a button: done, or what was missing in the form.
pub(super) type Marked = LedgerResult<Result<Done, String>>;

/// The change that a button asks for: an ordinary edit of the version that the reader saw.
pub(super) fn change(posted: &Posted, fields: Map<String, Json>) -> Change {
    Change { version: posted.text("version").parse().ok().or(Some(0)), fields, reason: None }
}

/// Writes what a button did, or writes nothing and says on the page why; `registers` know the labels of the fields.
pub(super) async fn answer(
    op: Operation,
    marked: Marked,
    registers: &[&Register],
    here: &str,
    lang: Lang,
) -> Result<Response, Fault> {
    match marked {
        Ok(Ok(Done { says, to })) => {
            op.commit().await?;
            Ok(Flash::done(says).at(to.as_deref().unwrap_or(here)))
        }
        Ok(Err(says)) => Ok(Flash::failed(says).at(here)),
        Err(error) if error.kind() == Kind::Invalid => Ok(Flash::failed(wrong(registers, &error, lang)).at(here)),
        Err(error) => Err(error.into()),
    }
}
