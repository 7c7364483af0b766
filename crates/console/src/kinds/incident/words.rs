//! What is judged of an incident, in words that blame nobody.

use ledger::kinds::incident::{Because, Case, Clock, Law, Left, Level, Report, Why};
use pack::expr::Day;
use pack::model::{FieldType, Register};

use crate::page::date;
use crate::page::lang::Lang;

/// What speaks for a level.
pub(super) fn why(why: Why, lang: Lang) -> &'static str {
    let (ja, en) = match why {
        Why::Ransomware => ("ランサムウェア", "ransomware"),
        Why::Citywide => ("住民サービスが全庁で止まった", "resident services stopped citywide"),
        Why::Lgwan => ("攻撃がＬＧＷＡＮに接続するネットワークに及んだ", "an attack reached the network of LGWAN"),
        Why::LgwanCut => ("ＬＧＷＡＮを切り離した", "LGWAN was cut off"),
        Why::SeveralSystems => ("複数のシステムが止まった", "several systems stopped"),
        Why::ManyPersons => ("個人情報が百人を超える", "personal data of more than a hundred persons"),
        Why::MyNumber => ("特定個人情報を含む", "My Number data"),
        Why::Wrongful => ("不正の目的のおそれがある", "a wrongful purpose is possible"),
        Why::OneSystem => ("一つのシステムが止まった", "one system stopped"),
        Why::PersonalData => ("個人情報を含む", "personal data"),
        Why::Degraded => ("遅い、又は一部だけ止まった", "slow or partly stopped"),
        Why::Protected => {
            ("暗号化等がされていたか、見られる前に取り戻した", "encrypted, or back before anybody saw it")
        }
        Why::Confidential => ("機密性の高い情報を含む", "information of a higher class"),
        Why::Attack => ("攻撃だが、漏えいや停止は分かっていない", "an attack, with no leak or outage known"),
        Why::Nothing => ("害は分かっていない", "no harm is known"),
    };
    lang.t(ja, en)
}

/// A case of the laws.
pub(super) fn case(case: Case, lang: Lang) -> &'static str {
    let (ja, en) = match case {
        Case::Sensitive => ("要配慮個人情報を含む", "sensitive personal data"),
        Case::Property => ("財産的被害のおそれがある", "property damage is possible"),
        Case::Wrongful => ("不正の目的のおそれがある", "a wrongful purpose is possible"),
        Case::Many => ("本人が百人を超える", "more than a hundred persons"),
        Case::NumberSystem => {
            ("番号法が定めるシステムの特定個人情報", "My Number data of the systems that the Act names")
        }
        Case::NumberWrongful => ("特定個人情報で、不正の目的のおそれがある", "My Number data and a wrongful purpose"),
        Case::NumberOpen => ("特定個人情報が不特定多数に見られたおそれがある", "My Number data open to anybody"),
        Case::NumberMany => ("特定個人情報の本人が百人を超える", "My Number data of more than a hundred persons"),
    };
    lang.t(ja, en)
}

pub(super) fn law(law: Law, lang: Lang) -> &'static str {
    match law {
        Law::PersonalInformation => lang.t("個人情報保護法", "Personal Information Act"),
        Law::MyNumber => lang.t("番号法", "My Number Act"),
    }
}

pub(super) fn report(report: Report, lang: Lang) -> &'static str {
    match report {
        Report::Preliminary => lang.t("速報", "Preliminary report"),
        Report::Final => lang.t("確報", "Final report"),
    }
}

/// How much time is left: tag colour and words.
pub(super) fn left(clock: &Clock, today: Day, lang: Lang) -> (&'static str, String) {
    let ja = lang == Lang::Ja;
    match clock.left(today) {
        Left::Done => ("ok", lang.t("期限までに済み", "done in time").to_owned()),
        Left::DoneLate(days) => {
            ("warn", if ja { format!("済み（{days}日遅れ）") } else { format!("done {days} days late") })
        }
        Left::Days(0) => ("bad", lang.t("今日が期限", "due today").to_owned()),
        Left::Days(days) => {
            let near = clock.aim.map_or(days <= 7, |aim| aim <= today);
            let colour = if near { "warn" } else { "key" };
            (colour, if ja { format!("あと{days}日") } else { format!("{days} days left") })
        }
        Left::Over(days) => ("bad", if ja { format!("{days}日過ぎています") } else { format!("{days} days over") }),
    }
}

/// Why somebody has to be told.
pub(super) fn because(because: Because, register: &Register, lang: Lang) -> String {
    let fixed = match because {
        Because::Always => ("全ての事案", "every incident"),
        Because::Level(least) => {
            let name = level(register, least, lang);
            return if lang == Lang::En { format!("{name} and above") } else { format!("{name}以上") };
        }
        Because::Attack => ("攻撃を受けた（Ｌ３以上）", "an attack of L3 or above"),
        Because::Internet => ("インターネット側に及ぶ攻撃", "an attack on the internet side"),
        Because::Lgwan => ("ＬＧＷＡＮに関わる", "concerns LGWAN"),
        Because::Cut => ("ＬＧＷＡＮを切り離した", "LGWAN was cut off"),
        Because::Crime => ("不正の目的のおそれ", "a wrongful purpose is possible"),
        Because::Law => ("法令による報告・通知", "asked for by law"),
        Because::Contract => ("委託に関わる", "under a contract"),
    };
    lang.t(fixed.0, fixed.1).to_owned()
}

/// The short name of a level, such as Ｌ４: what stands before the first space of the choice's label.
pub(super) fn level(register: &Register, level: Level, lang: Lang) -> String {
    let label = level_label(register, level, lang);
    label.split([' ', '　']).next().unwrap_or_default().to_owned()
}

/// The label of a level, as the register offers it.
pub(super) fn level_label(register: &Register, level: Level, lang: Lang) -> String {
    let Some(FieldType::Choice(choices)) = register.field("severity").map(|field| &field.ty) else {
        return String::new();
    };
    let choice = choices.iter().find(|choice| choice.id == level.id());
    choice.map(|choice| lang.of(&choice.label).to_owned()).unwrap_or_default()
}

/// The label of a field.
pub(super) fn field<'a>(register: &'a Register, id: &str, lang: Lang) -> &'a str {
    register.field(id).map(|field| lang.of(&field.label)).unwrap_or_default()
}

/// What is done on the day of a field, as an item of a list: the label without its day, such as 県に知らせた.
pub(super) fn item<'a>(register: &'a Register, id: &str, lang: Lang) -> &'a str {
    let label = field(register, id, lang);
    match lang {
        Lang::Ja => label.strip_suffix("の日").or_else(|| label.strip_suffix('日')).unwrap_or(label),
        Lang::En => label.strip_suffix(" on").unwrap_or(label),
    }
}

/// 12月14日（月）まで.
pub(super) fn until(day: Day, lang: Lang) -> String {
    let day = date::long_with_weekday(lang, day);
    if lang == Lang::En { format!("by {day}") } else { format!("{day}まで") }
}
