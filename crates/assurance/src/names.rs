//! Subjects as text, for the store and for addresses: `city`, `unit:ID`, `record:REGISTER:ID`, `fact:SOURCE:KEY`.

use std::sync::Arc;

use ledger::Id;
use pack::expr::Subject;
use pack::model::Subjects;

use crate::Snapshot;

/// The text of a subject. A row of facts is named by its key, which stays when the next file has it in another place.
pub fn text(subject: &Subject, world: &Snapshot) -> String {
    match subject {
        Subject::Municipality => "city".to_owned(),
        Subject::Unit(id) => format!("unit:{}", Id::from_number(*id)),
        Subject::Person(id) => format!("person:{}", Id::from_number(*id)),
        Subject::Post(id) => format!("post:{}", Id::from_number(*id)),
        Subject::Record { register, id } => format!("record:{register}:{}", Id::from_number(*id)),
        Subject::Fact { source, .. } => format!("fact:{source}:{}", world.label(subject)),
    }
}

/// The subject of a text; none when it names nothing that is there.
pub fn subject(text: &str, world: &Snapshot) -> Option<Subject> {
    let id = |text: &str| text.parse::<Id>().ok().map(Id::number);
    let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
    let subject = match kind {
        "city" => Subject::Municipality,
        "unit" => Subject::Unit(id(rest)?),
        "person" => Subject::Person(id(rest)?),
        "post" => Subject::Post(id(rest)?),
        "record" => {
            let (register, record) = rest.split_once(':')?;
            Subject::Record { register: Arc::from(register), id: id(record)? }
        }
        "fact" => {
            let (source, key) = rest.split_once(':')?;
            let rows = world.subjects(&Subjects::Source(source.to_owned()));
            rows.into_iter().find(|row| world.label(row) == key)?
        }
        _ => return None,
    };
    world.contains(&subject).then_some(subject)
}
