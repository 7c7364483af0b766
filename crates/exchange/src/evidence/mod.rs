//! 証跡: what an auditor takes home as one zip — verdicts, findings, records with every version and decision, reports, attached
//! files, and the part of the journal that vouches for them — with a SHA-256 for each file, and verifiable without the city.
//!
//! It holds what the reader may see, and says how many records it leaves out. The same question to the same data makes the same
//! bytes.

mod scope;
mod sheets;
mod verify;
mod zip;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ledger::files::{self, File};
use ledger::findings;
use ledger::journal::entry::hex;
use ledger::journal::{Hash, RowOf, extract};
use ledger::people::Standing;
use ledger::records;
use ledger::{Error, Id, Kind, Reading, Result};
use pack::Pack;
use pack::model::{Clause, FieldType, Register};
use serde_json::{Value as Json, json};
use tables::Encoding;

pub use scope::Scope;
pub use verify::{Checked, Wrong, is_evidence, verify};

use crate::names::Names;
use crate::sha256;
use scope::{Concerned, concerned};
use sheets::Sheet;

/// The list of SHA-256, as `sha256sum -c` reads it.
const SUMS: &str = "SHA256SUMS";
/// The entries of the extract of the journal.
const ENTRIES: &str = "journal/entries.txt";
/// The rows that they vouch for.
const ROWS: &str = "journal/rows.jsonl";
/// How many entries there were, and their root.
const CHECKPOINT: &str = "journal/checkpoint.txt";
/// Where attached files lie.
const FILES: &str = "files/";

/// Most records of one zip.
pub const RECORDS_MAX: usize = 20_000;
/// Most bytes of attached files in one zip.
pub const BYTES_MAX: i64 = 256 * 1024 * 1024;

/// Who takes evidence.
pub struct Reader<'a> {
    /// What the person may see.
    pub standing: &'a Standing,
    /// Whether the person may read a clause's text.
    pub reads: &'a (dyn Fn(&Clause) -> bool + Sync),
}

/// Evidence as one file.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// The zip.
    pub bytes: Vec<u8>,
    /// Records in it.
    pub records: usize,
    /// By register, how many of them have to be noted as seen.
    pub noted: Vec<(String, usize)>,
}

/// The files so far.
struct Bundle {
    zip: zip::Writer,
    sums: String,
}

impl Bundle {
    fn add(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let _ = writeln!(self.sums, "{}  {name}", hex(&sha256(bytes)));
        self.zip.add(name, bytes).map_err(|_| too_much())
    }

    fn sheet(&mut self, name: &str, sheet: &Sheet) -> Result<()> {
        let bytes = tables::csv::write(sheet, Encoding::Utf8)
            .map_err(|problem| Error::new(Kind::Invalid, problem.ja.clone(), problem.en.clone()))?;
        self.add(name, &bytes)
    }

    fn finish(mut self) -> Result<Vec<u8>> {
        let sums = std::mem::take(&mut self.sums);
        self.zip.add(SUMS, sums.as_bytes()).and_then(|()| self.zip.finish()).map_err(|_| too_much())
    }
}

fn too_much() -> Error {
    Error::new(
        Kind::Invalid,
        format!(
            "一度に取り出せるのは、記録{RECORDS_MAX}件、添付ファイル{}MBまでです。定め、所属、期間を絞ってください。",
            BYTES_MAX / 1024 / 1024
        ),
        format!(
            "At most {RECORDS_MAX} records and {} MB of attached files at once. Ask for fewer clauses, units or days.",
            BYTES_MAX / 1024 / 1024
        ),
    )
}

