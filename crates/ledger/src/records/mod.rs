//! Records of registers: written with checked fields, numbered, versioned, found, and seen by whom the register says.

mod adopt;
mod check;
mod fold;
mod follow;
mod history;
mod keys;
mod list;
mod noted;
mod number;
mod paper;
mod search;
mod value;
mod write;

pub use adopt::{Adopted, Passage, adopt, note_passage};
pub use fold::fold;
pub(crate) use follow::follow;
pub use history::{
    AsOf, Reference, VersionOf, as_of, counts_as_of, references_from, references_to, referring, versions,
};
pub(crate) use keys::{clear as clear_index, rebuild_search};
pub use list::{Filter, Listing, PAGE_MAX, Page, Query, Sort, TOTAL_MAX, asked_for, every, list};
pub(crate) use noted::is_top_secret;
pub use noted::{note_list, note_read, noted};
pub use paper::{PAPER_FIELDS, Paper, papers};
pub use search::{Found, search};
pub(crate) use value::from_expression;
pub use value::{for_expressions, from_typed};
pub use write::{Change, NewRecord, create, defaults, edit, move_state, move_unit, reindex, step};
pub(crate) use write::{expect_version, locked};

use pack::model::Register;
use serde_json::{Map, Value as Json};

use crate::people::Standing;
use crate::store::{Row, Sql};
use crate::visibility;
use crate::{Day, Error, Id, Kind, Moment, Reading, Result};

/// A record as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its id.
    pub id: Id,
    /// Its register.
    pub register: String,
    /// Its number, such as 令和8年度持出第12号.
    pub number: String,
    /// What it is called in lists.
    pub name: String,
    /// The unit that it belongs to.
    pub unit: Id,
    /// Its state.
    pub state: String,
    /// Who created it; none for an import.
    pub applicant: Option<Id>,
    /// For whom it was entered from paper (代理入力).
    pub entered_for: Option<Id>,
    /// Counts its changes, from 1; an edit has to name the one that it saw.
    pub version: i64,
    /// The pack version under which it was last written.
    pub pack: String,
    /// When it was created.
    pub created: Moment,
    /// When it was last changed.
    pub changed: Moment,
    /// The day it came into its state.
    pub entered: Day,
    /// The day it came into a final state.
    pub ended: Option<Day>,
    /// When its content was destroyed at the end of its retention.
    pub disposed: Option<Moment>,
    /// Its fields by id; empty ones are absent.
    pub fields: Map<String, Json>,
}

impl Record {
    /// The text, the choice or the class in a field; none when it is empty.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field)?.as_str()
    }

    /// The day in a field.
    pub fn day(&self, field: &str) -> Option<Day> {
        self.text(field)?.parse().ok()
    }

    /// The number in a field.
    pub fn int(&self, field: &str) -> Option<i64> {
        self.fields.get(field)?.as_i64()
    }

    /// The texts of a list.
    pub fn texts(&self, field: &str) -> Vec<&str> {
        let values = self.fields.get(field).and_then(Json::as_array);
        values.map(|values| values.iter().filter_map(Json::as_str).collect()).unwrap_or_default()
    }
}

/// The columns of `record r JOIN record_version v`, in the order that [`read`] takes them.
pub(crate) const COLUMNS: &str = "r.id, r.register, r.number, r.name, r.unit_id, r.state, r.applicant, r.entered_for, \
     r.version, r.pack, r.created_at, r.changed_at, r.entered_day, r.final_day, r.disposed_at, v.fields";

/// What [`COLUMNS`] are read from.
pub(crate) const TABLES: &str = "record r JOIN record_version v ON v.record_id = r.id AND v.version = r.version";

