//! Choices, verdicts, years and gaps in words.

use ledger::kinds::audit::{Because, Gap, Standing, Verdict, Violation, What};
use ledger::people::AFFILIATION;
use pack::Pack;
use pack::expr::Day;
use pack::model::{FieldType, Register};

use crate::page::date;
use crate::page::lang::Lang;

/// Choices to offer: id, label, chosen.
pub(super) fn choices(
    register: &Register,
    field: &str,
    chosen: Option<&str>,
    lang: Lang,
) -> Vec<(String, String, bool)> {
    let Some(FieldType::Choice(choices)) = register.field(field).map(|field| &field.ty) else { return Vec::new() };
    let offered = choices.iter().filter(|choice| !choice.retired || chosen == Some(choice.id.as_str()));
    offered.map(|c| (c.id.clone(), lang.of(&c.label).to_owned(), chosen == Some(c.id.as_str()))).collect()
}

/// The colour of 整備状況 and 運用状況.
pub(super) fn judged_colour(id: Option<&str>) -> &'static str {
    match id {
        Some("adequate" | "effective") => "ok",
        Some("partial") => "warn",
        Some("lacking") => "bad",
        _ => "",
    }
}

pub(super) fn what(what: What, lang: Lang) -> &'static str {
    match what {
        What::Unit => lang.t("所属", "Units"),
        What::System => lang.t("電子情報システム", "Systems"),
        What::Theme => lang.t("テーマ", "Themes"),
    }
}

/// 令和8年度; FY2026.
pub(super) fn year(year: i32, lang: Lang) -> String {
    match Day::fiscal_year_start(year) {
        Some(day) if lang == Lang::Ja => {
            day.wareki().split('年').next().map(|era| format!("{era}年度")).unwrap_or_default()
        }
        _ => format!("FY{year}"),
    }
}

pub(super) fn gap(gap: Gap, lang: Lang) -> String {
    match (gap, lang) {
        (Gap::Unplanned, _) => lang.t("三年の計画に入っていません", "not in the three years").to_owned(),
        (Gap::Missed(of), Lang::Ja) => format!("{}の予定でしたが、監査していません", year(of, lang)),
        (Gap::Missed(of), Lang::En) => format!("planned for {}, not audited", year(of, lang)),
        (Gap::Unprepared(_), _) => lang
            .t("今年度の予定ですが、監査の記録がまだありません", "planned for this year, no audit is written yet")
            .to_owned(),
    }
}

/// How far an audit has come, and its colour.
pub(super) fn standing(standing: Standing, lang: Lang) -> (&'static str, &'static str) {
    match standing {
        Standing::Proposed => (lang.t("計画中", "proposed"), "none"),
        Standing::Planned => (lang.t("計画決定", "planned"), "key"),
        Standing::Running => (lang.t("実施中", "running"), "warn"),
        Standing::Done => (lang.t("済み", "done"), "ok"),
    }
}

/// Why somebody is not independent.
pub(super) fn because(violation: &Violation, field_label: &str, lang: Lang) -> String {
    match &violation.because {
        Because::Same => lang.t("監査を受ける所属", "the audited unit").to_owned(),
        Because::Above => lang.t("監査を受ける所属の上の所属", "above the audited unit").to_owned(),
        Because::Below => lang.t("監査を受ける所属の下の所属", "below the audited unit").to_owned(),
        Because::System { label, .. } => format!("{label}{}{field_label}", lang.t("の", ": ")),
    }
}

/// A role by its name; belonging by its own word.
pub(super) fn role(pack: &Pack, id: &str, lang: Lang) -> String {
    if id == AFFILIATION {
        return lang.t("所属", "belongs").to_owned();
    }
    pack.role(id).map_or_else(|| id.to_owned(), |role| lang.of(&role.name).to_owned())
}

/// 令和7年4月1日から令和8年3月31日まで; the day after the last becomes the last.
pub(super) fn span(from: Day, to: Option<Day>, lang: Lang) -> String {
    let from = date::long(lang, from);
    match (to.and_then(|to| to.plus_days(-1)), lang) {
        (Some(last), Lang::Ja) => format!("{from}から{}まで", date::long(lang, last)),
        (Some(last), Lang::En) => format!("{from} to {}", date::long(lang, last)),
        (None, Lang::Ja) => format!("{from}から今まで"),
        (None, Lang::En) => format!("since {from}"),
    }
}

/// What was seen of a drawn record, and its colour.
pub(super) fn verdict(verdict: Verdict, lang: Lang) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Fits => (lang.t("適合", "fits"), "ok"),
        Verdict::Fails => (lang.t("不適合", "fails"), "bad"),
        Verdict::Unclear => (lang.t("判断できない", "unclear"), "warn"),
    }
}