/// Collects the evidence that a scope asks for, as far as the reader sees it.
pub async fn collect(reading: &mut Reading, pack: &Pack, reader: &Reader<'_>, scope: &Scope) -> Result<Evidence> {
    check(pack, scope)?;
    let concerned = concerned(reading, pack, reader.standing, scope).await?;
    let count: usize = concerned.records.values().map(Vec::len).sum();
    if count > RECORDS_MAX {
        return Err(too_much());
    }
    let names = Names::load(reading, reading.today()).await?;
    let judged = judged(reading).await?;
    let mut bundle = Bundle { zip: zip::Writer::default(), sums: String::new() };
    bundle.add("README.txt", readme(reading, pack, &names, &concerned, scope, &judged).as_bytes())?;
    bundle.add("scope.json", scope_json(reading, pack, &names, &concerned, scope).as_bytes())?;
    bundle.add("clauses.md", clauses(pack, reader, &concerned).as_bytes())?;
    bundle.sheet("verdicts.csv", &sheets::verdicts(reading, pack, &names, &concerned).await?)?;
    bundle.sheet("counts.csv", &sheets::counts(reading, &names, &concerned, scope).await?)?;
    bundle.sheet("findings.csv", &sheets::findings_of(reading, &names, &concerned, scope).await?)?;
    let (reports, attested, mut attached) = sheets::reports(reading, &names, &concerned, scope).await?;
    bundle.sheet("reports.csv", &reports)?;
    bundle.sheet("deliveries.csv", &sheets::deliveries(reading, pack, &names, &concerned, scope).await?)?;
    let (decisions, routes) = sheets::decisions(reading, pack, &names, &concerned).await?;
    bundle.sheet("decisions.csv", &decisions)?;
    let mut rows = Vec::new();
    for (id, records) in &concerned.records {
        let Some(register) = pack.register(id) else { continue };
        let (sheet, versions) = sheets::history(reading, pack, &names, register, records).await?;
        bundle.sheet(&format!("records/{id}.csv"), &sheet)?;
        rows.extend(records.iter().map(|record| RowOf::record(record.id)));
        rows.extend(versions.into_iter().map(|(record, version)| RowOf::version(record, version)));
        attached.extend(records.iter().flat_map(|record| files_of(register, record)));
        for (record, paper) in records::papers(reading, records).await? {
            rows.push(RowOf::paper(record));
            attached.push(paper.scan);
        }
    }
    rows.extend(routes.into_iter().map(RowOf::route));
    rows.extend(attested.into_iter().map(RowOf::attestation));
    let files = take_files(reading, pack, reader, attached, &mut bundle).await?;
    rows.extend(files.iter().map(|file| RowOf::file(file.id)));
    let taken = extract(reading, &rows).await?;
    bundle.sheet("journal/entries.csv", &sheets::journal(pack, &names, &concerned, &taken.concerned))?;
    bundle.add(ENTRIES, taken.entries.as_bytes())?;
    bundle.add(ROWS, taken.rows.as_bytes())?;
    bundle.add(CHECKPOINT, checkpoint_text(taken.size, &taken.root).as_bytes())?;
    let mut noted = Vec::new();
    for (id, records) in &concerned.records {
        let Some(register) = pack.register(id) else { continue };
        let shown: Vec<_> = records.iter().map(|record| (register, record)).collect();
        noted.push(((*id).to_owned(), records::noted(reading, pack, reader.standing, &shown).await?.len()));
    }
    noted.retain(|(_, count)| *count > 0);
    Ok(Evidence { bytes: bundle.finish()?, records: count, noted })
}

/// What is named has to exist, and the days have to be in order.
fn check(pack: &Pack, scope: &Scope) -> Result<()> {
    let clauses = || pack.documents.iter().flat_map(|document| &document.clauses);
    for id in &scope.clauses {
        if pack.document(id).is_none() && !clauses().any(|clause| clause.id.to_string() == *id) {
            return Err(Error::invalid_field(
                "clause",
                format!(
                    "「{id}」という定めはありません。「standard#audit-plan」のような番号か、「standard」のような文書の番号を入力してください。"
                ),
                format!(
                    "There is no clause '{id}'. Give an id such as standard#audit-plan, or a document's such as standard."
                ),
            ));
        }
    }
    if let Some(id) = scope.controls.iter().find(|id| pack.control(id).is_none()) {
        return Err(Error::invalid_field(
            "control",
            format!("「{id}」という遵守項目はありません。遵守状況の画面に出ている番号（英字）を入力してください。"),
            format!("There is no control '{id}'. Give the id that the compliance page shows."),
        ));
    }
    if scope.from > scope.to {
        return Err(Error::invalid_field(
            "to",
            "終わりの日は、始めの日以後にしてください。",
            "The last day must not be before the first.",
        ));
    }
    Ok(())
}

