//! What is judged of a contract, in words.

use std::collections::BTreeMap;

use ledger::Id;
use ledger::kinds::contract::{Concern, Judged, NoLeave, Node, Permission, Trouble};

use crate::page::date;
use crate::page::lang::Lang;

/// A concern: colour of its tag, and words.
pub(super) fn concern(concern: Concern, lang: Lang) -> (&'static str, String) {
    let colour = if concern.is_grave() { "bad" } else { "warn" };
    let (ja, en) = match concern {
        Concern::Unpermitted(n) => (format!("承認のない再委託 {n}件"), format!("{n} sub-contracts without permission")),
        Concern::Untold(n) => (format!("報告していない重大な不足 {n}件"), format!("{n} serious shortfalls not told")),
        Concern::LateMeasures(n) => (format!("期限を過ぎた措置 {n}件"), format!("{n} measures late")),
        Concern::Unchecked(n) => (format!("点検の期限切れ（{n}日）"), format!("check {n} days overdue")),
        Concern::Overrun(n) => (format!("終了の手続がまだ（{n}日）"), format!("ended {n} days ago, still open")),
        Concern::NotBack(n) => (format!("返却・消去の証明書なし {n}者"), format!("{n} without certificate of return")),
        Concern::WithoutCertificate(n) => (format!("証明書が{n}枚足りない"), format!("{n} certificates missing")),
        Concern::MissingClauses(n) => (format!("契約に書く事項が{n}件足りない"), format!("{n} clauses missing")),
        Concern::Shortfalls(n) => (format!("是正中 {n}件"), format!("{n} shortfalls open")),
        Concern::CheckNear(n) => (format!("点検まで{n}日"), format!("check in {n} days")),
        Concern::Ends(n) => (format!("終わりまで{n}日"), format!("ends in {n} days")),
        Concern::OutOfOrder(n) => (format!("再委託の記録の確認 {n}件"), format!("{n} sub-contracts to put right")),
    };
    (colour, if lang == Lang::En { en } else { ja })
}

/// 再委託, 再々委託, 再々々委託; from there on by number.
pub(super) fn level(depth: usize, lang: Lang) -> String {
    if lang == Lang::En {
        return format!("Level {depth}");
    }
    match depth {
        0 => "委託".to_owned(),
        1 => "再委託".to_owned(),
        2 => "再々委託".to_owned(),
        3 => "再々々委託".to_owned(),
        n => format!("{n}段目の再委託"),
    }
}

/// The permission: colour and words.
pub(super) fn permission(node: &Node, lang: Lang) -> (&'static str, String) {
    let words = |colour, ja: &str, en: &str| (colour, lang.t(ja, en).to_owned());
    match node.permission {
        Permission::Given(Some(day)) => {
            let day = date::long(lang, day);
            ("ok", if lang == Lang::En { format!("permitted on {day}") } else { format!("{day}承認") })
        }
        Permission::Given(None) => words("warn", "承認（日は不明）", "permitted, day unknown"),
        Permission::Refused if node.at_work => words("bad", "不承認", "refused"),
        Permission::Refused => words("", "不承認", "refused"),
        Permission::Asked if node.at_work => words("bad", "承認されていない", "not permitted"),
        Permission::Asked => words("warn", "承認待ち", "asked for"),
        Permission::NotAsked if node.at_work => words("bad", "申請されていない", "not asked for"),
        Permission::NotAsked => words("none", "下書き", "draft"),
    }
}

/// Names of sub-contractors by their records.
pub(super) fn partners(judged: &Judged) -> BTreeMap<Id, String> {
    let name = |node: &Node| (node.record.id, node.record.text("partner").unwrap_or_default().to_owned());
    judged.nodes.iter().map(name).collect()
}

/// What is wrong with a sub-contract.
pub(super) fn trouble(trouble: Trouble, partners: &BTreeMap<Id, String>, lang: Lang) -> String {
    let name = |id: Id| partners.get(&id).cloned().unwrap_or_default();
    let day = |day| date::long(lang, day);
    let (ja, en) = match trouble {
        Trouble::AtWork(since) => (
            format!("市の承認なく、{}から作業しています", day(since)),
            format!("at work without permission since {}", day(since)),
        ),
        Trouble::FoundOut(known) => (
            format!("市の承認のない作業が、{}に分かりました", day(known)),
            format!("found out on {} to work without permission", day(known)),
        ),
        Trouble::Early { began, permitted } => (
            format!("承認（{}）より前の{}に作業を始めています", day(permitted), day(began)),
            format!("began on {}, before its permission on {}", day(began), day(permitted)),
        ),
        Trouble::NotPermittedAbove(id) => (
            format!("上の段階の「{}」が承認されていません", name(id)),
            format!("\"{}\" above it is not permitted", name(id)),
        ),
        Trouble::MyNumber(NoLeave::Here) => (
            "番号法：市の許諾なく、マイナンバーを扱っています".to_owned(),
            "Number Act: handles My Number data without the city's leave".to_owned(),
        ),
        Trouble::MyNumber(NoLeave::NoNumber) => (
            "番号法：市の許諾の文書番号がありません".to_owned(),
            "Number Act: the city's document is not named".to_owned(),
        ),
        Trouble::MyNumber(NoLeave::Above(id)) => (
            format!("番号法：上の段階の「{}」に市の許諾がありません", name(id)),
            format!("Number Act: \"{}\" above it has no leave", name(id)),
        ),
        Trouble::MoreThanAbove => (
            "上の段階より高い分類の情報か、広い個人情報を渡しています".to_owned(),
            "gets information of a higher class, or more personal data, than the one above".to_owned(),
        ),
        Trouble::AboveElsewhere => (
            "一つ上の再委託が、この契約のものでないか、閲覧できません".to_owned(),
            "the one above is not of this contract, or you may not see it".to_owned(),
        ),
        Trouble::InRing => ("互いに一つ上になっています".to_owned(), "stands in a ring".to_owned()),
        Trouble::OnRing => (
            "上をたどると、互いに一つ上になっている再委託に行き着きます".to_owned(),
            "the chain above it ends in a ring".to_owned(),
        ),
        Trouble::Level { entered, real } => (
            format!("段階の入力は{entered}ですが、図では{real}です"),
            format!("entered as level {entered}, stands on level {real}"),
        ),
    };
    if lang == Lang::En { en } else { ja }
}
