//! Names that do not exist.

use crate::base::changed;

#[test]
fn an_act() {
    insta::assert_snapshot!(changed("classes.toml", r#"act = "take_out""#, r#"act = "take_ouy""#), @r#"
    error handling-hole at classes.toml:2:6 `"3"`
      message: 機密性「3」の「take_out」の決まりがありません | 'take_out' of class '3' has no rule
      expected: act = "take_out", class = "3" の [[handling]] を一つ | one [[handling]] with act = "take_out" and class = "3"
      help: 取扱いの表を埋めてください | fill the matrix
      names: 3 take_out
    error act-unknown at classes.toml:26:7 `"take_ouy"`
      message: 取扱い「take_ouy」はありません | there is no act 'take_ouy'
      expected: take_out | take_out
      help: 「take_out」ではありませんか | did you mean 'take_out'?
      names: take_ouy
    "#);
}

#[test]
fn a_body() {
    insta::assert_snapshot!(changed("pack.toml", r#"adopted_by = "mayor""#, r#"adopted_by = "mayer""#), @r#"
    error body-without-adopter at pack.toml:22:6 `"fire"`
      message: 「消防」の方針を定めるはずの「mayer」が、定める機関になっていません | 'mayer', which adopts for 'fire', is no adopter
      expected: adopts = true か、定める機関を指す adopted_by | adopts = true, or adopted_by of a body that adopts
      help: 議会・委員会などは adopts = true としてください | assemblies, committees and joint bodies adopt for themselves
      names: fire
    error body-unknown at pack.toml:25:14 `"mayer"`
      message: 機関「mayer」はありません | there is no body 'mayer'
      expected: assembly, fire, mayor | assembly, fire, mayor
      help: 「mayor」ではありませんか | did you mean 'mayor'?
      names: mayer
    "#);
}

#[test]
fn a_category() {
    insta::assert_snapshot!(changed("questionnaires/acknowledgement.toml", r#""contractor"]"#, r#""contractor", "fulltime"]"#), @r#"
    error category-unknown at questionnaires/acknowledgement.toml:4:40 `"fulltime"`
      message: 職員区分「fulltime」はありません | there is no category of staff 'fulltime'
      expected: contractor, full_time | contractor, full_time
      help: 「full_time」ではありませんか | did you mean 'full_time'?
      names: fulltime
    "#);
}

#[test]
fn a_class() {
    insta::assert_snapshot!(changed("classes.toml", r#"class = ["1"]"#, r#"class = ["1", "2"]"#), @r#"
    error class-unknown at classes.toml:33:15 `"2"`
      message: 機密性の分類「2」はありません | there is no class of confidentiality '2'
      expected: 1, 3 | 1, 3
      help: 「1」ではありませんか | did you mean '1'?
      names: 2
    "#);
}

#[test]
fn a_clause() {
    insta::assert_snapshot!(changed("duties/assets/controls.toml", r#""policy#audit""#, r#""policy#audits""#), @r#"
    error clause-unserved at documents/policy.md:13:1 `### 監査 {#audit .must}`
      message: 条項「policy#audit」（監査）を確かめる遵守項目がありません | no control serves the clause 'policy#audit'
      expected: clauses に "policy#audit" を含む [[control]] | a [[control]] with "policy#audit" among its clauses
      help: 遵守項目を書き足すか、義務でない条項なら .must を外してください | add a control, or take .must off if it is no duty
      names: policy#audit
    error clause-unknown at duties/assets/controls.toml:16:12 `"policy#audits"`
      message: 条項「policy#audits」はありません | there is no clause 'policy#audits'
      expected: policy#assets, policy#audit, policy#drawings, policy#general, procedure#takeouts | policy#assets, policy#audit, policy#drawings, policy#general, procedure#takeouts
      help: 「policy#audit」ではありませんか | did you mean 'policy#audit'?
      names: policy#audits
    "#);
}

#[test]
fn a_field() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", r#"fills = ["returned_on"]"#, r#"fills = ["returned_at"]"#), @r#"
    error field-unknown at duties/takeouts/register.toml:57:10 `"returned_at"`
      message: 項目「returned_at」はありません | there is no field 'returned_at'
      expected: asset, how, purpose, return_by, returned_on | asset, how, purpose, return_by, returned_on
      help: 「returned_on」ではありませんか | did you mean 'returned_on'?
      names: returned_at
    "#);
}

#[test]
fn an_obligation() {
    insta::assert_snapshot!(changed("duties/assets/controls.toml", r#"serves = ["O001"]"#, r#"serves = ["O001", "O009"]"#), @r#"
    error obligation-unknown at duties/assets/controls.toml:4:19 `"O009"`
      message: 義務「O009」はありません | there is no obligation 'O009'
      expected: O001 | O001
      help: 「O001」ではありませんか | did you mean 'O001'?
      names: O009
    "#);
}

#[test]
fn a_register() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", r#"to = "assets""#, r#"to = "asset""#), @r#"
    error register-unknown at duties/takeouts/register.toml:7:30 `"asset"`
      message: 台帳「asset」はありません | there is no register 'asset'
      expected: assets, takeouts | assets, takeouts
      help: 「assets」ではありませんか | did you mean 'assets'?
      names: asset
    "#);
}

#[test]
fn a_role() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", r#"by = ["section_manager@unit"]"#, r#"by = ["section_manger@unit"]"#), @r#"
    error role-unknown at duties/takeouts/register.toml:34:7 `"section_manger@unit"`
      message: 役割「section_manger」はありません | there is no role 'section_manger'
      expected: auditor, ciso, section_deputy, section_manager, staff | auditor, ciso, section_deputy, section_manager, staff
      help: 「section_manager」ではありませんか | did you mean 'section_manager'?
      names: section_manger
    "#);
}

#[test]
fn a_source() {
    insta::assert_snapshot!(changed("duties/terminals/controls.toml", "facts:antimalware", "facts:antimalwear"), @r#"
    error source-unknown at duties/terminals/controls.toml:5:12 `"facts:antimalwear"`
      message: データ源「antimalwear」はありません | there is no data source 'antimalwear'
      expected: antimalware | antimalware
      help: 「antimalware」ではありませんか | did you mean 'antimalware'?
      names: antimalwear
    "#);
}

#[test]
fn a_state() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", r#"to = "refused""#, r#"to = "refusd""#), @r#"
    error state-unreachable at duties/takeouts/register.toml:22:48 `"refused"`
      message: 台帳「takeouts」の状態「refused」には、どこからも移れません | the state 'refused' of 'takeouts' cannot be reached
      help: この状態への [transitions] を書くか、状態を消してください | add a transition to it, or take it out
      names: takeouts refused
    error state-unknown at duties/takeouts/register.toml:40:6 `"refusd"`
      message: 状態「refusd」はありません | there is no state 'refusd'
      expected: asked, draft, out, refused, returned | asked, draft, out, refused, returned
      help: 「refused」ではありませんか | did you mean 'refused'?
      names: refusd
    "#);
}

#[test]
fn a_threat() {
    insta::assert_snapshot!(changed("documents/policy.md", r#"threats="loss""#, r#"threats="loss theft""#), @r#"
    error threat-unknown at documents/policy.md:9:25 `threats="loss theft"`
      message: 脅威「theft」はありません | there is no threat 'theft'
      expected: loss | loss
      help: 綴りを確かめるか、足りないものを書き足してください | see its spelling, or add what is missing
      names: theft
    "#);
}

#[test]
fn a_zone() {
    insta::assert_snapshot!(changed("zones.toml", r#"zone = "mynumber""#, r#"zone = "mynumbr""#), @r#"
    error business-wrong-zone at zones.toml:44:6 `"residents"`
      message: 「住民基本台帳」は my_number を扱うため「mynumbr」に置けません | 'residents' handles my_number, and cannot stand in 'mynumbr'
      expected: zone = "mynumber" | zone = "mynumber"
      help: 業務の領域を改めるか、領域の handles を見直してください | change its zone, or what the zones handle
      names: residents mynumbr my_number
    error zone-unknown at zones.toml:46:8 `"mynumbr"`
      message: 領域「mynumbr」はありません | there is no zone 'mynumbr'
      expected: lgwan, mynumber, school | lgwan, mynumber, school
      help: 「mynumber」ではありませんか | did you mean 'mynumber'?
      names: mynumbr
    "#);
}
