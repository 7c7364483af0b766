//! A file of a data source into facts.

use std::collections::HashMap;

use ledger::facts::{self, Delivery};
use ledger::people::Standing;
use ledger::permission::{Office, office};
use ledger::{Day, Operation, Result};
use pack::Pack;
use pack::expr::{Env, Subject, Unknown, Value, Workdays, World};
use pack::model::{DataSource, Field, FieldType, Text};
use serde_json::{Map, Value as Json};
use tables::{Address, Cell, Row, Table};

use crate::cells::{Reader, typed};
use crate::names::{Names, plain};
use crate::report::{Became, Line, Refusal, Report, text};

/// The rows of a file as facts, by the source's mapping. Columns that it does not name are left out.
pub fn facts_of(pack: &Pack, source: &DataSource, today: Day, table: &Table) -> (Vec<Map<String, Json>>, Report) {
    let mut report = Report::default();
    let Some((headings, rows)) = table.rows.split_first() else {
        refuse(
            &mut report,
            Address { row: 1, column: 0 },
            "",
            text("表に見出しの行がありません。", "The table has no headings."),
        );
        return (Vec::new(), report);
    };
    let columns = columns(source, headings, table.marked, &mut report);
    if !report.accepted() {
        return (Vec::new(), report);
    }
    let (mut facts, mut seen) = (Vec::new(), HashMap::new());
    for row in rows {
        let before = report.refusals.len();
        let fact = fact(pack, source, today, &columns, row, table.marked, &mut report);
        let key = fact.get(&source.key).map(ToString::to_string).unwrap_or_default();
        let at = |id: &str| {
            let column = columns.iter().find(|(_, field)| field.id == id).map_or(0, |(position, _)| *position);
            Address { row: row.number, column: u32::try_from(column).unwrap_or(u32::MAX) }
        };
        if let Some(first) = seen.insert(key.clone(), row.number) {
            let message = text(
                format!("{first}行目と同じ値です。行ごとに違う値にしてください。"),
                format!("Row {first} has the same value. Each row needs its own."),
            );
            let heading = source.fields.iter().position(|field| field.id == source.key);
            let heading = heading.and_then(|i| source.columns.get(i)).map_or("", String::as_str);
            refuse(&mut report, at(&source.key), heading, message);
        }
        let became = if report.refusals.len() > before { Became::Refused } else { Became::New };
        report.lines.push(Line { row: row.number, what: key.trim_matches('"').to_owned(), became });
        facts.push(fact);
    }
    report.refusals.sort_by_key(|refusal| refusal.at);
    (facts, report)
}

/// Which column holds which field; a missing column of a required field is an error.
fn columns<'a>(source: &'a DataSource, headings: &Row, marked: bool, report: &mut Report) -> Vec<(usize, &'a Field)> {
    let given: Vec<String> = headings.cells.iter().map(|cell| plain(&typed(cell, marked))).collect();
    let mut found = Vec::new();
    for (field, column) in source.fields.iter().zip(&source.columns) {
        let wanted = plain(column);
        match given.iter().position(|heading| *heading == wanted || *heading == field.id) {
            Some(position) => found.push((position, field)),
            None if field.optional => {}
            None => {
                let there: Vec<&str> = given.iter().map(String::as_str).filter(|heading| !heading.is_empty()).collect();
                let message = text(
                    format!(
                        "見出し「{column}」の列がありません。ファイルの見出しは次のとおりです：{}",
                        there.join("、")
                    ),
                    format!("There is no column '{column}'. The file has: {}.", there.join(", ")),
                );
                refuse(report, Address { row: headings.number, column: 0 }, column, message);
            }
        }
    }
    found
}

