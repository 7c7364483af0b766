//! The menu: five groups, sixteen places. A place is shown when there is something in it that works and concerns the reader.

use pack::Pack;
use pack::model::Register;

use super::lang::Lang;
use super::link;

/// A place of the menu.
struct Place {
    /// The id that registers name in `menu = "…"`, and that pages name as the place where they stand.
    id: &'static str,
    ja: &'static str,
    en: &'static str,
    /// Its own page; without one the place leads to its registers.
    to: Option<&'static str>,
}

const fn place(id: &'static str, ja: &'static str, en: &'static str, to: Option<&'static str>) -> Place {
    Place { id, ja, en, to }
}

type PlaceGroup = (&'static str, &'static str, &'static [Place]);

/// In the order in which it is read. A page that begins to work gives its place an address here.
const PLACES: &[PlaceGroup] = &[
    (
        "毎日",
        "Every day",
        &[
            place("home", "ホーム", "Home", Some("/")),
            place("inbox", "処理待ち", "To decide", Some("/inbox")),
            place("requests", "申請・届出", "Requests", None),
            place("transfers", "ファイル受渡し（無害化）", "File transfer (sanitised)", None),
            place("incidents", "事故・ヒヤリハット報告", "Incident report", None),
        ],
    ),
    (
        "知る",
        "Know",
        &[
            place("documents", "規程・手順・様式", "Rules, procedures, forms", Some("/documents")),
            place("training", "研修・自己点検", "Training, self-check", None),
        ],
    ),
    (
        "台帳",
        "Registers",
        &[
            place("assets", "情報資産・媒体", "Assets, media", None),
            place("systems", "システム・ネットワーク・ID", "Systems, network, IDs", None),
            place("outsourcing", "委託・外部サービス・SNS", "Outsourcing, services, SNS", None),
        ],
    ),
    (
        "全庁",
        "Whole city",
        &[
            place("compliance", "遵守状況・改善", "Compliance", Some("/compliance")),
            place("plan", "年間計画・委員会", "Yearly plan, committee", None),
            place("audits", "監査・リスク・見直し", "Audit, risk, review", None),
            place("separation", "ネットワーク分割の確認", "Network separation", None),
            place("continuity", "緊急時・業務継続", "Emergency, continuity", None),
        ],
    ),
    (
        "管理",
        "Administration",
        &[place(
            "organisation",
            "組織・役割・操作記録・設定",
            "Organisation, journal, settings",
            Some("/organisation"),
        )],
    ),
];

/// A group of the menu as it is shown.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) title: &'static str,
    pub(crate) entries: Vec<Entry>,
}

/// An entry as it is shown.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) label: &'static str,
    pub(crate) to: String,
    pub(crate) here: bool,
    /// Open tasks behind it; 0 shows none.
    pub(crate) count: u64,
}

/// Everything that the menu depends on.
pub(crate) struct Asked<'a> {
    /// The place where the page stands.
    pub(crate) here: &'a str,
    /// Open tasks of the reader.
    pub(crate) tasks: u64,
    /// Whether the reader sees the pages for the whole city and its administration, as opposed to a contractor.
    pub(crate) inside: bool,
}

/// The menu of a reader.
pub(crate) fn build(pack: &Pack, lang: Lang, asked: &Asked<'_>) -> Vec<Group> {
    let entry = |place: &Place| {
        if !asked.inside && !matches!(place.id, "home" | "documents") {
            return None;
        }
        let registers = pack.registers.iter().filter(|register| register.menu.as_deref() == Some(place.id)).count();
        let to = match place.to {
            Some(to) => to.to_owned(),
            None if registers > 0 => format!("/place/{}", link::encode(place.id)),
            None => return None,
        };
        let count = if place.id == "inbox" { asked.tasks } else { 0 };
        Some(Entry { label: lang.t(place.ja, place.en), to, here: place.id == asked.here, count })
    };
    let groups = PLACES
        .iter()
        .map(|(ja, en, places)| Group { title: lang.t(ja, en), entries: places.iter().filter_map(entry).collect() });
    groups.filter(|group| !group.entries.is_empty()).collect()
}

/// The registers of a place, in the order in which the policy puts them.
pub(crate) fn registers<'a>(pack: &'a Pack, id: &str) -> Vec<&'a Register> {
    let mut here: Vec<_> = pack.registers.iter().filter(|register| register.menu.as_deref() == Some(id)).collect();
    here.sort_by_key(|register| register.order.unwrap_or(u32::MAX));
    here
}

/// The name of a place.
pub(crate) fn name(id: &str, lang: Lang) -> Option<&'static str> {
    PLACES
        .iter()
        .flat_map(|(_, _, places)| *places)
        .find(|place| place.id == id)
        .map(|place| lang.t(place.ja, place.en))
}
