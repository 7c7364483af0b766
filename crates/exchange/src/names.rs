//! What people call persons, units and records in a table, and whom they mean.

use std::collections::HashMap;

use ledger::people::{Standing, persons, units};
use ledger::{Day, Id, Reading, Result, Sql, records};
use pack::Pack;
use unicode_normalization::UnicodeNormalization as _;

/// Everyone and every unit, both ways.
#[derive(Debug, Default)]
pub struct Names {
    persons: HashMap<Id, (String, String)>,
    person_by_code: HashMap<String, Id>,
    person_by_name: HashMap<String, Vec<Id>>,
    units: HashMap<Id, (String, String)>,
    unit_by_code: HashMap<String, Vec<(Id, bool)>>,
    unit_by_name: HashMap<String, Vec<(Id, bool)>>,
    records: HashMap<(String, String), Option<Id>>,
}

/// Characters that CP932 has under another code point than Unicode's own name for them, each with the one that it has.
const SAME_IN_CP932: &[(char, char)] = &[('〜', '～'), ('−', '－'), ('‖', '∥'), ('—', '―')];

/// Text as it is compared: NFKC, without spaces around, and the same whether it went through CP932 or not.
pub(crate) fn plain(text: &str) -> String {
    in_cp932(text.trim()).nfkc().collect()
}

/// A label in the characters that CP932 has, where there is one that looks the same. For words of the policy, which are found
/// again by [`plain`]; never for what somebody wrote.
pub(crate) fn in_cp932(label: &str) -> String {
    let same = |c: char| SAME_IN_CP932.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to);
    label.chars().map(same).collect()
}

impl Names {
    /// Reads everyone and every unit as of a day.
    pub async fn load(reading: &mut Reading, day: Day) -> Result<Self> {
        let mut names = Self::default();
        for person in persons::all(reading).await? {
            names.person_by_code.insert(plain(&person.code), person.id);
            let shown = person.name_shown.clone().unwrap_or_else(|| person.name.clone());
            if person.active(day) {
                names.person_by_name.entry(squeezed(&person.name)).or_default().push(person.id);
            }
            names.persons.insert(person.id, (person.code, shown));
        }
        for unit in units::all(reading).await? {
            let open = unit.open(day);
            names.unit_by_code.entry(plain(&unit.code)).or_default().push((unit.id, open));
            names.unit_by_name.entry(squeezed(&unit.name)).or_default().push((unit.id, open));
            names.units.insert(unit.id, (unit.code, unit.name));
        }
        Ok(names)
    }

    /// A person as a table shows it: 職員番号 and name.
    pub fn person(&self, id: Id) -> Option<String> {
        self.persons.get(&id).map(|(code, name)| format!("{code} {name}"))
    }

    /// A unit as a table shows it: code and name.
    pub fn unit(&self, id: Id) -> Option<String> {
        self.units.get(&id).map(|(code, name)| format!("{code} {name}"))
    }

    /// The person meant: by 職員番号, alone or before a name, or by a name that only one person in service has.
    pub fn find_person(&self, text: &str) -> Option<Id> {
        let text = plain(text);
        let by_code = |code: &str| self.person_by_code.get(code).copied();
        by_code(&text).or_else(|| text.split_once(' ').and_then(|(code, _)| by_code(code))).or_else(|| {
            match self.person_by_name.get(&squeezed(&text)).map(Vec::as_slice) {
                Some([only]) => Some(*only),
                _ => None,
            }
        })
    }

    /// The unit meant: by code, alone or before a name, or by a name that only one open unit has. An open unit comes before a
    /// closed one of the same code.
    pub fn find_unit(&self, text: &str) -> Option<Id> {
        let text = plain(text);
        let by_code = |code: &str| {
            let units = self.unit_by_code.get(code)?;
            units.iter().find(|(_, open)| *open).or(units.last()).map(|(id, _)| *id)
        };
        by_code(&text).or_else(|| text.split_once(' ').and_then(|(code, _)| by_code(code))).or_else(|| {
            let open: Vec<Id> =
                self.unit_by_name.get(&squeezed(&text))?.iter().filter(|(_, open)| *open).map(|(id, _)| *id).collect();
            if let [only] = open.as_slice() { Some(*only) } else { None }
        })
    }

    /// The record with this number that the actor may see.
    pub async fn find_record(
        &mut self,
        reading: &mut Reading,
        pack: &Pack,
        standing: Option<&Standing>,
        register: &str,
        number: &str,
    ) -> Result<Option<Id>> {
        let key = (register.to_owned(), number.trim().to_owned());
        if let Some(known @ Some(_)) = self.records.get(&key) {
            return Ok(*known);
        }
        let found = match pack.register(register) {
            Some(register) => records::by_number(reading, standing, register, &key.1).await?.map(|record| record.id),
            None => None,
        };
        self.records.insert(key, found);
        Ok(found)
    }
}

/// A name without any space, since offices write 山田　太郎 and 山田太郎.
fn squeezed(name: &str) -> String {
    name.nfkc().filter(|c| !c.is_whitespace()).collect()
}

/// The numbers of these records.
pub(crate) async fn numbers(reading: &mut Reading, ids: &[Id]) -> Result<HashMap<Id, String>> {
    named(reading, "record", "number", ids).await
}

/// The names of these files.
pub(crate) async fn files(reading: &mut Reading, ids: &[Id]) -> Result<HashMap<Id, String>> {
    named(reading, "file", "name", ids).await
}

async fn named(reading: &mut Reading, table: &str, column: &str, ids: &[Id]) -> Result<HashMap<Id, String>> {
    let mut found = HashMap::new();
    for part in ids.chunks(500) {
        let mut sql = Sql::default();
        sql.push("SELECT id, ").push(column).push(" FROM ").push(table).push(" WHERE id IN ");
        sql.bind_all(part.iter().copied());
        for row in reading.rows(sql).await? {
            found.insert(row.id(0)?, row.text(1)?);
        }
    }
    Ok(found)
}
