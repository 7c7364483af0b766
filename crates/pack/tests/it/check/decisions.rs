//! Decisions.

use super::kinds::only;
use crate::base::{changed, changed_all};

#[test]
fn by_the_applicant() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", r#"by = ["section_manager@unit"]
decides"#, r#"by = ["applicant"]
decides"#), @r#"
    error decision-by-applicant at duties/takeouts/register.toml:31:14 `approve`
      message: 「takeouts.approve」を申請者自身が決裁できてしまいます | 'takeouts.approve' could be decided by its own applicant
      help: by から applicant を外してください | take `applicant` out of the deciders
      names: takeouts approve
    "#);
}

#[test]
fn by_whoever_it_is_assigned_to() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", r#"by = ["section_manager@unit"]
decides"#, r#"by = ["assigned"]
decides"#), @r#"
    error decision-by-assigned at duties/takeouts/register.toml:31:14 `approve`
      message: 「takeouts.approve」の決裁者が決まりません（assigned は決裁者を待つ人のことです） | 'takeouts.approve' has `assigned` as decider, which is whoever decides
      help: 役割を書いてください | name a role
      names: takeouts approve
    "#);
}

#[test]
fn by_any_member_of_staff() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", r#"by = ["section_manager@unit"]
decides"#, r#"by = ["staff@unit"]
decides"#), @r#"
    error decision-by-anyone at duties/takeouts/register.toml:31:14 `approve`
      message: 「takeouts.approve」を職員なら誰でも決裁できてしまいます | 'takeouts.approve' could be decided by any member of staff
      help: 決裁する役割を書いてください | name the role that decides
      names: takeouts approve staff
    "#);
}

#[test]
fn by_the_audited_unit() {
    // What else the kind asks for is told in tests of its own.
    let said = changed("duties/takeouts/register.toml", r#"keep = "5年""#, "keep = \"5年\"\nkind = \"audit\"");
    insta::assert_snapshot!(only("decision-by-audited", &said), @r#"
    error decision-by-audited at duties/takeouts/register.toml:32:14 `approve`
      message: 「takeouts.approve」を監査される所属の者が決裁できてしまいます | 'takeouts.approve' could be decided by the audited unit
      help: 監査する側の役割を @all で書いてください | name a role of the auditors with @all
      names: takeouts approve section_manager
    "#);
}

#[test]
fn by_roles_that_do_not_go_together() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", r#"{ by = "ciso@all""#, r#"{ by = "auditor@all""#), @r#"
    error route-forbidden-pair at duties/takeouts/register.toml:31:14 `approve`
      message: 「takeouts.approve」の決裁に、兼ねられない役割「auditor」と「section_manager」が両方要ります | 'takeouts.approve' needs both 'auditor' and 'section_manager', which do not go together
      help: どちらかを外すか、兼務の禁止を見直してください（監査する者は監査を受けない） | take one of them out, or look at the forbidden pair again
      names: takeouts approve auditor section_manager
    "#);
}

#[test]
fn with_a_route_and_by() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", "decides = true", r#"decides = true
route = [{ step = "decide", by = "ciso@all" }]"#), @r#"
    error route-and-by at duties/takeouts/register.toml:31:14 `approve`
      message: 「takeouts.approve」に route と by・need の両方があります | 'takeouts.approve' has a route, and `by` or `need` beside it
      help: どちらかにしてください | keep one of the two
      names: takeouts approve
    "#);
}

#[test]
fn with_a_route_that_decides_nothing() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", r#"by = ["section_manager@unit"]
decides = true
need = [{ by = "ciso@all", when = "at_least(record.asset.confidentiality, '3')" }]"#, r#"decides = true
route = [{ step = "approve", by = "ciso@all" }, { step = "circulate", by = "auditor@all" }]"#), @r#"
    error route-without-decision at duties/takeouts/register.toml:31:14 `approve`
      message: 「takeouts.approve」の最後の段階が決裁ではありません | 'takeouts.approve' does not end with a step that decides
      help: 最後（供覧の前）に step = "decide" を置いてください | end it with step = "decide", before any circulation
      names: takeouts approve
    "#);
}

#[test]
fn needs_without_a_decision() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", r#"fills = ["returned_on"]"#, r#"need = [{ by = "ciso@all" }]"#), @r#"
    error route-without-decides at duties/takeouts/register.toml:53:14 `return`
      message: 「takeouts.return」は決裁ではないのに route か need があります | 'takeouts.return' has a route or `need`, and is no decision
      help: decides = true を書き足してください | add `decides = true`
      names: takeouts return
    "#);
}

#[test]
fn that_cannot_be_refused() {
    insta::assert_snapshot!(changed_all(&[("duties/takeouts/register.toml", "refuses = true", r#"by = ["ciso@all"]"#), ("duties/takeouts/register.toml", "returns = true", r#"by = ["ciso@all"]"#)]), @r#"
    error decision-without-refusal at duties/takeouts/register.toml:31:14 `approve`
      message: 「takeouts.approve」には、不承認にも差戻しにもする道がありません | 'takeouts.approve' can neither be refused nor sent back
      help: refuses = true か returns = true の遷移を書き足してください | add a transition with `refuses` or `returns`
      names: takeouts approve asked
    warning decision-without-way-back at duties/takeouts/register.toml:31:14 `approve`
      message: 「takeouts.approve」を待つ状態「asked」から差戻し（returns = true）ができません | what waits in 'asked' for 'takeouts.approve' cannot be sent back (`returns = true`)
      help: 必要なら遷移を書き足してください | add the transition where it is wanted
      names: takeouts approve asked
    "#);
}

#[test]
fn that_cannot_be_withdrawn() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", "withdraws = true", r#"by = ["applicant"]"#), @r#"
    warning decision-without-way-back at duties/takeouts/register.toml:31:14 `approve`
      message: 「takeouts.approve」を待つ状態「asked」から引戻し（withdraws = true）ができません | what waits in 'asked' for 'takeouts.approve' cannot be withdrawn (`withdraws = true`)
      help: 必要なら遷移を書き足してください | add the transition where it is wanted
      names: takeouts approve asked
    "#);
}

#[test]
fn two_from_one_state() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", "[transitions.refuse]", r#"[transitions.register]
from = ["asked"]
to = "out"
by = ["ciso@all"]
decides = true

[transitions.refuse]"#), @r#"
    error decision-ambiguous at duties/takeouts/register.toml:38:14 `register`
      message: 状態「asked」で「approve」と「register」のどちらの決裁が始まるか決まりません | in 'asked' both 'approve' and 'register' would open a route
      help: 両方に when を書くか、状態を分けてください | give both a `when`, or separate the states
      names: takeouts approve register
    "#);
}