pub(crate) fn read(row: &Row) -> Result<Record> {
    let fields = match row.opt_text(15)? {
        None => Map::new(),
        Some(text) => {
            serde_json::from_str(&text).map_err(|error| Error::broken(format!("a record's fields: {error}")))?
        }
    };
    Ok(Record {
        id: row.id(0)?,
        register: row.text(1)?,
        number: row.text(2)?,
        name: row.text(3)?,
        unit: row.id(4)?,
        state: row.text(5)?,
        applicant: row.opt_id(6)?,
        entered_for: row.opt_id(7)?,
        version: row.int(8)?,
        pack: row.text(9)?,
        created: row.moment(10)?,
        changed: row.moment(11)?,
        entered: row.day(12)?,
        ended: row.opt_day(13)?,
        disposed: row.opt_moment(14)?,
        fields,
    })
}

/// A record, whoever asks. For the program's own needs; people are answered by [`get`].
pub async fn stored(reading: &mut Reading, id: Id) -> Result<Option<Record>> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM ").push(TABLES).push(" WHERE r.id = ").bind(id);
    reading.row_if_any(sql).await?.as_ref().map(read).transpose()
}

/// All records of a register in the order of their creation, whoever asks. For assurance, exports and moves.
pub async fn all_stored(reading: &mut Reading, register: &str) -> Result<Vec<Record>> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM ").push(TABLES).push(" WHERE r.register = ").bind(register);
    sql.push(" ORDER BY r.id");
    reading.rows(sql).await?.iter().map(read).collect()
}

/// Records of one page of [`stored_page`].
const STORED_PAGE: i64 = 1000;

/// The next records of a register after an id, in the order of their creation, whoever asks; empty after the last.
pub(crate) async fn stored_page(reading: &mut Reading, register: &str, after: Option<Id>) -> Result<Vec<Record>> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM ").push(TABLES).push(" WHERE r.register = ").bind(register);
    if let Some(after) = after {
        sql.push(" AND r.id > ").bind(after);
    }
    sql.push(" ORDER BY r.id").limit(STORED_PAGE);
    reading.rows(sql).await?.iter().map(read).collect()
}

/// The unique rules of a register that count for these fields, each with the key of its values.
pub(crate) fn unique_of(register: &Register, fields: &Map<String, Json>) -> Vec<(String, String)> {
    keys::unique_keys(register, fields).into_iter().map(|(_, rule, key)| (rule, key)).collect()
}

/// A record of a register that the reader may see; one that the reader may not see does not exist.
pub async fn get(reading: &mut Reading, standing: Option<&Standing>, register: &Register, id: Id) -> Result<Record> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM ").push(TABLES).push(" WHERE r.id = ").bind(id);
    sql.push(" AND r.register = ")
        .bind(&register.id)
        .push(" AND ")
        .append(&visibility::of_register(standing, register));
    let row = reading.row_if_any(sql).await?;
    read(&row.ok_or_else(|| Error::not_found(&register.title.ja, register.title.pick(true)))?)
}

/// The same, none when it is not there or the reader may not see it; what goes wrong otherwise stays an error.
pub async fn seen(
    reading: &mut Reading,
    standing: Option<&Standing>,
    register: &Register,
    id: Id,
) -> Result<Option<Record>> {
    match get(reading, standing, register, id).await {
        Ok(record) => Ok(Some(record)),
        Err(error) if error.kind() == Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The record with this number that the reader may see.
pub async fn by_number(
    reading: &mut Reading,
    standing: Option<&Standing>,
    register: &Register,
    number: &str,
) -> Result<Option<Record>> {
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS).push(" FROM ").push(TABLES).push(" WHERE r.register = ").bind(&register.id);
    sql.push(" AND r.number = ").bind(number).push(" AND ").append(&visibility::of_register(standing, register));
    reading.row_if_any(sql).await?.as_ref().map(read).transpose()
}

/// The register of this id in a pack.
pub fn register<'a>(pack: &'a pack::Pack, id: &str) -> Result<&'a Register> {
    pack.register(id).ok_or_else(|| {
        let ids: Vec<&str> = pack.registers.iter().map(|register| register.id.as_str()).collect();
        Error::new(
            crate::Kind::NotFound,
            format!("「{id}」という台帳はありません。次のどれかです：{}", ids.join(", ")),
            format!("There is no register '{id}'. There are: {}.", ids.join(", ")),
        )
    })
}
