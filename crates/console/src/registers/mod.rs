//! Every register by one set of pages: places of the menu, list, detail, form, print. What differs is in the pack.

mod change;
mod detail;
pub(crate) mod form;
pub(crate) mod list;
mod paper;
mod pick;
mod place;
mod print;
mod resolve;
mod seals;
pub(crate) mod value;

pub(crate) use change::{act, create, edit, edit_form, new_form};
pub(crate) use detail::show;
pub(crate) use list::list;
pub(crate) use pick::{people as pick_people, records as pick_records};
pub(crate) use place::place;
pub(crate) use print::print;
pub(crate) use resolve::person as named_person;

use ledger::decisions::{self, Answer, Back};
use ledger::people::Standing;
use ledger::records::{self, Change, Record, papers, references_from};
use ledger::{Id, Operation, Reading};
use pack::Pack;
use pack::model::{Field, FieldType, Register, State, Transition, TransitionRole};

use crate::page::fault::Fault;
use crate::page::lang::Lang;
use value::{Names, RecordName, Wanted};

/// The register of an address.
pub(crate) fn register<'a>(pack: &'a Pack, id: &str) -> Result<&'a Register, Fault> {
    pack.register(id).ok_or(Fault::NotFound)
}

/// An id of an address.
fn id(text: &str) -> Result<Id, Fault> {
    text.parse().map_err(|_| Fault::NotFound)
}

/// The address of a record.
pub(crate) fn address(register: &str, id: Id) -> String {
    format!("/registers/{}/{id}", crate::page::link::encode(register))
}

/// Whether values of a field refer to records.
fn refers(field: &Field) -> bool {
    match &field.ty {
        FieldType::Ref(_) => true,
        FieldType::List(inner) => matches!(inner.as_ref(), FieldType::Ref(_)),
        _ => false,
    }
}

/// Names of everything that these records of a register refer to, and of their papers, as far as the reader may see it.
pub(crate) async fn names(
    reading: &mut Reading,
    pack: &Pack,
    standing: &Standing,
    register: &Register,
    records: &[Record],
) -> Result<Names, Fault> {
    let mut wanted = Wanted::default();
    for record in records {
        wanted.add(&register.fields, &record.fields);
        wanted.units.insert(record.unit);
        wanted.people.extend(record.applicant);
        wanted.people.extend(record.entered_for);
    }
    wanted.files.extend(papers(reading, records).await?.values().map(|paper| paper.scan));
    let mut names = wanted.people_and_units(reading).await?;
    for file in &wanted.files {
        // A file that the reader may not see stays without a name.
        if let Ok(found) = ledger::files::get(reading, pack, Some(standing), *file).await {
            names.files.insert(*file, (found.name, found.size));
        }
    }
    if register.fields.iter().any(refers) {
        for reference in references_from(reading, pack, Some(standing), register, records).await? {
            let other = reference.record;
            names
                .records
                .insert(other.id, RecordName { register: other.register, number: other.number, name: other.name });
        }
    }
    Ok(names)
}

/// Takes a transition by the door that it belongs to: an ordinary step, or an answer in a decision. `back` says where a 差戻し
/// goes.
#[expect(clippy::too_many_arguments, reason = "one operation's whole context, as in the ledger")]
pub(crate) async fn take(
    op: &mut Operation,
    pack: &Pack,
    standing: &Standing,
    register: &Register,
    id: Id,
    transition: &Transition,
    change: Change,
    back: Back,
) -> ledger::Result<Record> {
    let Change { version, fields, reason } = change;
    let answer = Answer { version, remark: reason.clone(), fields: fields.clone() };
    match transition.role {
        TransitionRole::Step => {
            let change = Change { version, fields, reason };
            records::step(op, pack, Some(standing), register, id, transition, change).await
        }
        TransitionRole::Decides => decisions::agree(op, pack, standing, register, id, answer).await,
        TransitionRole::Refuses => decisions::refuse(op, pack, standing, register, id, answer).await,
        TransitionRole::Returns => decisions::send_back(op, pack, standing, register, id, back, answer).await,
        TransitionRole::Withdraws => decisions::withdraw(op, pack, standing, register, id, answer).await,
    }
}

/// A state's label and the colour of its tag.
pub(crate) fn state_tag(register: &Register, state: &str, lang: Lang) -> (String, &'static str) {
    let Some(found) = register.state(state) else { return (state.to_owned(), "") };
    (lang.of(&found.label).to_owned(), state_colour(register, found))
}

/// Refused and lost are bad, waiting for a decision is a warning, final is quiet, the rest is in use.
fn state_colour(register: &Register, state: &State) -> &'static str {
    use pack::model::TransitionRole::{Decides, Refuses};
    let transitions = &register.lifecycle.transitions;
    let refused = transitions.iter().any(|t| t.to == state.id && t.role == Refuses);
    let waiting = transitions.iter().any(|t| t.role == Decides && t.from.contains(&state.id));
    match state.id.as_str() {
        "lost" | "expired" => "bad",
        _ if refused && state.is_final => "bad",
        _ if waiting => "warn",
        _ if state.is_final => "",
        _ if state.id == register.lifecycle.initial => "none",
        _ => "key",
    }
}
