//! What stands on the first page, and in which order: what a role is answerable for comes first.

use ledger::people::Standing;

/// A card of the main column. A card with nothing to say is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Card {
    /// 進行中の事案と法定期限
    Incidents,
    /// 監査の計画・調書・改善期限; 改善の指示 for those who give them
    Audits,
    /// 部内の課別状況
    Sections,
    /// 処理待ち
    Tasks,
    /// 研修・自己点検
    Sheets,
    /// 遵守状況
    Compliance,
    /// Which controls fail most.
    Causes,
    /// 期限超過 (whose)
    Overdue,
    /// Days of the coming month.
    Days,
    /// データ源の停止
    Silent,
    /// 確認が要る委託契約
    Contracts,
    /// お知らせ: return days and other deadlines
    Notices,
    /// 申請の状況
    Requests,
}

use Card::{
    Audits, Causes, Compliance, Contracts, Days, Incidents, Notices, Overdue, Requests, Sections, Sheets, Silent, Tasks,
};

/// Roles and what they see first: the first role that a person holds decides. A head of section manages the section's systems
/// too, but decides before all. What is not named follows in the order of [`EVERYBODY`].
const FIRST: &[(&[&str], &[Card])] = &[
    (&["ciso", "deputy_ciso", "chief_security_officer"], &[Incidents, Compliance, Tasks, Audits, Overdue]),
    (&["csirt"], &[Incidents, Tasks, Compliance]),
    (&["audit_chief", "audit_deputy", "auditor"], &[Audits, Tasks, Compliance]),
    (&["secretariat"], &[Overdue, Days, Silent, Tasks, Compliance]),
    (&["bureau_security_officer"], &[Sections, Tasks, Compliance]),
    (&["lan_manager"], &[Causes, Silent, Tasks, Compliance]),
    (&["section_manager"], &[Tasks, Compliance, Notices]),
    (&["system_manager"], &[Causes, Silent, Tasks, Compliance]),
    (&["product_administrator"], &[Silent, Tasks, Compliance]),
];

/// The order for everybody else.
const EVERYBODY: &[Card] = &[
    Tasks, Sheets, Requests, Notices, Sections, Compliance, Causes, Overdue, Incidents, Audits, Contracts, Days, Silent,
];

/// Cards that only those see who have them first: to others they repeat what the compliance card says.
const OWN: &[Card] = &[Causes, Overdue, Days];

/// The cards of a person, in order.
pub(super) fn cards(standing: &Standing) -> Vec<Card> {
    let first = FIRST.iter().find(|(roles, _)| roles.iter().any(|role| standing.holds_itself(role)));
    let first = first.map_or(&[][..], |(_, cards)| cards);
    let rest = EVERYBODY.iter().filter(|card| !first.contains(card) && !OWN.contains(card));
    first.iter().chain(rest).copied().collect()
}