/// The files that a record has attached now.
fn files_of(register: &Register, record: &ledger::records::Record) -> Vec<Id> {
    let holds = |ty: &FieldType| match ty {
        FieldType::List(inner) => matches!(inner.as_ref(), FieldType::File),
        ty => matches!(ty, FieldType::File),
    };
    let fields = register.fields.iter().filter(|field| holds(&field.ty));
    let values = fields.filter_map(|field| record.fields.get(&field.id));
    let ids = values.flat_map(|value| value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice));
    ids.filter_map(|id| id.as_str()?.parse().ok()).collect()
}

/// Puts the attached files in that the reader may have, and the table of them.
async fn take_files(
    reading: &mut Reading,
    pack: &Pack,
    reader: &Reader<'_>,
    attached: Vec<Id>,
    bundle: &mut Bundle,
) -> Result<Vec<File>> {
    let (mut taken, mut total) = (Vec::new(), 0_i64);
    let line = |cells: [String; 6]| cells.map(tables::Cell::Text).into();
    let headings = ["番号", "名前", "バイト", "SHA-256", "添付した日時", "内容"];
    let mut sheet: Sheet = vec![line(headings.map(str::to_owned))];
    for id in attached.into_iter().collect::<BTreeSet<Id>>() {
        let file = match files::get(reading, pack, Some(reader.standing), id).await {
            Ok(file) => file,
            Err(error) if error.kind() == Kind::NotFound => {
                let nothing = String::new;
                sheet.push(line([
                    id.to_string(),
                    nothing(),
                    nothing(),
                    nothing(),
                    nothing(),
                    "入っていません（取り出した人に表示されない）".into(),
                ]));
                continue;
            }
            Err(error) => return Err(error),
        };
        let told = |content: String| {
            let (size, sum, created) = (file.size.to_string(), hex(&file.sha256), file.created.to_string());
            line([id.to_string(), file.name.clone(), size, sum, created, content])
        };
        if let Some(destroyed) = file.destroyed {
            sheet.push(told(format!("入っていません（{destroyed}に廃棄）")));
            continue;
        }
        total = total.saturating_add(file.size);
        if total > BYTES_MAX {
            return Err(too_much());
        }
        let mut bytes = Vec::new();
        for part in 0.. {
            match files::part(reading, &id.to_string(), part).await? {
                Some(more) => bytes.extend(more),
                None => break,
            }
        }
        bundle.add(&format!("{FILES}{id}_{}", plain_name(&file.name)), &bytes)?;
        sheet.push(told("入っています".to_owned()));
        taken.push(file);
    }
    bundle.sheet("files.csv", &sheet)?;
    Ok(taken)
}

/// A name that every system can unpack: no separators, no control characters, not too long.
fn plain_name(name: &str) -> String {
    let bad = |c: char| c.is_control() || "/\\:*?\"<>|".contains(c);
    let name: String = name.chars().map(|c| if bad(c) { '_' } else { c }).collect();
    let skip = name.chars().count().saturating_sub(80);
    name.chars().skip(skip).collect()
}

/// Packs files as evidence is packed; none when they are more than a zip can hold.
pub fn pack(files: &[(&str, &[u8])]) -> Option<Vec<u8>> {
    let mut zip = zip::Writer::default();
    files.iter().try_for_each(|(name, bytes)| zip.add(name, bytes)).and_then(|()| zip.finish()).ok()
}

