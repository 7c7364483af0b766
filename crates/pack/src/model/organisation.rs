//! Who: the municipality, its bodies, roles and categories of staff.

use super::{Site, Text};
use crate::expr::Day;

/// Whose policy the pack is.
#[derive(Debug, Clone)]
pub struct Municipality {
    /// Name, such as 袖ケ浦市.
    pub name: Text,
    /// 全国地方公共団体コード, six digits with check digit.
    pub code: Option<String>,
    /// A sentence for every page and print where the data is made up (「架空のデータ」).
    pub notice: Option<Text>,
    /// The telephone number of the incident contact, shown on every page.
    pub contact: Option<String>,
}

/// Fiscal year and days off.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    /// Holidays, sorted. Saturdays and Sundays are not listed. What is no date was refused by the checker.
    pub holidays: Vec<Day>,
}

/// A body within the municipality.
#[derive(Debug, Clone)]
pub struct Body {
    /// Id such as `mayor`, `assembly`, `education_board`.
    pub id: String,
    /// Name, such as 市長部局.
    pub name: Text,
    /// What it is.
    pub kind: BodyKind,
    /// Whether the policy applies to it.
    pub in_scope: bool,
    /// Whether it adopts the policy for itself; an in-scope body without this names the body that adopts for it.
    pub adopts: bool,
    /// The body whose adoption covers this one.
    pub adopted_by: Option<String>,
    /// Where it stands.
    pub site: Site,
}

/// Kinds of body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    /// 市長部局, 会計室 and other offices under the head.
    Mayor,
    /// 議会.
    Assembly,
    /// 行政委員会 and 委員.
    Committee,
    /// 消防.
    Fire,
    /// 一部事務組合, 企業団.
    Joint,
}

/// A role that posts carry, such as `ciso`, `section_manager`.
#[derive(Debug, Clone)]
pub struct Role {
    /// Id, lower case with underscores.
    pub id: String,
    /// Full name, such as 情報セキュリティ管理者.
    pub name: Text,
    /// Short name for lists, such as CISO.
    pub short: Option<Text>,
    /// Where in the organisation the role is held.
    pub level: RoleLevel,
    /// Most holders at one time in one place of that level; none: any number.
    pub most: Option<u32>,
    /// Whether sign-in needs a second factor (everything above staff).
    pub second_factor: bool,
    /// Rank in 決裁, higher decides over lower; 引上げ goes to a higher rank.
    pub rank: u32,
    /// Roles that act in its absence (代決), in this order.
    pub substitutes: Vec<String>,
    /// Whether the role is every staff member's by being staff (`staff`).
    pub implied: bool,
    /// 職員区分 whose members may hold it.
    pub holders: Vec<String>,
    /// An earlier id.
    pub was: Option<String>,
    /// Where it stands.
    pub site: Site,
}

/// Where a role is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleLevel {
    /// One place: the municipality (or a body with its own CISO).
    Municipality,
    /// A bureau (部等).
    Bureau,
    /// A section (課等).
    Section,
    /// A system on the systems register.
    System,
    /// A person as such.
    Person,
}

/// Two roles that do not go together.
#[derive(Debug, Clone)]
pub struct ForbiddenPair {
    /// The two role ids.
    pub roles: [String; 2],
    /// Why, for the person who is told.
    pub why: Text,
    /// Where it stands.
    pub site: Site,
}

/// A category of staff (職員区分).
#[derive(Debug, Clone)]
pub struct StaffCategory {
    /// Id such as `full_time`, `fiscal_year`, `contractor`.
    pub id: String,
    /// Name, such as 会計年度任用職員.
    pub name: Text,
    /// Whether the policy's scope names it.
    pub in_scope: bool,
    /// Whether it belongs to an outside company.
    pub external: bool,
    /// Where it stands.
    pub site: Site,
}
