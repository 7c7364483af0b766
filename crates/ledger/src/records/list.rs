//! Lists of a register: filtered, sorted by keys, paged by keyset (or offset), within what the reader may see.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pack::Pack;
use pack::model::{FieldType, Register};
use serde_json::{Value as Json, json};

use super::value::from_typed;
use super::{COLUMNS, Record, TABLES, keys, read, search};
use crate::people::Standing;
use crate::store::{Row, Sql};
use crate::visibility;
use crate::{Error, Id, Reading, Result};

/// Counting stops here: "10,000+".
pub const TOTAL_MAX: i64 = 10_000;
/// Most records of a page.
pub const PAGE_MAX: usize = 500;
/// Most filters of a list.
const FILTERS_MAX: usize = 20;

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// The field has one of these values, as typed or as ids. `state`, `unit` (with the units below it), `applicant` and
    /// `number` are fields too.
    Is(String, Vec<String>),
    /// The field's value is this or greater.
    From(String, String),
    /// The field's value is this or less.
    To(String, String),
    /// The field is empty.
    Empty(String),
}

/// By what a list is sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// `number` (the order of numbering), `changed`, `name`, or a field that has an order.
    pub field: String,
    /// Greatest first.
    pub descending: bool,
}

/// Where a page begins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Page {
    /// At the start.
    #[default]
    First,
    /// After the page that gave this cursor.
    After(String),
    /// After this many records.
    Offset(u32),
}

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// All of these hold.
    pub filters: Vec<Filter>,
    /// Words to be found in the text; empty: any.
    pub search: String,
    /// The order; newest number first when none is given.
    pub sort: Option<Sort>,
    /// Where to begin.
    pub page: Page,
    /// Records of a page, 1 to [`PAGE_MAX`].
    pub limit: usize,
    /// Whether the total is wanted.
    pub count: bool,
}

/// A page.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Listing {
    /// The records.
    pub items: Vec<Record>,
    /// The cursor of the next page; none on the last.
    pub next: Option<String>,
    /// How many there are in all, at most [`TOTAL_MAX`]; 0 when not asked.
    pub total: i64,
    /// There are more than `total` says.
    pub total_capped: bool,
}

/// The columns that an order goes by.
struct Order {
    /// Columns before the id, which breaks ties; text or number.
    columns: &'static [&'static str],
    register: String,
    /// The field whose keys are joined as `k`.
    keyed: Option<String>,
    descending: bool,
    /// What the cursor remembers, so that it is not used with another order.
    name: String,
}

/// All records that fit and that the reader may see, newest number first, however many pages that are: for judgements, which may
/// pass over none.
pub async fn every(
    reading: &mut Reading,
    pack: &Pack,
    standing: Option<&Standing>,
    register: &Register,
    filters: Vec<Filter>,
) -> Result<Vec<Record>> {
    let mut query = Query { filters, limit: PAGE_MAX, ..Query::default() };
    let mut all = Vec::new();
    loop {
        let page = list(reading, pack, standing, register, &query).await?;
        all.extend(page.items);
        match page.next {
            Some(cursor) => query.page = Page::After(cursor),
            None => return Ok(all),
        }
    }
}

/// What a person asked for in these registers, or had entered from paper, may see, and is under way: last changed first.
pub async fn asked_for(
    reading: &mut Reading,
    standing: &Standing,
    registers: &[&Register],
    limit: usize,
) -> Result<Vec<Record>> {
    if registers.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::default();
    let ids = || registers.iter().map(|register| register.id.as_str());
    sql.push("SELECT ").push(COLUMNS).push(" FROM (SELECT id FROM record WHERE applicant = ").bind(standing.person);
    sql.push(" AND register IN ").bind_all(ids()).push(" UNION SELECT id FROM record WHERE entered_for = ");
    // A join that SQLite does not turn round: a person's own records are few, those under way are many.
    sql.bind(standing.person).push(" AND register IN ").bind_all(ids()).push(") m CROSS JOIN ").push(TABLES);
    sql.push(" WHERE r.id = m.id");
    for (i, register) in registers.iter().enumerate() {
        let running = register.lifecycle.states.iter().filter(|state| !state.is_final);
        sql.push(if i == 0 { " AND ((r.register = " } else { " OR (r.register = " }).bind(&register.id);
        sql.push(" AND r.state IN ").bind_all(running.map(|state| state.id.as_str())).push(" AND ");
        sql.append(&visibility::of_register(Some(standing), register)).push(")");
    }
    sql.push(") ORDER BY r.changed_at DESC, r.id DESC").limit(i64::try_from(limit.clamp(1, PAGE_MAX)).unwrap_or(1));
    reading.rows(sql).await?.iter().map(read).collect()
}

