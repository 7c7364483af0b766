//! Who may do what. The check is made here, inside the operation, and yields the [`Permit`] that the write uses up.

pub mod decisions;
mod records;

use serde_json::{Map, Value as Json};

use crate::operation::{Actor, Reading};
use crate::people::Standing;
use crate::{Error, Result};

pub use records::{allows, attach, creatable, create, download, edit, passage, sensitive_read, step};

/// Leave to do one act on one thing. Only the checks of this module make one, and a write takes it by value.
#[derive(Debug)]
#[must_use = "a permit that no write uses up does nothing"]
pub struct Permit {
    pub(crate) act: String,
    pub(crate) kind: String,
    pub(crate) subject: String,
    pub(crate) note: Map<String, Json>,
}

/// Work that the organisation does on the ledger itself, beside what registers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Office {
    /// Units, persons, posts, substitutes.
    People,
    /// Accounts, credentials, tokens of others.
    Accounts,
    /// The policy in force: proposals.
    Packs,
    /// What the secretariat proposes for the whole city is decided: the policy, the disposal of records.
    Approval,
    /// Files of data sources.
    Facts,
    /// Retention: disposal and holds.
    Retention,
    /// Checkpoints and exports of the journal, copies of everything.
    Journal,
    /// Evidence for auditors (証跡), of what its taker may see.
    Evidence,
}

/// The role of the 事務局 in a pack.
pub const SECRETARIAT: &str = "secretariat";
/// The role of whoever administers the product.
pub const ADMINISTRATOR: &str = "product_administrator";
/// The role of whoever keeps the staff data (人事担当).
pub const PERSONNEL: &str = "personnel";
/// The role of 最高情報セキュリティ責任者.
pub const CISO: &str = "ciso";
/// The role of 統括情報セキュリティ責任者.
pub const CHIEF: &str = "chief_security_officer";
/// The role of whoever says in a unit who is away (庶務担当).
pub const GENERAL_AFFAIRS: &str = "general_affairs";
/// The role of a section's 情報セキュリティ担当, who enters from paper for others (代理入力).
pub const SECTION_SECURITY_STAFF: &str = "section_security_staff";
/// The role of 情報システム管理者.
pub const SYSTEM_MANAGER: &str = "system_manager";

impl Office {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::People,
        Self::Accounts,
        Self::Packs,
        Self::Approval,
        Self::Facts,
        Self::Retention,
        Self::Journal,
        Self::Evidence,
    ];

    /// The roles whose holders do this work.
    pub fn roles(self) -> &'static [&'static str] {
        match self {
            Self::People => &[SECRETARIAT, PERSONNEL, ADMINISTRATOR],
            Self::Accounts => &[ADMINISTRATOR],
            Self::Packs | Self::Retention => &[SECRETARIAT],
            Self::Approval => &[CISO, CHIEF],
            Self::Facts => &[SECRETARIAT, SYSTEM_MANAGER, ADMINISTRATOR],
            Self::Journal => &[SECRETARIAT, ADMINISTRATOR, "auditor"],
            Self::Evidence => &["auditor", "audit_chief", "audit_deputy", CISO, "deputy_ciso", CHIEF, SECRETARIAT],
        }
    }
}

/// Leave to do an office's work. Commands on the server and parts of the machine have it; a person by role.
pub fn office(
    reading: &Reading,
    standing: Option<&Standing>,
    office: Office,
    act: &str,
    kind: &str,
    subject: impl ToString,
) -> Result<Permit> {
    let allowed = match reading.actor() {
        Actor::Operator(_) | Actor::Machine(_) => true,
        Actor::Person(id) => {
            standing.is_some_and(|s| s.person == *id && office.roles().iter().any(|role| s.holds_office(role)))
        }
    };
    if allowed {
        Ok(Permit::new(act, kind, subject))
    } else {
        Err(Error::forbidden("この操作をする役割がありません。", "You hold no role that may do this.")
            .logged(format!("{office:?} {act} by {}", reading.actor())))
    }
}

/// Leave to report a duty as done: whoever the control's term names, for the unit that answers for the subject.
pub async fn attest(
    reading: &mut Reading,
    standing: &Standing,
    control: &pack::model::Control,
    unit: Option<crate::Id>,
) -> Result<Permit> {
    let pack::model::Nature::Attested(attestation) = &control.nature else {
        return Err(Error::refused(
            format!("遵守項目「{}」は記録から自動で判定されるため、実施報告はできません。", control.title.ja),
            format!("The control '{}' is decided from records and takes no report.", control.id),
        ));
    };
    let held = match &attestation.by {
        pack::model::Term::Role { role, scope: pack::model::TermScope::Unit } => match unit {
            Some(unit) => {
                let above = crate::people::units::above(reading, unit, standing.day).await?;
                standing.units_of(role).iter().any(|held| *held == unit || above.contains(held))
            }
            None => standing.holds_in_city(role),
        },
        pack::model::Term::Role { role, .. } => match unit {
            Some(unit) => standing.holds_in_body_of(role, unit),
            None => standing.holds_in_city(role),
        },
        _ => false,
    };
    if held && reading.actor().person() == Some(standing.person) {
        Ok(Permit::new("attest", "control", &control.id))
    } else {
        Err(Error::forbidden(
            "この遵守項目の実施報告をする役割がありません。",
            "You hold no role that reports on this control.",
        )
        .logged(format!("attest {} by {}", control.id, reading.actor())))
    }
}

