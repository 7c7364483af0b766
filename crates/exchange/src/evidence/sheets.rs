//! Evidence as tables that people read: one function for each file.

use std::collections::BTreeMap;

use ledger::decisions::{Capacity, RouteState, countersigns, routes};
use ledger::findings::{self, Filter, Finding};
use ledger::journal::Entry;
use ledger::records::{self, Record, VersionOf};
use ledger::{Day, Id, Moment, Reading, Result, attestations, facts};
use pack::Pack;
use pack::model::{Control, Nature, Register, Subjects};
use tables::Cell;

use super::scope::{Concerned, Scope};
use crate::columns;
use crate::export::{cell, referred};
use crate::names::Names;

/// A table, headings first.
pub(super) type Sheet = Vec<Vec<Cell>>;

/// Most reports of one control.
const REPORTS: i64 = 100_000;
/// Most open verdicts in all.
const VERDICTS: i64 = 1_000_000;

fn text(text: impl Into<String>) -> Cell {
    match text.into() {
        text if text.is_empty() => Cell::Empty,
        text => Cell::Text(text),
    }
}

/// What does not fit is refused, not left out.
fn within(found: usize, most: i64) -> Result<()> {
    if i64::try_from(found).is_ok_and(|found| found <= most) { Ok(()) } else { Err(super::too_much()) }
}

fn headings(names: &[&str]) -> Sheet {
    vec![names.iter().map(|name| text(*name)).collect()]
}

fn day(day: Option<Day>) -> Cell {
    day.map_or(Cell::Empty, |day| Cell::Day(day.number()))
}

fn count(number: i64) -> Cell {
    text(number.to_string())
}

/// Whoever the journal names, in words.
pub(super) fn actor(names: &Names, actor: &str) -> String {
    let person = actor.strip_prefix("person:").and_then(|id| id.parse().ok()).and_then(|id| names.person(id));
    match actor.split_once(':') {
        Some(("person", _)) => person.unwrap_or_else(|| "退職した職員等".to_owned()),
        Some(("operator", name)) => format!("サーバーの操作 {name}"),
        _ => "関守（自動）".to_owned(),
    }
}

/// What a control is called; nothing for one that the policy has no more.
fn title<'a>(pack: &'a Pack, control: &str) -> &'a str {
    pack.control(control).map_or("", |control| control.title.ja.as_str())
}

fn state(id: &str) -> &str {
    match id {
        "broken" => "未遵守",
        "covered" => "例外措置中",
        "unknown" => "未確認",
        "not_started" => "着手前",
        other => other,
    }
}

/// Each control with the counts of the last evaluated day of the period, unit by unit.
pub(super) async fn counts(
    reading: &mut Reading,
    names: &Names,
    concerned: &Concerned<'_>,
    scope: &Scope,
) -> Result<Sheet> {
    let mut sheet =
        headings(&["判定日", "遵守項目", "名称", "所属", "遵守", "未遵守", "例外措置中", "未確認", "着手前", "対象外"]);
    let Some(last) = findings::last_day(reading, scope.to).await? else { return Ok(sheet) };
    let counts = findings::counts(reading, last).await?;
    for control in &concerned.controls {
        let here = |count: &&findings::DayCount| count.control == control.id && concerned.has_unit(count.unit);
        let mut here: Vec<_> = counts.iter().filter(here).collect();
        here.sort_by_key(|count| count.unit);
        for of_unit in here {
            let unit = of_unit.unit.and_then(|unit| names.unit(unit)).unwrap_or_else(|| "全庁".to_owned());
            let mut row = vec![day(Some(last)), text(&control.id), text(&control.title.ja), text(unit)];
            row.extend(of_unit.counts.iter().map(|number| count(*number)));
            sheet.push(row);
        }
    }
    Ok(sheet)
}

/// Everything that does not hold today, with why.
pub(super) async fn verdicts(
    reading: &mut Reading,
    pack: &Pack,
    names: &Names,
    concerned: &Concerned<'_>,
) -> Result<Sheet> {
    let mut sheet = headings(&["遵守項目", "名称", "対象", "所属", "状態", "理由"]);
    let ids: Vec<&str> = concerned.controls.iter().map(|control| control.id.as_str()).collect();
    let mut all = findings::verdicts_of(reading, &ids, VERDICTS + 1).await?;
    within(all.len(), VERDICTS)?;
    all.retain(|verdict| concerned.has_unit(verdict.unit));
    all.sort_by(|a, b| (&a.control, &a.subject).cmp(&(&b.control, &b.subject)));
    for verdict in all {
        sheet.push(vec![
            text(&verdict.control),
            text(title(pack, &verdict.control)),
            text(verdict.label),
            text(verdict.unit.and_then(|unit| names.unit(unit)).unwrap_or_default()),
            text(state(&verdict.state)),
            text(verdict.reason_ja),
        ]);
    }
    Ok(sheet)
}