/// A page of a register's records that the reader may see.
pub async fn list(
    reading: &mut Reading,
    pack: &Pack,
    standing: Option<&Standing>,
    register: &Register,
    query: &Query,
) -> Result<Listing> {
    let order = order(register, query.sort.as_ref())?;
    let mut condition = Sql::default();
    condition.append(&visibility::of_register(standing, register));
    filters(&mut condition, reading, pack, register, &query.filters)?;
    let limit = query.limit.clamp(1, PAGE_MAX);
    let mut listing = Listing::default();
    let mut total = None;
    if let Some(question) = search::Question::of(&query.search) {
        if !question.can_match() {
            return Ok(listing);
        }
        let hits = question.hits(reading, register, &condition, TOTAL_MAX + 1).await?;
        if hits.total == 0 {
            return Ok(listing);
        }
        let before = if let Page::Offset(offset) = query.page { offset as usize } else { 0 };
        condition.push(" AND ").append(&question.among(reading.engine(), &hits, before + limit));
        total = Some(hits.total);
    }
    let sql = page_sql(&order, &condition, &query.page, limit)?;
    let rows = reading.rows(sql).await?;
    let more = rows.len() > limit;
    for (i, row) in rows.iter().take(limit).enumerate() {
        listing.items.push(read(row)?);
        if more && i + 1 == limit {
            listing.next = Some(cursor(&order, row)?);
        }
    }
    if query.count {
        let total = match total {
            Some(total) => total,
            None => count(reading, register, &condition).await?,
        };
        listing.total_capped = total > TOTAL_MAX;
        listing.total = total.min(TOTAL_MAX);
    }
    Ok(listing)
}

/// Counts the records of a register that meet a condition on `r`, as far as lists count.
async fn count(reading: &mut Reading, register: &Register, condition: &Sql) -> Result<i64> {
    let mut sql = Sql::default();
    sql.push("SELECT count(*) FROM (SELECT 1 FROM record r WHERE r.register = ").bind(&register.id);
    sql.push(" AND ").append(condition).limit(TOTAL_MAX + 1).push(") AS counted");
    reading.row(sql).await?.int(0)
}

fn order(register: &Register, sort: Option<&Sort>) -> Result<Order> {
    let (field, descending) = sort.map_or(("number", true), |sort| (sort.field.as_str(), sort.descending));
    let (columns, keyed): (&'static [&'static str], _) = match field {
        "number" => (&["r.year", "r.seq"], None),
        "changed" => (&["r.changed_at"], None),
        "name" if register.field("name").is_none() => (&["k.key"], Some(keys::NAME.to_owned())),
        _ => match register.field(field) {
            Some(known) if keys::is_sortable(known) => (&["k.key"], Some(field.to_owned())),
            _ => {
                let fields = register.fields.iter().filter(|f| keys::is_sortable(f)).map(|f| f.id.as_str());
                let all: Vec<&str> = ["number", "changed", "name"].into_iter().chain(fields).collect();
                return Err(Error::invalid_field(
                    "sort",
                    format!("「{field}」では並べ替えられません。次のどれかにしてください：{}", all.join(", ")),
                    format!("Cannot sort by '{field}'. Sort by one of: {}.", all.join(", ")),
                ));
            }
        },
    };
    Ok(Order {
        columns,
        register: register.id.clone(),
        keyed,
        descending,
        name: format!("{}{field}", if descending { "-" } else { "" }),
    })
}