fn fact(
    pack: &Pack,
    source: &DataSource,
    today: Day,
    columns: &[(usize, &Field)],
    row: &Row,
    marked: bool,
    report: &mut Report,
) -> Map<String, Json> {
    let names = Names::default();
    let reader = Reader { pack, names: &names };
    let mut fact = Map::new();
    for (position, field) in columns {
        let at = Address { row: row.number, column: u32::try_from(*position).unwrap_or(u32::MAX) };
        let heading = source.fields.iter().position(|other| other.id == field.id).and_then(|i| source.columns.get(i));
        let heading = heading.map_or("", String::as_str);
        let typed = typed(row.cell(*position), marked);
        match reader.read(&field.ty, &typed, &mut |_, _| None) {
            Ok(Json::Null) if field.optional => {}
            Ok(Json::Null) => refuse(report, at, heading, text("値がありません。", "This is required.")),
            Ok(value) => match checked(field, today, &value) {
                Ok(()) => {
                    fact.insert(field.id.clone(), value);
                }
                Err(message) => refuse(report, at, heading, message),
            },
            Err(message) => refuse(report, at, heading, message),
        }
    }
    fact
}

fn refuse(report: &mut Report, at: Address, heading: &str, message: Text) {
    report.refusals.push(Refusal { at, heading: heading.to_owned(), message });
}

/// Type and bounds of a value.
fn checked(field: &Field, today: Day, value: &Json) -> std::result::Result<(), Text> {
    let shown = value.as_str().unwrap_or_default();
    match &field.ty {
        FieldType::Int | FieldType::Money if !value.is_i64() => {
            return Err(text(format!("「{shown}」は整数ではありません。"), format!("'{shown}' is no whole number.")));
        }
        FieldType::Bool if !value.is_boolean() => {
            return Err(text(
                format!("「{shown}」は「はい」か「いいえ」（1・0、○・×、true・false）にしてください。"),
                format!("'{shown}' has to be yes or no (1, 0, true, false)."),
            ));
        }
        FieldType::Choice(choices) if !choices.iter().any(|choice| choice.id == shown) => {
            let known: Vec<&str> = choices.iter().map(|choice| choice.label.ja.as_str()).collect();
            return Err(text(
                format!("「{shown}」は次のどれかにしてください：{}", known.join("、")),
                format!("'{shown}' has to be one of: {}.", known.join(", ")),
            ));
        }
        FieldType::Text => {
            let most = field.max.unwrap_or(500);
            if shown.chars().count() as u64 > most {
                return Err(text(format!("{most}文字以内にしてください。"), format!("Use at most {most} characters.")));
            }
        }
        _ => {}
    }
    bounds(field, today, value)
}

fn bounds(field: &Field, today: Day, value: &Json) -> std::result::Result<(), Text> {
    let world = Nothing(Workdays::default());
    let env = Env { today, subject: &Subject::Municipality, world: &world };
    let number = value.as_i64().or_else(|| Some(i64::from(value.as_str()?.parse::<Day>().ok()?.number())));
    let limit = |expr: &Option<pack::expr::Expr>| {
        expr.as_ref().and_then(|expr| match expr.eval(&env) {
            Ok(Value::Int(limit)) => Some((limit, limit.to_string())),
            Ok(Value::Day(day)) => Some((i64::from(day.number()), day.to_string())),
            _ => None,
        })
    };
    match (number, limit(&field.least), limit(&field.most)) {
        (Some(number), Some((least, shown)), _) if number < least => {
            Err(text(format!("{shown}以上にしてください。"), format!("It has to be at least {shown}.")))
        }
        (Some(number), _, Some((most, shown))) if number > most => {
            Err(text(format!("{shown}以下にしてください。"), format!("It has to be at most {shown}.")))
        }
        _ => Ok(()),
    }
}

/// Bounds of a source's fields rest on nothing but the day.
struct Nothing(Workdays);

impl World for Nothing {
    fn field(&self, _of: &Subject, _field: &str) -> std::result::Result<Value, Unknown> {
        Ok(Value::Absent)
    }

    fn workdays(&self) -> &Workdays {
        &self.0
    }
}