/// Findings (要改善事項) that were open in the period.
pub(super) async fn findings_of(
    reading: &mut Reading,
    names: &Names,
    concerned: &Concerned<'_>,
    scope: &Scope,
) -> Result<Sheet> {
    let mut sheet =
        headings(&["遵守項目", "名称", "対象", "所属", "重さ", "状態", "初めの日", "期限", "解消した日", "理由"]);
    for control in &concerned.controls {
        let filter = Filter { control: Some(control.id.clone()), closed: true, ..Filter::default() };
        let mut all: Vec<Finding> = Vec::new();
        loop {
            let offset = i64::try_from(all.len()).unwrap_or(i64::MAX);
            let page = findings::list(reading, &filter, offset, findings::PAGE_MAX).await?;
            if page.is_empty() {
                break;
            }
            all.extend(page);
        }
        all.retain(|f| f.since <= scope.to && f.until.is_none_or(|until| until >= scope.from));
        all.retain(|f| concerned.has_unit(f.verdict.unit));
        all.sort_by_key(|f| (f.since, f.id));
        for finding in all {
            let severity = match finding.severity {
                3 => "重大",
                2 => "重要",
                _ => "軽微",
            };
            sheet.push(vec![
                text(&control.id),
                text(&control.title.ja),
                text(finding.verdict.label),
                text(finding.verdict.unit.and_then(|unit| names.unit(unit)).unwrap_or_default()),
                text(severity),
                text(if finding.until.is_some() { "解消" } else { state(&finding.verdict.state) }),
                day(Some(finding.since)),
                day(Some(finding.due)),
                day(finding.until),
                text(finding.verdict.reason_ja),
            ]);
        }
    }
    Ok(sheet)
}

/// 実施報告 of the period, with their ids and the files that belong to them.
pub(super) async fn reports(
    reading: &mut Reading,
    names: &Names,
    concerned: &Concerned<'_>,
    scope: &Scope,
) -> Result<(Sheet, Vec<Id>, Vec<Id>)> {
    let mut sheet = headings(&["遵守項目", "名称", "対象", "実施日", "報告した人", "報告日時", "内容", "添付ファイル"]);
    let (mut ids, mut files) = (Vec::new(), Vec::new());
    let attested = |control: &&&Control| matches!(control.nature, Nature::Attested(_));
    for control in concerned.controls.iter().filter(attested) {
        let mut all = attestations::of_control(reading, &control.id, REPORTS + 1).await?;
        within(all.len(), REPORTS)?;
        all.reverse();
        for report in all.into_iter().filter(|report| (scope.from..=scope.to).contains(&report.on)) {
            let Some((what, unit)) = subject(reading, names, concerned, &report.subject).await? else { continue };
            if !concerned.has_unit(unit) {
                continue;
            }
            sheet.push(vec![
                text(&control.id),
                text(&control.title.ja),
                text(what),
                day(Some(report.on)),
                text(names.person(report.by).unwrap_or_default()),
                text(report.at.to_string()),
                text(report.note),
                text(report.file.map(|file| file.to_string()).unwrap_or_default()),
            ]);
            ids.push(report.id);
            files.extend(report.file);
        }
    }
    Ok((sheet, ids, files))
}

/// What a report is about, and the unit that answers for it; none for a record that is not in the evidence.
async fn subject(
    reading: &mut Reading,
    names: &Names,
    concerned: &Concerned<'_>,
    subject: &str,
) -> Result<Option<(String, Option<Id>)>> {
    Ok(match subject.split_once(':') {
        Some(("unit", id)) => {
            let unit = id.parse::<Id>().ok();
            Some((unit.and_then(|unit| names.unit(unit)).unwrap_or_default(), unit))
        }
        Some(("record", rest)) => {
            let (register, id) = rest.split_once(':').unwrap_or((rest, ""));
            let known = concerned.records.get(register).into_iter().flatten();
            let id = id.parse::<Id>().ok();
            let record = known.into_iter().find(|record| Some(record.id) == id);
            record.map(|record| (format!("{} {}", record.number, record.name), Some(record.unit)))
        }
        Some(("person", id)) => {
            let person = id.parse::<Id>().ok();
            let home = match person {
                Some(person) => ledger::people::posts::home(reading, person, reading.today()).await?,
                None => None,
            };
            Some((person.and_then(|person| names.person(person)).unwrap_or_default(), home))
        }
        _ => Some(("全庁".to_owned(), None)),
    })
}

