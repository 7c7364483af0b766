//! controls.toml and sources.toml.

use super::expressions::{condition, template};
use super::fields::{self, Owner};
use super::ids::{Seen, Style};
use super::pack_toml::clauses;
use super::table::{Table, Word};
use super::terms::term;
use crate::diagnostic::Diagnostic;
use crate::expr::{Schema, Scope, Template};
use crate::model::{Attestation, Control, DataSource, Nature, Period, Severity, Site, Subjects, Term, TermScope, Text};
use crate::report::{Kind, Report};

const SEVERITIES: &[(&str, Severity)] =
    &[("minor", Severity::Minor), ("major", Severity::Major), ("critical", Severity::Critical)];
/// Keys that only a control decided by the machine has.
const MACHINE_KEYS: [&str; 4] = ["subjects", "applies", "holds", "says"];

pub(super) fn controls(file: &Table<'_>, schema: &Schema, seen: &mut Seen) -> Vec<Control> {
    let controls = file.tables("control").iter().filter_map(|table| control(table, schema, seen)).collect();
    file.finish();
    controls
}

fn control(table: &Table<'_>, schema: &Schema, seen: &mut Seen) -> Option<Control> {
    let id = seen.id(table, Style::Hyphens);
    let title = table.text("title");
    let severity = table.need_one_of("severity", SEVERITIES).unwrap_or(Severity::Major);
    let serves = table.names("serves", &Kind::Obligation);
    let clauses = clauses(table, "clauses");
    let due_days = table.period("due").map_or_else(|| usual_due(severity), days);
    let mend = table.text("mend");
    let was = table.string("was");
    let attested = table.get("attest").is_some();
    let (nature, says, register) = if attested {
        (attestation(table), (Template::default(), Text::default()), None)
    } else {
        machine(table, schema)
    };
    let owner = owner(table, register.as_deref(), nature.as_ref());
    table.finish();
    let (id, nature, owner) = (id?, nature?, owner?);
    let title = title.unwrap_or_else(|| fallback_title(table.report(), &id, &nature, &says.1));
    Some(Control {
        id: id.text,
        title,
        serves,
        clauses,
        nature,
        severity,
        owner,
        due_days,
        says: says.0,
        mend,
        was,
        site: id.site,
    })
}

fn fallback_title(report: &Report, id: &Word, nature: &Nature, says: &Text) -> Text {
    report.add(
        Diagnostic::warning(
            "title-missing",
            id.site.clone(),
            format!("遵守項目「{}」に表題がありません", id.text),
            format!("the control '{}' has no title", id.text),
        )
        .help("title = { ja = \"…\", en = \"…\" } を書き足してください", "add title = { ja = \"…\", en = \"…\" }")
        .names([id.text.as_str()]),
    );
    let text = if let Nature::Attested(attestation) = nature { &attestation.asks } else { says };
    if text.ja.is_empty() { Text { ja: id.text.clone(), en: Some(id.text.clone()) } } else { text.clone() }
}

fn usual_due(severity: Severity) -> u32 {
    match severity {
        Severity::Critical => 7,
        Severity::Major => 30,
        Severity::Minor => 90,
    }
}

fn days(period: Period) -> u32 {
    match period {
        Period::Years(n) => n.saturating_mul(365),
        Period::Months(n) => n.saturating_mul(30),
        Period::Days(n) => n,
    }
}

/// What a control is evaluated over.
fn subjects(report: &Report, word: &Word) -> Subjects {
    match word.text.as_str() {
        "people" => Subjects::People,
        "units" => Subjects::Units,
        "posts" => Subjects::Posts,
        "municipality" => Subjects::Municipality,
        text => {
            if let Some(source) = text.strip_prefix("facts:") {
                report.refer(Kind::Source, source, word.site.clone());
                return Subjects::Source(source.to_owned());
            }
            report.refer(Kind::Register, text, word.site.clone());
            Subjects::Register(text.to_owned())
        }
    }
}

type Said = (Template, Text);

