//! 代理入力 on the form of a new record: whose paper it is entered from, the paper's day, and its scan. Offered to 情報セキュリティ担当;
//! for whom one may enter is decided in the ledger.

use std::sync::LazyLock;

use ledger::records::{PAPER_FIELDS, Paper, Record};
use ledger::{FieldError, Operation, permission};
use pack::Pack;
use pack::model::{Field, FieldType, Site, Text};
use serde_json::{Map, Value as Json};

use super::form::{Form, Widget};
use super::resolve;
use super::value::{Names, Shown, show};
use crate::files;
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::posted::Posted;
use crate::visit::Desk;

/// What is asked, as fields like those of a register.
static FIELDS: LazyLock<[Field; 3]> = LazyLock::new(|| {
    let [person, dated, scan] = PAPER_FIELDS;
    [
        field(
            person,
            FieldType::Person,
            ("だれの申請か（本人）", "Whose application"),
            (
                "情報セキュリティ担当をしている所属の職員等から選びます。自分の申請は代理入力にできません",
                "A person of the units whose security staff you are; never yourself",
            ),
        ),
        field(
            dated,
            FieldType::Date,
            ("紙の日付", "Date of the paper"),
            ("本人が様式に書いた日付です", "The day that stands on the form"),
        ),
        field(
            scan,
            FieldType::File,
            ("紙の写し", "Scan of the paper"),
            (
                "様式を読み取ったファイル（PDF、画像など）です。紙には記録の番号を書いて、記録と同じ期間保管します",
                "The scanned form. Write the record's number on the paper and keep it as long as the record",
            ),
        ),
    ]
});

fn field(id: &str, ty: FieldType, label: (&str, &str), help: (&str, &str)) -> Field {
    let text = |(ja, en): (&str, &str)| Text { ja: ja.to_owned(), en: Some(en.to_owned()) };
    Field {
        id: id.to_owned(),
        label: text(label),
        ty,
        optional: false,
        help: Some(text(help)),
        max: None,
        least: None,
        most: None,
        default: None,
        when: None,
        was: None,
        retired: false,
        site: Site::default(),
    }
}

/// What a message calls one of them.
pub(super) fn label(id: &str, lang: Lang) -> Option<&'static str> {
    FIELDS.iter().find(|field| field.id == id).map(|field| lang.of(&field.label))
}

/// Whether something of it was given.
fn is_given(posted: &Posted) -> bool {
    PAPER_FIELDS.iter().any(|id| !posted.text(id).is_empty() || posted.files.iter().any(|file| file.field == *id))
}

/// The part of the form, for whoever may enter for others; and whether it stands open.
pub(super) fn part(desk: &Desk, form: &Form<'_>) -> (Vec<Widget>, bool) {
    let given = form.typed.is_some_and(is_given);
    if !given && !permission::enters_for_others(&desk.standing) {
        return (Vec::new(), false);
    }
    (FIELDS.iter().map(|field| form.widget(field)).collect(), given)
}

/// What was typed, before its scan is taken in.
pub(super) struct Typed {
    values: Map<String, Json>,
    /// What is wrong with it already.
    pub(super) errors: Vec<FieldError>,
}

/// Reads it; none when nothing of it was given.
pub(super) async fn typed(
    op: &mut Operation,
    pack: &Pack,
    desk: &Desk,
    posted: &Posted,
) -> Result<Option<Typed>, Fault> {
    if !is_given(posted) {
        return Ok(None);
    }
    let fields: Vec<&Field> = FIELDS.iter().collect();
    let (values, mut errors) = resolve::values(op, pack, &desk.standing, &fields, posted).await?;
    let [person, dated, scan] = PAPER_FIELDS;
    let mut wrong = |id: &str, ja: &str, en: &str| {
        let message = Text { ja: ja.to_owned(), en: Some(en.to_owned()) };
        errors.push(FieldError { field: id.to_owned(), message });
    };
    if posted.text(person).is_empty() {
        wrong(person, "だれの申請かを選んでください。", "Say whose application it is.");
    }
    if day(&values).is_none() {
        wrong(
            dated,
            "紙の日付を入力してください（例：2026-04-01）。",
            "Give the date of the paper (such as 2026-04-01).",
        );
    }
    if !posted.files.iter().any(|file| file.field == scan) {
        wrong(scan, "紙の写し（ファイル）を添付してください。", "Attach a scan of the paper.");
    }
    Ok(Some(Typed { values, errors }))
}

fn day(values: &Map<String, Json>) -> Option<ledger::Day> {
    values.get(PAPER_FIELDS[1])?.as_str()?.parse().ok()
}

impl Typed {
    /// Takes the scan in.
    pub(super) async fn attach(mut self, op: &mut Operation, desk: &Desk, posted: &Posted) -> Result<Paper, Fault> {
        let fields: Vec<&Field> = FIELDS.iter().collect();
        files::attach(op, desk, &fields, posted, &mut self.values).await?;
        let id = |id: &str| self.values.get(id)?.as_str()?.parse().ok();
        match (id(PAPER_FIELDS[0]), day(&self.values), id(PAPER_FIELDS[2])) {
            (Some(person), Some(dated), Some(scan)) => Ok(Paper { person, dated, scan }),
            _ => Err(Fault::internal("a paper that was read has a person, a day and a scan")),
        }
    }
}

/// What a record says of it: for whom, and the paper where it was kept.
pub(super) fn rows(
    pack: &Pack,
    record: &Record,
    paper: Option<&Paper>,
    names: &Names,
    lang: Lang,
) -> Vec<(String, Vec<Shown>)> {
    let [person, dated, scan] = &*FIELDS;
    let shown = |field: &Field, value: String| show(pack, field, Some(&value.into()), names, lang);
    let mut rows = Vec::new();
    if let Some(other) = record.entered_for {
        let title = lang.t("代理入力（本人）", "Entered for").to_owned();
        rows.push((title, shown(person, other.to_string())));
    }
    if let Some(paper) = paper {
        rows.push((lang.of(&dated.label).to_owned(), shown(dated, paper.dated.to_string())));
        rows.push((lang.of(&scan.label).to_owned(), shown(scan, paper.scan.to_string())));
    }
    rows
}