fn page_sql(order: &Order, condition: &Sql, page: &Page, limit: usize) -> Result<Sql> {
    // The page's ids are found on indexes alone; only its records are then read with their fields.
    let sort_columns = order.columns.join(", ");
    let direction = if order.descending { " DESC" } else { "" };
    let mut sql = Sql::default();
    sql.push("SELECT ").push(COLUMNS);
    for i in 0..order.columns.len() {
        sql.push(&format!(", p.s{i}"));
    }
    sql.push(" FROM (SELECT r.id AS id");
    for (i, column) in order.columns.iter().enumerate() {
        sql.push(&format!(", {column} AS s{i}"));
    }
    if let Some(field) = &order.keyed {
        // The register is asked of the key alone: asked of the record too, SQLite would begin there and sort.
        sql.push(" FROM record_key k JOIN record r ON r.id = k.record_id WHERE k.field = ").bind(field);
        sql.push(" AND k.register = ").bind(&order.register).push(" AND ");
    } else {
        sql.push(" FROM record r WHERE r.register = ").bind(&order.register).push(" AND ");
    }
    sql.append(condition);
    let tie = if order.keyed.is_some() { "k.record_id" } else { "r.id" };
    if let Page::After(cursor) = page {
        sql.push(" AND (").push(&sort_columns).push(", ").push(tie).push(if order.descending {
            ") < ("
        } else {
            ") > ("
        });
        bind_cursor(&mut sql, order, cursor)?;
        sql.push(")");
    }
    sql.push(" ORDER BY ");
    for column in order.columns {
        sql.push(column).push(direction).push(", ");
    }
    sql.push(tie).push(direction).limit(i64::try_from(limit).unwrap_or(0) + 1);
    if let Page::Offset(offset) = page {
        sql.push(" OFFSET ").bind(i64::from(*offset));
    }
    sql.push(") p JOIN record r ON r.id = p.id JOIN record_version v ON v.record_id = r.id AND v.version = r.version ORDER BY ");
    for i in 0..order.columns.len() {
        sql.push(&format!("p.s{i}{direction}, "));
    }
    sql.push("p.id").push(direction);
    Ok(sql)
}

/// Columns of [`COLUMNS`], after which the order's columns stand.
const SORT_AT: usize = 16;

fn cursor(order: &Order, row: &Row) -> Result<String> {
    let mut parts = vec![json!(order.name)];
    for i in 0..order.columns.len() {
        parts.push(match order.keyed {
            Some(_) => row.text(SORT_AT + i)?.into(),
            None => row.int(SORT_AT + i)?.into(),
        });
    }
    parts.push(row.text(0)?.into());
    Ok(URL_SAFE_NO_PAD.encode(Json::Array(parts).to_string()))
}

fn bind_cursor(sql: &mut Sql, order: &Order, cursor: &str) -> Result<()> {
    let wrong = || {
        Error::invalid_field(
            "cursor",
            "続きの位置が正しくありません。一覧を最初から開き直してください。",
            "The cursor does not belong to this list. Start again from the first page.",
        )
    };
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| wrong())?;
    let parts: Vec<Json> = serde_json::from_slice(&bytes).map_err(|_| wrong())?;
    let [name, values @ .., id] = parts.as_slice() else { return Err(wrong()) };
    if name.as_str() != Some(&order.name) || values.len() != order.columns.len() {
        return Err(wrong());
    }
    for value in values {
        match (value, &order.keyed) {
            (Json::String(text), Some(_)) if !text.contains('\0') => sql.bind(text),
            (Json::Number(number), None) => sql.bind(number.as_i64().ok_or_else(wrong)?),
            _ => return Err(wrong()),
        };
        sql.push(", ");
    }
    sql.bind(id.as_str().ok_or_else(wrong)?.parse::<Id>().map_err(|_| wrong())?);
    Ok(())
}