fn machine(table: &Table<'_>, schema: &Schema) -> (Option<Nature>, Said, Option<String>) {
    let subjects = table.need_word("subjects").map(|word| subjects(table.report(), &word));
    table.need("holds");
    let scope = subjects.as_ref().and_then(|subjects| schema.scope(subjects));
    let applies = condition(table, "applies", scope.as_ref());
    let guarded = match (&scope, &applies) {
        (Some(scope), Some(applies)) => Some(scope.clone().given(applies)),
        (scope, _) => scope.clone(),
    };
    let holds = condition(table, "holds", guarded.as_ref());
    let said = says(table, scope.as_ref());
    let register = match &subjects {
        Some(Subjects::Register(id)) => Some(id.clone()),
        _ => None,
    };
    let nature = subjects.zip(holds).map(|(subjects, holds)| Nature::Machine { subjects, applies, holds });
    (nature, said, register)
}

fn says(table: &Table<'_>, scope: Option<&Scope<'_>>) -> Said {
    let Some(item) = table.need("says") else { return Said::default() };
    let Some(text) = item.text() else { return Said::default() };
    (template(table.report(), &text, &item.site(), scope), text)
}

fn attestation(table: &Table<'_>) -> Option<Nature> {
    for key in MACHINE_KEYS {
        if let Some(item) = table.get(key) {
            table.report().add(
                Diagnostic::error(
                    "control-two-natures",
                    item.site(),
                    format!("実施報告による遵守項目に「{key}」は書けません"),
                    format!("an attested control has no '{key}'"),
                )
                .expected("attest か、subjects・holds・says のどちらか", "either attest, or subjects, holds and says")
                .help("どちらかを消してください", "take one of the two out")
                .names([key]),
            );
        }
    }
    let attest = table.table("attest")?;
    let by = attest.need_word("by").and_then(|word| term(table.report(), &word, None));
    let per = attest.need_word("per").map(|word| subjects(table.report(), &word));
    let every = attest.need_period("every");
    let evidence = attest.one_of("evidence", &[("required", true), ("optional", false)]).unwrap_or(false);
    let asks = attest.text("asks").or_else(|| table.text("title")).unwrap_or_default();
    attest.finish();
    Some(Nature::Attested(Attestation { by: by?, per: per?, every, evidence, asks }))
}

fn owner(table: &Table<'_>, register: Option<&str>, nature: Option<&Nature>) -> Option<Term> {
    if let Some(word) = table.word("owner") {
        return term(table.report(), &word, register);
    }
    if let Some(Nature::Attested(attestation)) = nature {
        return Some(attestation.by.clone());
    }
    table.need("owner");
    // Without an owner the control is still read, so that what it serves is not reported a second time.
    Some(Term::Role { role: String::new(), scope: TermScope::All })
}

pub(super) fn sources(file: &Table<'_>, schema: &Schema, seen: &mut Seen) -> Vec<DataSource> {
    let sources = file.tables("source").iter().filter_map(|table| source(table, schema, seen)).collect();
    file.finish();
    sources
}

fn source(table: &Table<'_>, schema: &Schema, seen: &mut Seen) -> Option<DataSource> {
    let id = seen.id(table, Style::Hyphens);
    let title = table.need_text("title");
    let of = Subjects::Source(id.as_ref().map(|id| id.text.clone()).unwrap_or_default());
    let scope = schema.scope(&of);
    table.need("fields");
    let heads = fields::heads(table.entries("fields"), Owner::Source, true);
    let (mut all, mut columns) = (Vec::new(), Vec::new());
    for head in &heads {
        let column = head.table.need_word("column");
        if let Some(field) = fields::field(head, &of, schema, scope.as_ref()) {
            all.push(field);
            columns.push(column.map(|word| word.text).unwrap_or_default());
        }
    }
    let key = table.need_word("key");
    let expect = table.need_period("expect");
    let owner = table.need_word("owner").and_then(|word| term(table.report(), &word, None));
    table.finish();
    if let Some(key) = &key {
        known_key(table.report(), key, all.iter().map(|field| field.id.as_str()));
    }
    let id = id?;
    Some(DataSource {
        id: id.text,
        title,
        fields: all,
        columns,
        key: key.map(|word| word.text).unwrap_or_default(),
        expect,
        owner: owner?,
        site: site_of(&id.site),
    })
}

fn site_of(site: &Site) -> Site {
    site.clone()
}

fn known_key<'a>(report: &Report, key: &Word, fields: impl Iterator<Item = &'a str> + Clone) {
    if fields.clone().any(|field| field == key.text) {
        return;
    }
    crate::check::names::unknown(report, ("項目", "field"), "field-unknown", &key.text, &key.site, fields);
}
