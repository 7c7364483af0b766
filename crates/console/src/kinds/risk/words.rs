//! Grades and elements in words.

use ledger::kinds::risk::Grade;
use pack::model::Axis;

use crate::page::lang::Lang;

pub(super) fn axis(axis: Axis, lang: Lang) -> &'static str {
    match axis {
        Axis::Confidentiality => lang.t("機密性", "Confidentiality"),
        Axis::Integrity => lang.t("完全性", "Integrity"),
        Axis::Availability => lang.t("可用性", "Availability"),
    }
}

pub(super) fn grade(grade: Grade, lang: Lang) -> &'static str {
    match grade {
        Grade::Now => lang.t("すぐに対応", "Treat now"),
        Grade::Year => lang.t("年度内に対応", "Treat within the year"),
        Grade::Watch => lang.t("様子を見る", "Watch"),
        Grade::Accept => lang.t("受け入れられる", "May be accepted"),
    }
}

/// The colour of a tag, and of a cell of the matrix.
pub(super) fn colour(grade: Grade) -> &'static str {
    match grade {
        Grade::Now => "bad",
        Grade::Year => "warn",
        Grade::Watch => "key",
        Grade::Accept => "ok",
    }
}