/// Deliveries of the data sources in the period: when, by whom, and the hash of the file.
pub(super) async fn deliveries(
    reading: &mut Reading,
    pack: &Pack,
    names: &Names,
    concerned: &Concerned<'_>,
    scope: &Scope,
) -> Result<Sheet> {
    let mut sheet = headings(&["データ源", "時点", "受け取った日時", "受け取った人", "ファイル", "行数", "SHA-256"]);
    let reads = |control: &&Control, id: &str| match &control.nature {
        Nature::Machine { subjects, applies, holds } => {
            let is = |subjects: &Subjects| matches!(subjects, Subjects::Source(source) if source == id);
            is(subjects) || applies.iter().chain([holds]).flat_map(|expr| expr.reads()).any(|read| is(&read.of))
        }
        Nature::Attested(_) => false,
    };
    for source in pack.sources.iter().filter(|source| concerned.controls.iter().any(|c| reads(c, &source.id))) {
        let mut all = facts::imports(reading, &source.id).await?;
        all.reverse();
        for import in all.into_iter().filter(|import| (scope.from..=scope.to).contains(&import.as_of)) {
            sheet.push(vec![
                text(&source.title.ja),
                day(Some(import.as_of)),
                text(import.at.to_string()),
                text(actor(names, &import.actor)),
                text(import.file_name),
                count(import.count),
                text(ledger::journal::entry::hex(&import.sha256)),
            ]);
        }
    }
    Ok(sheet)
}

/// Every version of some records of a register, latest version last: who wrote what when, and what it said from then on.
pub(super) async fn history(
    reading: &mut Reading,
    pack: &Pack,
    names: &Names,
    register: &Register,
    records: &[Record],
) -> Result<(Sheet, Vec<(Id, i64)>)> {
    let columns = columns::of(register);
    let mut sheet = headings(&["版", "日時", "書いた人", "手続", "理由", "代理入力の本人", "紙の日付"]);
    sheet.iter_mut().for_each(|row| row.extend(columns.iter().map(|column| text(column.heading(register)))));
    let papers = records::papers(reading, records).await?;
    let mut ids = Vec::new();
    for record in records {
        let mut versions = records::versions(reading, record).await?;
        versions.reverse();
        let as_they_were: Vec<Record> = versions.iter().map(|version| at(record, version)).collect();
        let referred = referred(reading, register, &as_they_were).await?;
        for (version, then) in versions.iter().zip(&as_they_were) {
            let mut row = vec![
                count(version.version),
                text(version.at.to_string()),
                text(actor(names, &version.actor)),
                text(act(register, &version.act)),
                text(version.reason.clone().unwrap_or_default()),
                text(record.entered_for.and_then(|person| names.person(person)).unwrap_or_default()),
                day(papers.get(&record.id).map(|paper| paper.dated)),
            ];
            row.extend(columns.iter().map(|column| cell(pack, names, &referred, register, *column, then)));
            sheet.push(row);
            ids.push((record.id, version.version));
        }
    }
    Ok((sheet, ids))
}

/// A record as a version has it.
fn at(record: &Record, version: &VersionOf) -> Record {
    Record {
        state: version.state.clone(),
        unit: version.unit,
        version: version.version,
        fields: version.fields.clone().unwrap_or_default(),
        ..record.clone()
    }
}

fn act(register: &Register, act: &str) -> String {
    let own = match act {
        "create" => "作成",
        "edit" => "変更",
        "move" => "所属替え",
        "adopt" => "初期登録",
        "import" => "表の取込み",
        "follow" => "規程の改正に伴う更新",
        other => return register.transition(other).map_or_else(|| other.to_owned(), |step| step.label.ja.clone()),
    };
    own.to_owned()
}