fn filters(sql: &mut Sql, reading: &Reading, pack: &Pack, register: &Register, filters: &[Filter]) -> Result<()> {
    if filters.len() > FILTERS_MAX {
        return Err(Error::invalid_field("filter", "絞り込みは20件までです。", "Use at most 20 filters."));
    }
    for filter in filters {
        sql.push(" AND ");
        match filter {
            Filter::Is(field, values) => is(sql, reading, pack, register, field, values)?,
            Filter::From(field, value) => range(sql, pack, register, field, value, " >= ")?,
            Filter::To(field, value) => range(sql, pack, register, field, value, " <= ")?,
            Filter::Empty(field) => {
                let known = known(register, field)?;
                if keys::is_sortable(known) {
                    in_keys(sql, register, field).push("k.key = '')");
                } else {
                    sql.push("NOT EXISTS (SELECT 1 FROM record_link l WHERE l.record_id = r.id AND l.field = ")
                        .bind(field);
                    sql.push(")");
                }
            }
        }
    }
    Ok(())
}

fn known<'a>(register: &'a Register, field: &str) -> Result<&'a pack::model::Field> {
    register.field(field).ok_or_else(|| {
        let all: Vec<&str> = register.fields.iter().map(|f| f.id.as_str()).collect();
        Error::invalid_field(
            field,
            format!(
                "「{field}」という項目はありません。次のどれかにしてください：state, unit, applicant, number, {}",
                all.join(", ")
            ),
            format!("There is no field '{field}'. Use one of: state, unit, applicant, number, {}.", all.join(", ")),
        )
    })
}

fn in_keys<'a>(sql: &'a mut Sql, register: &Register, field: &str) -> &'a mut Sql {
    sql.push("r.id IN (SELECT k.record_id FROM record_key k WHERE k.register = ").bind(&register.id);
    sql.push(" AND k.field = ").bind(field).push(" AND ")
}

fn is(
    sql: &mut Sql,
    reading: &Reading,
    pack: &Pack,
    register: &Register,
    field: &str,
    values: &[String],
) -> Result<()> {
    if values.iter().any(|value| value.contains('\0')) {
        return Err(Error::invalid_field(
            field,
            "使えない文字が含まれています。",
            "It contains a character that is not allowed.",
        ));
    }
    match field {
        "state" => sql.push("r.state IN ").bind_all(values.iter()),
        "number" => sql.push("r.number IN ").bind_all(values.iter()),
        "applicant" => sql.push("r.applicant IN ").bind_all(values.iter()),
        "unit" if register.field("unit").is_none() => {
            let units: Vec<Id> = values.iter().map(|id| id.parse()).collect::<Result<_>>()?;
            sql.push("r.unit_id IN ").append(&visibility::below(&units, reading.today()))
        }
        _ => {
            let known = known(register, field)?;
            let ty = match &known.ty {
                FieldType::List(inner) => inner.as_ref(),
                ty => ty,
            };
            match ty {
                FieldType::Person | FieldType::Unit | FieldType::Ref(_) | FieldType::File => {
                    sql.push("r.id IN (SELECT l.record_id FROM record_link l WHERE l.field = ").bind(field);
                    sql.push(" AND l.target IN ").bind_all(values.iter()).push(")")
                }
                FieldType::Long | FieldType::Computed(_) | FieldType::List(_) => {
                    return Err(Error::invalid_field(
                        field,
                        "この項目では絞り込めません。検索をお使いください。",
                        "This field cannot be filtered; use the search.",
                    ));
                }
                _ => {
                    let keys: Vec<String> =
                        values.iter().filter_map(|value| keys::key(pack, ty, &from_typed(ty, value))).collect();
                    in_keys(sql, register, field).push("k.key IN ").bind_all(keys).push(")")
                }
            }
        }
    };
    Ok(())
}

fn range(sql: &mut Sql, pack: &Pack, register: &Register, field: &str, value: &str, compare: &str) -> Result<()> {
    let known = known(register, field)?;
    let ordered = matches!(known.ty, FieldType::Int | FieldType::Money | FieldType::Date | FieldType::Class(_));
    let typed = super::value::check(pack, known, &from_typed(&known.ty, value), None).ok();
    let key = typed.and_then(|value| keys::key(pack, &known.ty, &value)).filter(|_| ordered);
    let Some(key) = key else {
        return Err(Error::invalid_field(
            field,
            format!("「{}」を範囲の値として読めません。", value.escape_debug()),
            format!("'{}' cannot be read as the end of a range.", value.escape_debug()),
        ));
    };
    in_keys(sql, register, field).push("k.key").push(compare).bind(key).push(" AND k.key <> '')");
    Ok(())
}