/// Replaces the facts of a source by a file, inside the operation. Nothing may be committed unless the report is accepted.
pub async fn import_source(
    op: &mut Operation,
    pack: &Pack,
    standing: Option<&Standing>,
    source: &DataSource,
    delivery: Delivery,
    table: &Table,
) -> Result<Report> {
    let permit = office(op, standing, Office::Facts, "import", "source", &source.id)?;
    let (facts, report) = facts_of(pack, source, op.today(), table);
    if report.accepted() {
        facts::replace(op, permit, source, delivery, &facts).await?;
    }
    Ok(report)
}

/// A table with the headings of a source and these facts, as another system would deliver it.
pub fn template(source: &DataSource, facts: &[Map<String, Json>]) -> Vec<Vec<Cell>> {
    let mut rows = vec![source.columns.iter().map(|column| Cell::Text(column.clone())).collect::<Vec<_>>()];
    let cell = |field: &Field, value: Option<&Json>| match (&field.ty, value) {
        (_, None | Some(Json::Null)) => Cell::Empty,
        (FieldType::Choice(choices), Some(Json::String(id))) => {
            let label = choices.iter().find(|choice| choice.id == *id).map(|choice| choice.label.ja.clone());
            Cell::Text(label.unwrap_or_else(|| id.clone()))
        }
        (FieldType::Bool, Some(Json::Bool(value))) => Cell::Text(if *value { "○" } else { "×" }.to_owned()),
        (_, Some(Json::String(text))) => Cell::Text(text.clone()),
        (_, Some(other)) => Cell::Text(other.to_string()),
    };
    rows.extend(facts.iter().map(|fact| source.fields.iter().map(|field| cell(field, fact.get(&field.id))).collect()));
    rows
}

/// The page that documents every data source of a pack: what the file is, how often it is expected, and its columns.
pub fn page_of_sources(pack: &Pack) -> String {
    use std::fmt::Write as _;
    let mut page = String::from(
        "# データ源（他のシステムの出力）\n\n\
         このページは規程データから作られ、試験で照合されます。ファイルは xlsx か CSV（UTF-8、CP932）で、一行目に見出しを置きます。ここにない列は読み飛ばします。\n\
         日付は 2026-11-22、2026/11/22、令和8年11月22日、表計算ソフトの通し番号のどれでも、はい・いいえは ○・×、1・0、true・false のどれでも読めます。\n\n\
         取り込むには `sekimori import antimalware export.csv --data DIR` のようにします。`--dry-run` を付けると確かめるだけです。\n\
         ファイルの SHA-256 と内容の日付（`--as-of`）が事実とともに残ります。予定の間隔を過ぎたデータ源と、まだつないでいないデータ源は「未確認」になります。\n",
    );
    for source in &pack.sources {
        let _ = write!(
            page,
            "\n## {}（`{}`）\n\n見本: [{}.csv]({}.csv)。",
            source.title.ja, source.id, source.id, source.id
        );
        let _ = writeln!(page, "予定の間隔: {}。\n\n| 見出し | 内容 | 型 | 必須 |\n|---|---|---|---|", source.expect);
        for (field, column) in source.fields.iter().zip(&source.columns) {
            let (ty, needed) = (kind(&field.ty), if field.optional { "" } else { "○" });
            let key = if field.id == source.key { "（行ごとに違う値）" } else { "" };
            let _ = writeln!(page, "| {column} | {}{key} | {ty} | {needed} |", field.label.ja);
        }
    }
    page
}

fn kind(ty: &FieldType) -> String {
    match ty {
        FieldType::Int | FieldType::Money => "整数".to_owned(),
        FieldType::Date => "日付".to_owned(),
        FieldType::Bool => "はい・いいえ".to_owned(),
        FieldType::Choice(choices) => {
            let labels: Vec<&str> = choices.iter().map(|choice| choice.label.ja.as_str()).collect();
            format!("次のどれか: {}", labels.join("、"))
        }
        _ => "文字".to_owned(),
    }
}
