//! The separated networks.

use super::{Site, Text};

/// How the ministry guideline arranges staff terminals and the internet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkModel {
    /// αモデル
    Alpha,
    /// α′モデル
    AlphaPrime,
    /// βモデル
    Beta,
    /// β′モデル
    BetaPrime,
}

/// A zone.
#[derive(Debug, Clone)]
pub struct Zone {
    /// Id such as `mynumber`, `lgwan`, `internet`.
    pub id: String,
    /// Name, such as マイナンバー利用事務系.
    pub name: Text,
    /// What it is.
    pub kind: ZoneKind,
    /// Address prefixes, where the pack knows them.
    pub networks: Vec<String>,
    /// Every address that no other zone names.
    pub rest: bool,
    /// What belongs here and nowhere else: `my_number`, `family_register`, `lgwan`, `internet`.
    pub handles: Vec<String>,
    /// Where it stands.
    pub site: Site,
}

/// Kinds of zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZoneKind {
    /// One of the three separated networks of 全庁ＬＡＮシステム.
    Inner,
    /// Named, but out of the policy's scope or not the city's (学校間ネットワーク, LGWAN, the Internet).
    External,
}

/// What may cross from one zone to another.
#[derive(Debug, Clone)]
pub struct Crossing {
    /// From this zone.
    pub from: String,
    /// To that zone.
    pub to: String,
    /// By which means; an empty list means nothing may cross.
    pub kinds: Vec<CrossingKind>,
    /// The rule in words.
    pub says: Text,
    /// Where it stands.
    pub site: Site,
}

/// Means of crossing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrossingKind {
    /// 特定通信
    Specified,
    /// 無害化通信
    Sanitised,
    /// 画面転送
    Screen,
    /// Carried on a registered medium.
    Carried,
}

/// A kind of business (業務), such as 住民基本台帳, and where its system stands.
#[derive(Debug, Clone)]
pub struct Business {
    /// Id such as `resident_records`.
    pub id: String,
    /// Name.
    pub name: Text,
    /// The zone in which its system stands.
    pub zone: String,
    /// What it handles, in the words of [`Zone::handles`].
    pub handles: Vec<String>,
    /// Where it stands.
    pub site: Site,
}

/// What the gateway does with something that crosses.
#[derive(Debug, Clone)]
pub struct SanitisingRule {
    /// From this zone.
    pub from: String,
    /// To that zone.
    pub to: String,
    /// Mail address or domain of the sender, with `*`; none: any.
    pub sender: Option<String>,
    /// File types; empty: all.
    pub formats: Vec<String>,
    /// The construct concerned, such as `macros`; none: all.
    pub construct: Option<String>,
    /// What is done: `keep`, `drop`, `text`, `show`, `placeholder`, `sanitise`, `hold`, `refuse`.
    pub action: String,
    /// Where it stands.
    pub site: Site,
}