/// Who decided on the records: each seat of each route, with 代決, 引上げ and 後閲.
pub(super) async fn decisions(
    reading: &mut Reading,
    pack: &Pack,
    names: &Names,
    concerned: &Concerned<'_>,
) -> Result<(Sheet, Vec<Id>)> {
    let mut sheet = headings(&[
        "台帳",
        "番号",
        "手続",
        "開始",
        "結果",
        "段階",
        "種別",
        "役割",
        "処理した人",
        "日時",
        "立場",
        "意見",
        "後閲",
    ]);
    let mut ids = Vec::new();
    for (register, record) in each(pack, concerned) {
        let after = countersigns(reading, record.id).await?;
        let mut all = routes(reading, record.id).await?;
        all.sort_by_key(|route| (route.opened, route.id));
        for route in all {
            ids.push(route.id);
            for (number, step) in route.course.steps.iter().enumerate() {
                for (place, seat) in step.seats.iter().enumerate() {
                    let said = seat.said.as_ref();
                    let roles: Vec<String> = seat.who.iter().map(|term| role(pack, term)).collect();
                    let capacity = said.map_or("", |said| match said.capacity {
                        Capacity::Own => "本人",
                        Capacity::Deputy => "代決",
                        Capacity::Escalated => "引上げ",
                    });
                    let later = after.iter().rfind(|a| a.route == route.id && a.seat == (number, place));
                    let later = later.map(|a| a.done.map_or_else(|| "未了".to_owned(), |done| done.to_string()));
                    let step_name = register.transition(&route.transition);
                    sheet.push(vec![
                        text(&register.title.ja),
                        text(&record.number),
                        text(step_name.map_or(route.transition.as_str(), |step| step.label.ja.as_str())),
                        text(route.opened.to_string()),
                        text(outcome(route.state)),
                        count(i64::try_from(number + 1).unwrap_or_default()),
                        text(step.kind.word()),
                        text(roles.join("、")),
                        text(said.and_then(|s| names.person(s.by.parse().ok()?)).unwrap_or_default()),
                        text(said.map(|said| Moment(said.at).to_string()).unwrap_or_default()),
                        text(capacity),
                        text(said.and_then(|said| said.remark.clone()).unwrap_or_default()),
                        text(later.unwrap_or_default()),
                    ]);
                }
            }
        }
    }
    Ok((sheet, ids))
}

fn outcome(state: RouteState) -> &'static str {
    match state {
        RouteState::Open => "処理中",
        RouteState::Decided => "決裁",
        RouteState::Refused => "不承認",
        RouteState::Returned => "差戻し",
        RouteState::Withdrawn => "引戻し",
    }
}

fn role(pack: &Pack, term: &str) -> String {
    let id = term.split('@').next().unwrap_or_default();
    pack.role(id).map_or_else(|| term.to_owned(), |role| role.name.ja.clone())
}

/// The records, register by register.
pub(super) fn each<'a>(
    pack: &'a Pack,
    concerned: &'a Concerned<'_>,
) -> impl Iterator<Item = (&'a Register, &'a Record)> {
    let registers = concerned.records.iter().filter_map(|(id, records)| Some((pack.register(id)?, records)));
    registers.flat_map(|(register, records)| records.iter().map(move |record| (register, record)))
}

/// The entries of the extract in words; their bytes stand in the extract itself.
pub(super) fn journal(pack: &Pack, names: &Names, concerned: &Concerned<'_>, entries: &[Entry]) -> Sheet {
    let numbers: BTreeMap<String, &str> =
        each(pack, concerned).map(|(_, record)| (record.id.to_string(), record.number.as_str())).collect();
    let mut sheet = headings(&["連番", "日時", "誰が", "何を", "対象の種類", "対象", "理由など"]);
    for entry in entries {
        let register = pack.register(&entry.kind);
        let step = entry.note.get("transition").and_then(|step| step.as_str());
        let step = register.zip(step).and_then(|(register, step)| register.transition(step));
        let done = step.map_or_else(
            || register.map_or_else(|| entry.act.clone(), |register| act(register, &entry.act)),
            |step| step.label.ja.clone(),
        );
        let kind = match (entry.kind.as_str(), register) {
            (_, Some(register)) => register.title.ja.clone(),
            ("control", None) => title(pack, &entry.subject).to_owned(),
            (other, None) => other.to_owned(),
        };
        sheet.push(vec![
            count(entry.seq),
            text(entry.at.to_string()),
            text(actor(names, &entry.actor)),
            text(done),
            text(kind),
            text(numbers.get(&entry.subject).map_or(entry.subject.as_str(), |number| number)),
            text(entry.note.get("reason").and_then(|reason| reason.as_str()).unwrap_or_default()),
        ]);
    }
    sheet
}
