//! Classes of information and the handling matrix that they drive.

use super::{Site, Text};

/// The three axes of classification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Axis {
    /// 機密性
    Confidentiality,
    /// 完全性
    Integrity,
    /// 可用性
    Availability,
}

impl Axis {
    /// The axis as the pack writes it.
    pub fn id(self) -> &'static str {
        match self {
            Self::Confidentiality => "confidentiality",
            Self::Integrity => "integrity",
            Self::Availability => "availability",
        }
    }
}

/// One class of one axis.
#[derive(Debug, Clone)]
pub struct Class {
    /// Id such as `3A`, `2`; unique within its axis.
    pub id: String,
    /// Name, such as 自治体機密性３Ａ.
    pub name: Text,
    /// What falls under it, for the person who classifies.
    pub meaning: Text,
    /// An earlier id.
    pub was: Option<String>,
    /// Where it stands.
    pub site: Site,
}

/// All classes, and what may be done with each.
#[derive(Debug, Clone, Default)]
pub struct Classes {
    /// 機密性, highest first.
    pub confidentiality: Vec<Class>,
    /// 完全性, highest first.
    pub integrity: Vec<Class>,
    /// 可用性, highest first.
    pub availability: Vec<Class>,
    /// What people do with information (複製, 外部送信, 持出し …).
    pub acts: Vec<Act>,
    /// One rule for every act and every class of 機密性.
    pub handling: Vec<HandlingRule>,
}

impl Classes {
    /// The classes of an axis, highest first.
    pub fn of(&self, axis: Axis) -> &[Class] {
        match axis {
            Axis::Confidentiality => &self.confidentiality,
            Axis::Integrity => &self.integrity,
            Axis::Availability => &self.availability,
        }
    }

    /// Height of a class on its axis: 0 for the lowest. None when there is no such class.
    pub fn height(&self, axis: Axis, id: &str) -> Option<usize> {
        self.of(axis).iter().rev().position(|class| class.id == id)
    }

    /// The rule for an act with information of a class of 機密性.
    pub fn rule(&self, act: &str, class: &str) -> Option<&HandlingRule> {
        self.handling.iter().find(|rule| rule.act == act && rule.class == class)
    }
}

/// Something people do with information.
#[derive(Debug, Clone)]
pub struct Act {
    /// Id such as `take_out`.
    pub id: String,
    /// Name, such as 持出し.
    pub name: Text,
    /// Where it stands.
    pub site: Site,
}

/// What the matrix says in one cell.
#[derive(Debug, Clone)]
pub struct HandlingRule {
    /// The act.
    pub act: String,
    /// The class of 機密性.
    pub class: String,
    /// Whether and by whose leave.
    pub permission: Permission,
    /// The rule in words, for staff.
    pub says: Text,
    /// Where it stands.
    pub site: Site,
}

/// Whether an act is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permission {
    /// Free.
    Free,
    /// Allowed, and recorded.
    Record,
    /// Allowed with the permission of a holder of this role.
    By(String),
    /// Not allowed.
    Never,
}