/// What a checkpoint would sign: whose journal, how many entries, their root.
fn checkpoint_text(size: u64, root: &Hash) -> String {
    format!("sekimori-journal\n{size}\n{}\n", STANDARD.encode(root))
}

/// The texts of the clauses; the reason in the place of a text that is closed to the reader.
fn clauses(pack: &Pack, reader: &Reader<'_>, concerned: &Concerned<'_>) -> String {
    let mut text = String::new();
    for document in &pack.documents {
        let mut clauses = concerned.clauses.iter().filter(|clause| clause.id.document == document.id).peekable();
        if clauses.peek().is_some() {
            let _ = writeln!(text, "# {}\n", document.title.ja);
        }
        for clause in clauses {
            let _ = writeln!(text, "## {}\n\n番号：{}\n", clause.heading, clause.id);
            if (reader.reads)(clause) {
                let _ = writeln!(text, "{}\n", clause.body.trim());
            } else {
                let because = clause.closed_because.as_ref().or(document.closed_because.as_ref());
                let because =
                    because.map_or("関係する役割の人だけが読めます。", |because| because.ja.as_str());
                let _ = writeln!(text, "（非公開：{because}）\n");
            }
        }
    }
    text
}

/// Who took it.
fn taker(reading: &Reading, names: &Names) -> String {
    sheets::actor(names, &reading.actor().to_string())
}

fn scope_json(reading: &Reading, pack: &Pack, names: &Names, concerned: &Concerned<'_>, scope: &Scope) -> String {
    let records: serde_json::Map<String, Json> =
        concerned.records.iter().map(|(id, records)| ((*id).to_owned(), records.len().into())).collect();
    let controls: Vec<&str> = concerned.controls.iter().map(|control| control.id.as_str()).collect();
    let json = json!({
        "municipality": pack.municipality.name.ja, "policy": { "id": pack.id, "version": pack.version },
        "taken": { "by": taker(reading, names), "at": reading.at().to_string() },
        "asked": {
            "clauses": scope.clauses, "controls": scope.controls, "audit": scope.audit.map(|id| id.to_string()),
            "unit": scope.unit.and_then(|unit| names.unit(unit)), "from": scope.from.to_string(), "to": scope.to.to_string(),
        },
        "controls": controls, "records": records, "not_shown_to_the_reader": concerned.hidden,
    });
    let mut text = serde_json::to_string_pretty(&json).unwrap_or_default();
    text.push('\n');
    text
}

/// As of when verdicts, findings and counts are, in words: they follow the journal, and may be behind it.
async fn judged(reading: &mut Reading) -> Result<String> {
    let as_of = findings::as_of(reading).await?;
    Ok(as_of.map_or_else(|| "まだ一度も判定していません".to_owned(), |at| format!("{at}までの操作記録による")))
}

fn readme(
    reading: &Reading,
    pack: &Pack,
    names: &Names,
    concerned: &Concerned<'_>,
    scope: &Scope,
    judged: &str,
) -> String {
    let notice = pack.municipality.notice.as_ref().map(|notice| format!("{}\n", notice.ja)).unwrap_or_default();
    let unit = scope.unit.and_then(|unit| names.unit(unit)).unwrap_or_else(|| "全ての所属".to_owned());
    let clauses = if scope.clauses.is_empty() { "―".to_owned() } else { scope.clauses.join("、") };
    let audit = scope.audit.and_then(|id| concerned.records.values().flatten().find(|record| record.id == id));
    let audit = audit.map_or_else(|| "―".to_owned(), |audit| format!("{} {}", audit.number, audit.name));
    let count: usize = concerned.records.values().map(Vec::len).sum();
    format!(
        include_str!("readme.txt"),
        notice = notice,
        judged = judged,
        clauses = clauses,
        unit = unit,
        audit = audit,
        count = count,
        city = pack.municipality.name.ja,
        at = reading.at(),
        by = taker(reading, names),
        from = scope.from,
        to = scope.to,
        controls = concerned.controls.len(),
        hidden = concerned.hidden,
        version = pack.version,
    )
}