/// Leave to do something about oneself, such as one's own absence or credential.
pub fn own(reading: &Reading, person: crate::Id, act: &str, kind: &str, subject: impl ToString) -> Result<Permit> {
    match reading.actor() {
        Actor::Person(id) if *id == person => Ok(Permit::new(act, kind, subject)),
        _ => Err(Error::forbidden("本人だけができる操作です。", "Only the person concerned may do this.")),
    }
}

/// Leave to say when a person is away: the person, 庶務担当 of the person's main unit or one above it, and 人事担当. Nobody says it
/// in another's place.
pub async fn absence(reading: &mut Reading, standing: &Standing, person: crate::Id, act: &str) -> Result<Permit> {
    if person == standing.person {
        return own(reading, person, act, "person", person);
    }
    let home = crate::people::posts::home(reading, person, standing.day).await?;
    let above = match home {
        Some(home) => crate::people::units::above(reading, home, standing.day).await?,
        None => Vec::new(),
    };
    let near = |held: &&crate::people::Held| {
        held.role == GENERAL_AFFAIRS && held.deputy_for.is_none() && above.contains(&held.unit)
    };
    let looks_after = standing.held.iter().any(|held| near(&held))
        || home.is_some_and(|home| standing.holds_itself_in_body_of(PERSONNEL, home));
    if looks_after && reading.actor().person() == Some(standing.person) {
        return Ok(Permit::new(act, "person", person));
    }
    Err(Error::forbidden(
        "不在を設定できるのは、本人、その所属の庶務担当と人事担当です。",
        "Only the person, the general affairs clerk of the unit, and personnel may set an absence.",
    )
    .logged(format!("{act} {person} by {}", reading.actor())))
}

/// Whether the person enters from paper for others anywhere, by an own post. Only asked, to offer it; the write asks again.
pub fn enters_for_others(standing: &Standing) -> bool {
    standing.holds_itself(SECTION_SECURITY_STAFF)
}

/// Whether the actor may enter from paper for a person (代理入力): 情報セキュリティ担当 of a unit to which the person belongs, or of
/// one above it, by an own post, and never for oneself. What may be created is asked apart, by [`create`].
pub(crate) async fn enter_for(reading: &mut Reading, standing: Option<&Standing>, person: crate::Id) -> Result<()> {
    let Some(actor) = reading.actor().person() else { return Ok(()) };
    let Some(standing) = standing.filter(|standing| standing.person == actor && enters_for_others(standing)) else {
        return Err(Error::forbidden(
            "代理入力ができるのは、情報セキュリティ担当だけです。自分の申請は、代理入力にせずに登録してください。",
            "Only section security staff enter from paper for others. Enter your own application as your own.",
        ));
    };
    if person == actor {
        return Err(Error::invalid_field(
            "entered_for",
            "自分の申請を自分で代理入力することはできません。代理入力にせずに登録してください。",
            "Nobody enters for oneself. Enter your own application as your own.",
        ));
    }
    let (day, mine) =
        (standing.day, |held: &&crate::people::Held| held.role == SECTION_SECURITY_STAFF && held.deputy_for.is_none());
    for unit in crate::people::posts::units_of(reading, person, day).await? {
        let above = crate::people::units::above(reading, unit, day).await?;
        if standing.held.iter().filter(mine).any(|held| above.contains(&held.unit)) {
            return Ok(());
        }
    }
    Err(Error::invalid_field(
        "entered_for",
        "代理入力ができるのは、情報セキュリティ担当をしている所属の職員等の分だけです。",
        "You may enter only for people of the units whose security staff you are.",
    ))
}

/// Leave to note how a sign-in went; nobody is signed in yet who could be asked.
pub(crate) fn sign_in(act: &str, account: Option<crate::Id>) -> Permit {
    Permit::new(act, "account", account.map(|id| id.to_string()).unwrap_or_default())
}

impl Permit {
    fn new(act: &str, kind: &str, subject: impl ToString) -> Self {
        Self { act: act.to_owned(), kind: kind.to_owned(), subject: subject.to_string(), note: Map::new() }
    }
}
