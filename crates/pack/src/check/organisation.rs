//! Bodies, roles, categories of staff.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::model::{Body, BodyKind, Pack, Role};
use crate::report::{Kind, Report};

pub(super) fn check(pack: &Pack, report: &Report) {
    for body in pack.bodies.iter().filter(|body| body.in_scope) {
        adopter(pack, body, report);
    }
    if pack.bodies.is_empty() {
        report.add(
            Diagnostic::error(
                "body-missing",
                crate::model::Site { file: "pack.toml".into(), start: 0, end: 0 },
                "適用される機関が一つも書かれていません",
                "no body is named",
            )
            .expected("[[body]] を一つ以上", "at least one [[body]]")
            .help("市長部局などを [[body]] で書いてください", "add a [[body]]"),
        );
    }
    let referred: BTreeSet<String> =
        report.references().iter().filter(|r| r.kind == Kind::Role).map(|reference| reference.id.clone()).collect();
    for role in &pack.roles {
        holdable(pack, role, report);
        substitutes(pack, role, report);
        if !role.implied && !referred.contains(&role.id) {
            report.add(
                Diagnostic::warning(
                    "role-unused",
                    role.site.clone(),
                    format!("役割「{}」はどこにも出てきません", role.id),
                    format!("the role '{}' is named nowhere", role.id),
                )
                .help("権限や決裁に使うか、消してください", "use it, or take it out")
                .names([role.id.as_str()]),
            );
        }
    }
    for pair in &pack.forbidden_pairs {
        let [a, b] = &pair.roles;
        if a == b {
            report.add(
                Diagnostic::error(
                    "pair-of-one",
                    pair.site.clone(),
                    format!("兼務の禁止に同じ役割「{a}」が二度書かれています"),
                    format!("the forbidden pair names '{a}' twice"),
                )
                .help("異なる二つの役割を書いてください", "name two different roles")
                .names([a.as_str()]),
            );
        }
    }
    categories(pack, report);
}

fn adopter(pack: &Pack, body: &Body, report: &Report) {
    let own = matches!(body.kind, BodyKind::Assembly | BodyKind::Committee | BodyKind::Joint);
    let covered = body.adopted_by.as_ref().and_then(|id| pack.bodies.iter().find(|other| other.id == *id));
    let (code, ja, en) = match (body.adopts, &body.adopted_by) {
        (true, None) => return,
        (_, Some(by)) if own => (
            "body-adopts-itself",
            format!("「{}」は自ら方針を定める機関で、「{by}」に任せられません（地方自治法第244条の6）", body.name.ja),
            format!("'{}' has to adopt for itself, not by '{by}' (Local Autonomy Act art. 244-6)", body.id),
        ),
        (true, Some(by)) => (
            "body-adopts-itself",
            format!("「{}」は自ら定めるのか「{by}」が定めるのか決まりません", body.name.ja),
            format!("'{}' both adopts and is adopted for by '{by}'", body.id),
        ),
        (false, Some(_)) if covered.is_some_and(|other| other.adopts && other.in_scope) => return,
        (false, Some(by)) => (
            "body-without-adopter",
            format!("「{}」の方針を定めるはずの「{by}」が、定める機関になっていません", body.name.ja),
            format!("'{by}', which adopts for '{}', is no adopter", body.id),
        ),
        (false, None) => (
            "body-without-adopter",
            format!("適用される「{}」の方針を定める機関がありません", body.name.ja),
            format!("'{}' is in scope and nobody adopts for it", body.id),
        ),
    };
    report.add(
        Diagnostic::error(code, body.site.clone(), ja, en)
            .expected(
                "adopts = true か、定める機関を指す adopted_by",
                "adopts = true, or adopted_by of a body that adopts",
            )
            .help(
                "議会・委員会などは adopts = true としてください",
                "assemblies, committees and joint bodies adopt for themselves",
            )
            .names([body.id.as_str()]),
    );
}

fn holdable(pack: &Pack, role: &Role, report: &Report) {
    let nobody =
        !role.implied && !role.holders.iter().any(|id| pack.staff_categories.iter().any(|c| c.id == *id && c.in_scope));
    if role.most == Some(0) || nobody {
        report.add(
            Diagnostic::error(
                "role-unholdable",
                role.site.clone(),
                format!("役割「{}」には誰も就けません", role.id),
                format!("nobody can hold the role '{}'", role.id),
            )
            .expected(
                "most が 1 以上で、holders に適用範囲の職員区分",
                "`most` from 1, and a category in scope among `holders`",
            )
            .help("most か holders を改めてください", "change `most` or `holders`")
            .names([role.id.as_str()]),
        );
    }
}

fn substitutes(pack: &Pack, role: &Role, report: &Report) {
    for id in &role.substitutes {
        let paired = pack.forbidden_pairs.iter().any(|pair| pair.roles.contains(id) && pair.roles.contains(&role.id));
        if *id != role.id && !paired {
            continue;
        }
        report.add(
            Diagnostic::error(
                "substitute-forbidden",
                role.site.clone(),
                format!("役割「{}」の代決者に「{id}」は置けません", role.id),
                format!("'{id}' cannot stand in for '{}'", role.id),
            )
            .expected("別の役割で、兼務の禁止の組でないもの", "another role, not of a forbidden pair with it")
            .help("substitutes から外してください", "take it out of `substitutes`")
            .names([role.id.as_str(), id]),
        );
    }
}

fn categories(pack: &Pack, report: &Report) {
    for category in pack.staff_categories.iter().filter(|category| category.in_scope) {
        if pack.questionnaires.iter().any(|campaign| campaign.audience.contains(&category.id)) {
            continue;
        }
        report.add(
            Diagnostic::error(
                "category-unasked",
                category.site.clone(),
                format!(
                    "職員区分「{}」（{}）は、どの照会・研修の対象にもなっていません",
                    category.id, category.name.ja
                ),
                format!("the category '{}' is in the audience of no questionnaire", category.id),
            )
            .expected(
                format!("audience に \"{}\" を含む questionnaires/*.toml", category.id),
                format!("a questionnaire with \"{}\" in its audience", category.id),
            )
            .help(
                "確認・自己点検・研修のいずれかの対象に加えてください",
                "add it to an acknowledgement, self-check or training",
            )
            .names([category.id.as_str()]),
        );
    }
}
