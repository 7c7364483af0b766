//! States and transitions.

use crate::base::{changed, changed_all};

#[test]
fn a_state_that_cannot_be_reached() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", r#"[transitions.refuse]
from = ["asked"]
to = "refused""#, r#"[transitions.refuse]
from = ["asked"]
to = "draft""#), @r#"
    error state-unreachable at duties/takeouts/register.toml:22:48 `"refused"`
      message: 台帳「takeouts」の状態「refused」には、どこからも移れません | the state 'refused' of 'takeouts' cannot be reached
      help: この状態への [transitions] を書くか、状態を消してください | add a transition to it, or take it out
      names: takeouts refused
    "#);
}

#[test]
fn a_state_without_a_way_out() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", r#"from = ["out"]"#, r#"from = ["draft"]"#), @r#"
    error state-dead-end at duties/takeouts/register.toml:22:29 `"out"`
      message: 台帳「takeouts」の状態「out」から終わりの状態へ進む道がありません | the state 'out' of 'takeouts' has no way out to a final state
      help: 出ていく [transitions] を書くか、final に加えてください | add a transition, or list it under `final`
      names: takeouts out
    "#);
}

#[test]
fn a_final_state_that_is_left() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", r#"from = ["out"]"#, r#"from = ["out", "returned"]"#), @r#"
    error state-final-leaves at duties/takeouts/register.toml:22:36 `"returned"`
      message: 台帳「takeouts」の状態「returned」は終わりの状態なのに、出ていく遷移があります | the state 'returned' of 'takeouts' is final, and a transition leaves it
      help: final から外すか、遷移の from から外してください | take it off `final`, or off the transition's `from`
      names: takeouts returned
    "#);
}

#[test]
fn no_final_state() {
    insta::assert_snapshot!(changed_all(&[("duties/assets/register.toml", r#"keep = "常用""#, r#"keep = "1年""#), ("duties/assets/register.toml", r#"final = ["disposed"]"#, ""), ("duties/assets/register.toml", r#"from = ["live"]"#, r#"from = ["live", "disposed"]"#)]), @r#"
    error state-none-final at duties/assets/register.toml:1:9 `{ ja = "情報資産", en = "Information assets" }`
      message: 台帳「assets」に終わりの状態がないため、保存期間が始まりません | the register 'assets' has no final state, so its retention never starts
      expected: final に一つ以上、または keep = "常用" | a final state, or keep = "常用"
      help: final を書いてください | write `final`
      names: assets
    "#);
}

#[test]
fn a_transition_that_nobody_makes() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", r#"from = ["draft"]
to = "asked"
by = ["applicant"]"#, r#"from = ["draft"]
to = "asked"
by = []"#), @r#"
    error transition-by-nobody at duties/takeouts/register.toml:26:14 `submit`
      message: 「takeouts.submit」は誰にもできません | 'takeouts.submit' can be made by nobody
      expected: by = ["applicant"] など | by = ["applicant"] or the like
      help: by に役割や applicant を書いてください | name a role or `applicant` in `by`
      names: takeouts submit
    "#);
}

#[test]
fn a_refusal_where_no_decision_is_open() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", r#"[transitions.refuse]
from = ["asked"]"#, r#"[transitions.refuse]
from = ["out"]"#), @r#"
    error transition-by-nobody at duties/takeouts/register.toml:38:14 `refuse`
      message: 「takeouts.refuse」は、決裁が行われていない状態から出ているため誰にもできません | 'takeouts.refuse' starts where no decision is open, so nobody can make it
      expected: by = ["applicant"] など | by = ["applicant"] or the like
      help: decides = true の遷移と同じ状態を from に書いてください | use a state from which a transition with `decides = true` starts
      names: takeouts refuse
    "#);
}

#[test]
fn a_refusal_that_says_by_whom() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", "refuses = true", r#"refuses = true
by = ["ciso@all"]"#), @r#"
    error transition-by-superfluous at duties/takeouts/register.toml:38:14 `refuse`
      message: 「takeouts.refuse」に by は書きません（今の段階の人、引戻しは申請者が行います） | 'takeouts.refuse' has no `by`: whoever has the step makes it
      help: by を消してください | take `by` out
      names: takeouts refuse
    "#);
}

#[test]
fn a_deadline_on_a_final_state() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", r#"in = "out""#, r#"in = "returned""#), @r#"
    error deadline-in-final at duties/takeouts/register.toml:59:12 `overdue`
      message: 期限「takeouts.overdue」が終わりの状態「returned」に付いています | the deadline 'takeouts.overdue' is on the final state 'returned'
      help: まだ終わっていない状態を in に書いてください | name states that are not final
      names: takeouts overdue returned
    "#);
}
