//! What the facts of an incident mean: whether the law asks for a report, and how grave it is. Suggestions; a person confirms.

use pack::Pack;

use crate::records::Record;

/// A law that asks for reports of leaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Law {
    /// 個人情報保護法 68条
    PersonalInformation,
    /// 番号法 29条の4
    MyNumber,
}

/// Persons above which a leak of a public body is reported, whatever it holds.
const PERSONS: i64 = 100;

/// A case in which a law asks for a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// 要配慮個人情報, of one person or more.
    Sensitive,
    /// Property damage is possible.
    Property,
    /// A wrongful purpose is possible.
    Wrongful,
    /// More than a hundred persons.
    Many,
    /// 特定個人情報 of the systems that the 番号法 names.
    NumberSystem,
    /// 特定個人情報 with a wrongful purpose possible.
    NumberWrongful,
    /// 特定個人情報 that anybody could see.
    NumberOpen,
    /// 特定個人情報 of more than a hundred persons.
    NumberMany,
}

impl Case {
    /// Whose case it is.
    pub fn law(self) -> Law {
        match self {
            Self::Sensitive | Self::Property | Self::Wrongful | Self::Many => Law::PersonalInformation,
            Self::NumberSystem | Self::NumberWrongful | Self::NumberOpen | Self::NumberMany => Law::MyNumber,
        }
    }
}

/// What the facts say of the duty to report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Duty {
    /// The cases that the incident is; none: nothing known asks for a report.
    pub cases: Vec<Case>,
    /// Facts that are not known yet and may still make it one, by the field that says them.
    pub open: Vec<&'static str>,
}

/// Judges the duty to report. A possible leak counts as one; data that was strongly encrypted, or came back before anybody saw
/// it, was not leaked.
pub fn duty(record: &Record) -> Duty {
    let is = |field: &str, value: &str| record.text(field) == Some(value);
    if is("personal", "none") || is("protected", "encrypted") || is("protected", "recovered") {
        return Duty::default();
    }
    let number = is("personal", "my_number");
    let many = record.int("persons").is_some_and(|persons| persons > PERSONS);
    let cases = [
        (is("personal", "sensitive"), Case::Sensitive),
        (is("property", "yes"), Case::Property),
        (is("wrongful", "yes"), Case::Wrongful),
        (many, Case::Many),
        (number && is("number_system", "yes"), Case::NumberSystem),
        (number && is("wrongful", "yes"), Case::NumberWrongful),
        (number && is("seen_by_many", "yes"), Case::NumberOpen),
        (number && many, Case::NumberMany),
    ];
    // Without personal data none of the cases is one, so all wait for that fact.
    let known = !is("personal", "unknown");
    let cases = cases.into_iter().filter(|(holds, _)| *holds && known).map(|(_, case)| case).collect();
    let mut open: Vec<&'static str> =
        ["personal", "property", "wrongful"].into_iter().filter(|f| is(f, "unknown")).collect();
    if record.int("persons").is_none() {
        open.push("persons");
    }
    if number {
        let unsaid = |field: &&str| !is(field, "yes") && !is(field, "no");
        open.extend(["number_system", "seen_by_many"].into_iter().filter(unsaid));
    }
    Duty { cases, open }
}

/// 重さ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// An event that harmed nothing.
    L0,
    /// One terminal, no leak.
    L1,
    /// A service is slow, or something protected was lost.
    L2,
    /// Personal data of up to a hundred persons, or one system stopped.
    L3,
    /// More persons, 特定個人情報, a wrongful purpose, several systems.
    L4,
    /// Services stop citywide, ransomware, or it spreads to LGWAN.
    L5,
}

impl Level {
    /// All, from the lightest.
    pub const ALL: [Self; 6] = [Self::L0, Self::L1, Self::L2, Self::L3, Self::L4, Self::L5];

    /// The choice of the field `severity`.
    pub fn id(self) -> &'static str {
        match self {
            Self::L0 => "l0",
            Self::L1 => "l1",
            Self::L2 => "l2",
            Self::L3 => "l3",
            Self::L4 => "l4",
            Self::L5 => "l5",
        }
    }

    /// The level of a choice.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.id() == id)
    }
}

