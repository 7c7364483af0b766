//! Clauses, obligations, threats, the guideline.

use crate::base::{changed, changed_all};

#[test]
fn a_must_clause_that_no_control_serves() {
    insta::assert_snapshot!(changed("duties/assets/controls.toml", r#"clauses = ["policy#audit"]"#, r#"clauses = ["policy#assets"]"#), @r#"
    error clause-unserved at documents/policy.md:13:1 `### 監査 {#audit .must}`
      message: 条項「policy#audit」（監査）を確かめる遵守項目がありません | no control serves the clause 'policy#audit'
      expected: clauses に "policy#audit" を含む [[control]] | a [[control]] with "policy#audit" among its clauses
      help: 遵守項目を書き足すか、義務でない条項なら .must を外してください | add a control, or take .must off if it is no duty
      names: policy#audit
    "#);
}

#[test]
fn an_obligation_that_no_control_serves() {
    insta::assert_snapshot!(changed("duties/assets/controls.toml", r#"serves = ["O001"]
"#, ""), @r#"
    error obligation-unserved at obligations.toml:4:6 `"O001"`
      message: 義務「O001」を確かめる遵守項目がありません: 台帳を見直す | no control serves the obligation 'O001'
      expected: serves に "O001" を含む [[control]] | a [[control]] with "O001" among what it serves
      help: 遵守項目を書き足すか、まだ扱わないなら unserved に加えてください | add a control, or list it under unserved
      names: O001
    "#);
}

#[test]
fn an_obligation_for_later() {
    insta::assert_snapshot!(changed_all(&[("duties/assets/controls.toml", r#"serves = ["O001"]
"#, ""), ("obligations.toml", "unserved = []", r#"unserved = ["O001"]"#)]), @r#"
    warning obligation-later at obligations.toml:1:13 `"O001"`
      message: 義務「O001」はまだ扱われていません | the obligation 'O001' is not served yet
      help: 遵守項目を書き足したら unserved から外してください | once a control serves it, take it off the list
      names: O001
    "#);
}

#[test]
fn an_obligation_that_is_served_and_listed() {
    insta::assert_snapshot!(changed("obligations.toml", "unserved = []", r#"unserved = ["O001"]"#), @r#"
    error obligation-listed-but-served at obligations.toml:1:13 `"O001"`
      message: 義務「O001」は遵守項目があるのに unserved に残っています | the obligation 'O001' is served, and still listed as unserved
      help: unserved から外してください | take it off the list
      names: O001
    "#);
}

#[test]
fn a_control_that_serves_nothing() {
    insta::assert_snapshot!(changed("duties/terminals/controls.toml", r#"clauses = ["policy#assets"]
"#, ""), @r#"
    error control-serves-nothing at duties/terminals/controls.toml:2:6 `"signatures-fresh"`
      message: 遵守項目「signatures-fresh」は、どの条項・義務のためのものでもありません | the control 'signatures-fresh' serves no clause and no obligation
      expected: clauses か serves に一つ以上 | at least one of clauses and serves
      help: 根拠となる条項を clauses に書いてください | name the clause it is for
      names: signatures-fresh
    "#);
}

#[test]
fn a_threat_that_no_clause_answers() {
    insta::assert_snapshot!(changed("documents/policy.md", r#" threats="loss""#, ""), @r#"
    error threat-unanswered at threats.toml:6:6 `"loss"`
      message: 脅威「loss」（紛失）に応える条項がありません | no clause answers the threat 'loss'
      expected: 遵守項目のある条項の見出しに threats="loss" | threats="loss" in the heading of a clause that a control serves
      help: 対策を定めた条項の見出しに threats を書き足してください | name the threat in the clause that answers it
      names: loss
    "#);
}

#[test]
fn a_threat_whose_clause_no_control_serves() {
    insta::assert_snapshot!(changed_all(&[("documents/policy.md", r#" threats="loss""#, ""), ("documents/policy.md", "### ネットワーク図 {#drawings", r#"### ネットワーク図 {#drawings threats="loss""#)]), @r#"
    error threat-unanswered at threats.toml:6:6 `"loss"`
      message: 脅威「loss」（紛失）に応える条項はありますが、遵守項目がありません | no control serves the clauses that answer the threat 'loss'
      expected: 遵守項目のある条項の見出しに threats="loss" | threats="loss" in the heading of a clause that a control serves
      help: 対策を定めた条項の見出しに threats を書き足してください | name the threat in the clause that answers it
      names: loss policy#drawings
    "#);
}

#[test]
fn a_hole_in_the_guideline() {
    insta::assert_snapshot!(changed("guideline/r7-03.toml", r#"clauses = ["policy#assets"]
"#, ""), @r#"
    error guideline-hole at guideline/r7-03.toml:8:10 `"2(1)"`
      message: ガイドライン「r7-03 2(1)」（情報資産の分類）に応える条項がありません | section 'r7-03 2(1)' of the guideline is answered by no clause
      expected: clauses、not_yet = true、not_ours のいずれか | clauses, not_yet = true, or not_ours
      help: 応える条項を clauses に書いてください | name the clause that answers it
      names: r7-03 2(1)
    "#);
}

#[test]
fn a_section_of_the_guideline_for_later() {
    insta::assert_snapshot!(changed("guideline/r7-03.toml", r#"clauses = ["policy#assets"]
"#, r#"not_yet = true
"#), @r#"
    warning guideline-later at guideline/r7-03.toml:8:10 `"2(1)"`
      message: ガイドライン「r7-03 2(1)」に応える条項はまだありません | no clause answers section 'r7-03 2(1)' yet
      help: 条項を定めたら clauses に書き、not_yet を消してください | once there is one, name it
      names: r7-03 2(1)
    "#);
}

#[test]
fn an_obligation_decided_otherwise_than_its_check_says() {
    insta::assert_snapshot!(changed("obligations.toml", r#"check = "M""#, r#"check = "MP""#), @r#"
    error obligation-decided-otherwise at obligations.toml:4:6 `"O001"`
      message: 義務「O001」は check = "MP" ですが、実施報告による遵守項目がありません | the obligation 'O001' has check = "MP", and no control that is attested by a person
      expected: serves に "O001" を含む、実施報告による [[control]] | a [[control]] attested by a person with "O001" among what it serves
      help: 遵守項目を書き足すか、できない理由を because に書いてください | add a control, or say in `because` why there is none
      names: O001
    "#);
}

#[test]
fn a_reason_for_deciding_otherwise_that_is_not_needed() {
    insta::assert_snapshot!(changed("obligations.toml", r#"check = "M""#, r#"check = "M"
because = { ja = "記録がない" }"#), @r#"
    error obligation-reason-idle at obligations.toml:4:6 `"O001"`
      message: 義務「O001」は check のとおりに確かめられているのに because があります | the obligation 'O001' is decided as `check` says, and still has `because`
      help: because を外してください | take `because` off
      names: O001
    "#);
}

#[test]
fn a_reason_lets_an_obligation_be_decided_otherwise() {
    insta::assert_snapshot!(changed("obligations.toml", r#"check = "M""#, r#"check = "MP"
because = { ja = "報告するまでもない" }"#), @"");
}
