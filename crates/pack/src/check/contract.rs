//! Kind `contract`: what its register and the registers beside it have, and that `clauses.toml` fits the field `clauses`.

use std::collections::BTreeSet;

use super::kinds::{choices, field, missing_in_force};
use super::names::unknown;
use crate::diagnostic::Diagnostic;
use crate::model::{FieldType, Pack, Register, RegisterKind};
use crate::report::Report;

/// Fields with their types, as in [`super::kinds`].
type Fields = &'static [(&'static str, &'static str)];
/// Fields with the choices that they offer, beside others.
type Choices = &'static [(&'static str, &'static [&'static str])];

/// Fields of a contract.
pub(super) const FIELDS: Fields = &[
    ("partner", "text"),
    ("starts_on", "date"),
    ("ends_on", "date"),
    ("confidentiality", "class confidentiality"),
    ("personal", "choice"),
    ("place", "choice"),
    ("clauses", "[choice]"),
    ("checked_on", "date?"),
    ("returned_on", "date?"),
    ("certificate", "file?"),
];
/// Choices of a contract.
pub(super) const CHOICES: Choices = &[("personal", PERSONAL)];

const PERSONAL: &[&str] = &["none", "personal", "my_number"];

/// Fields of the register of sub-contracts, beside `contract` and `above`.
const SUBCONTRACT_FIELDS: Fields = &[
    ("partner", "text"),
    ("work", "text"),
    ("confidentiality", "class confidentiality"),
    ("personal", "choice"),
    ("place", "choice"),
    ("level", "int"),
    ("found", "choice"),
    ("began_on", "date?"),
    ("permitted_on", "date?"),
    ("permission_number", "text?"),
    ("returned_on", "date?"),
    ("certificate", "file?"),
];
/// Choices of a sub-contract.
const SUBCONTRACT_CHOICES: Choices = &[("personal", PERSONAL), ("found", &["discovered"])];
/// Fields of the register of checks, beside `contract` and `result`.
const CHECK_FIELDS: Fields = &[
    ("checked_on", "date"),
    ("findings", "long?"),
    ("due_on", "date?"),
    ("fixed_on", "date?"),
    ("told_chief_on", "date?"),
    ("told_ciso_on", "date?"),
];
/// Fields of the register of measures, beside `check`.
const MEASURE_FIELDS: Fields =
    &[("step", "choice"), ("owner", "person"), ("due_on", "date"), ("done_on", "date?"), ("result", "long?")];
/// Fields of registers of what is given out, beside `contract` and `units`.
const GIVEN_FIELDS: Fields = &[("certificates", "int?"), ("certificate", "file?")];

/// What a measure is.
const STEPS: &[&str] = &["request", "answer", "confirm", "visit", "report", "stop", "cancel"];

pub(super) fn check(pack: &Pack, contracts: &Register, report: &Report) {
    let beside = pack.beside_contracts(contracts);
    if let Some(register) = beside.subcontracts {
        demand(register, SUBCONTRACT_FIELDS, SUBCONTRACT_CHOICES, report);
        in_force(register, report);
    }
    if let Some(register) = beside.checks {
        demand(register, CHECK_FIELDS, &[("result", &["good", "shortfall", "serious"])], report);
    }
    if let Some(register) = beside.measures {
        demand(register, MEASURE_FIELDS, &[("step", STEPS)], report);
    }
    for register in beside.given {
        demand(register, GIVEN_FIELDS, &[], report);
        in_force(register, report);
    }
    clauses(contracts, report);
}

fn demand(register: &Register, fields: Fields, offered: Choices, report: &Report) {
    for (id, ty) in fields {
        field(register, RegisterKind::Contract, id, ty, report);
    }
    for (id, wanted) in offered {
        choices(register, RegisterKind::Contract, id, wanted, report);
    }
}

fn in_force(register: &Register, report: &Report) {
    if register.in_force.is_empty() {
        report.add(missing_in_force(register, RegisterKind::Contract));
    }
}

/// Every choice of `clauses` has its line in clauses.toml, and every line its choice.
fn clauses(register: &Register, report: &Report) {
    let Some(field) = register.field("clauses") else { return };
    let FieldType::List(of) = &field.ty else { return };
    let FieldType::Choice(offered) = of.as_ref() else { return };
    let ids: BTreeSet<&str> =
        offered.iter().filter(|choice| !choice.retired).map(|choice| choice.id.as_str()).collect();
    for clause in &register.contract_clauses {
        if !ids.contains(clause.id.as_str()) {
            let what = ("契約に書く事項（項目 clauses の選択肢）", "choice of `clauses`");
            unknown(report, what, "contract-clause-unknown", &clause.id, &clause.site, ids.iter().copied());
        }
        if clause.asks.is_empty() {
            report.add(
                Diagnostic::error(
                    "contract-clause-unasked",
                    clause.site.clone(),
                    format!("契約に書く事項「{}」を求める条項がありません", clause.id),
                    format!("no clause of the policy asks for '{}' in a contract", clause.id),
                )
                .expected(
                    "asks = [\"standard#contracting-before\"] など",
                    "asks = [\"standard#contracting-before\"] or the like",
                )
                .help("根拠の条項を asks に書いてください", "name the clauses under `asks`")
                .names([clause.id.as_str()]),
            );
        }
    }
    let written: BTreeSet<&str> = register.contract_clauses.iter().map(|clause| clause.id.as_str()).collect();
    let missing: Vec<&str> = ids.difference(&written).copied().collect();
    if missing.is_empty() {
        return;
    }
    report.add(
        Diagnostic::error(
            "contract-clause-missing",
            field.site.clone(),
            format!("clauses.toml に、契約に書く事項「{}」がありません", missing.join("、")),
            format!("clauses.toml says nothing of {}", missing.join(", ")),
        )
        .expected(
            "[[clause]] id、asks、wording（必要なら when）",
            "[[clause]] with id, asks, wording, and perhaps when",
        )
        .help(
            "どの契約に要るか、どの条項が求めるか、文例を書き足してください",
            "add for which contracts it is, which clauses ask for it, and its wording",
        )
        .names([register.id.as_str()]),
    );
}

/// `clauses.toml` stands beside a register of kind `contract` only.
pub(super) fn stray(pack: &Pack, report: &Report) {
    for register in pack.registers.iter().filter(|register| register.kind != Some(RegisterKind::Contract)) {
        let Some(clause) = register.contract_clauses.first() else { continue };
        report.add(
            Diagnostic::error(
                "contract-clauses-stray",
                clause.site.clone(),
                format!("台帳「{}」は種類 contract ではないので、clauses.toml を置けません", register.id),
                format!("'{}' is not of kind `contract`, so it has no clauses.toml", register.id),
            )
            .help("kind = \"contract\" の台帳のフォルダーへ移してください", "move it to the register of that kind")
            .names([register.id.as_str()]),
        );
    }
}