/// Why a level is suggested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// ランサムウェア
    Ransomware,
    /// Resident services stopped citywide.
    Citywide,
    /// An attack reached a network of LGWAN.
    Lgwan,
    /// LGWAN was cut off.
    LgwanCut,
    /// Several systems stopped.
    SeveralSystems,
    /// More than a hundred persons.
    ManyPersons,
    /// 特定個人情報
    MyNumber,
    /// A wrongful purpose is possible.
    Wrongful,
    /// One system stopped.
    OneSystem,
    /// Personal data.
    PersonalData,
    /// A service is slow or partly stopped.
    Degraded,
    /// Lost, but strongly encrypted or back before anybody saw it.
    Protected,
    /// Information of 機密性2 or higher.
    Confidential,
    /// An attack without a leak so far.
    Attack,
    /// Nothing that harmed.
    Nothing,
}

/// A level with what speaks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// The level.
    pub level: Level,
    /// Facts of that level.
    pub why: Vec<Why>,
}

/// Whether the incident is an attack from outside or by somebody inside.
pub fn is_attack(record: &Record) -> bool {
    matches!(record.text("kind"), Some("malware" | "ransomware" | "access" | "ddos"))
}

/// Whether a zone that the incident reached handles this (`lgwan`, `internet`, `my_number`).
pub fn reached(pack: &Pack, record: &Record, handles: &str) -> bool {
    let zones = record.texts("zones");
    pack.zones.iter().any(|zone| zones.contains(&zone.id.as_str()) && zone.handles.iter().any(|h| h == handles))
}

/// Suggests 重さ from the facts.
pub fn suggest(pack: &Pack, record: &Record) -> Suggestion {
    let is = |field: &str, value: &str| record.text(field) == Some(value);
    let protected = is("protected", "encrypted") || is("protected", "recovered");
    let personal = !protected && matches!(record.text("personal"), Some("personal" | "sensitive" | "my_number"));
    let attack = is_attack(record);
    let facts = [
        (is("kind", "ransomware"), Level::L5, Why::Ransomware),
        (is("outage", "citywide"), Level::L5, Why::Citywide),
        (attack && reached(pack, record, "lgwan"), Level::L5, Why::Lgwan),
        (is("lgwan_cut", "yes"), Level::L5, Why::LgwanCut),
        (is("outage", "several"), Level::L4, Why::SeveralSystems),
        (personal && record.int("persons").is_some_and(|n| n > PERSONS), Level::L4, Why::ManyPersons),
        (personal && is("personal", "my_number"), Level::L4, Why::MyNumber),
        (is("wrongful", "yes"), Level::L4, Why::Wrongful),
        (is("outage", "one"), Level::L3, Why::OneSystem),
        (personal, Level::L3, Why::PersonalData),
        (is("outage", "degraded"), Level::L2, Why::Degraded),
        (protected, Level::L2, Why::Protected),
        (!protected && above_public(pack, record), Level::L2, Why::Confidential),
        (attack, Level::L1, Why::Attack),
    ];
    let met: Vec<_> = facts.into_iter().filter(|(holds, ..)| *holds).collect();
    // A near miss harmed nothing, whatever it might have touched.
    let level = met.iter().map(|(_, level, _)| *level).max().filter(|_| !is("kind", "near_miss"));
    match level {
        Some(level) => {
            let why = met.into_iter().filter(|(_, of, _)| *of == level).map(|(.., why)| why).collect();
            Suggestion { level, why }
        }
        None => Suggestion { level: Level::L0, why: vec![Why::Nothing] },
    }
}

/// Whether the information is of a class above the lowest.
fn above_public(pack: &Pack, record: &Record) -> bool {
    let lowest = pack.classes.of(pack::model::Axis::Confidentiality).last().map(|class| class.id.as_str());
    record.text("confidentiality").is_some_and(|class| Some(class) != lowest)
}
