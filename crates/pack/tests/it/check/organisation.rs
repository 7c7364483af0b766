//! Bodies, roles, categories.

use crate::base::changed;

#[test]
fn a_body_that_nobody_adopts_for() {
    insta::assert_snapshot!(changed("pack.toml", r#"adopted_by = "mayor"
"#, ""), @r#"
    error body-without-adopter at pack.toml:22:6 `"fire"`
      message: 適用される「消防」の方針を定める機関がありません | 'fire' is in scope and nobody adopts for it
      expected: adopts = true か、定める機関を指す adopted_by | adopts = true, or adopted_by of a body that adopts
      help: 議会・委員会などは adopts = true としてください | assemblies, committees and joint bodies adopt for themselves
      names: fire
    "#);
}

#[test]
fn a_body_whose_adopter_does_not_adopt() {
    insta::assert_snapshot!(changed("pack.toml", r#"kind = "mayor"
adopts = true"#, r#"kind = "mayor"
in_scope = false"#), @r#"
    error body-without-adopter at pack.toml:22:6 `"fire"`
      message: 「消防」の方針を定めるはずの「mayor」が、定める機関になっていません | 'mayor', which adopts for 'fire', is no adopter
      expected: adopts = true か、定める機関を指す adopted_by | adopts = true, or adopted_by of a body that adopts
      help: 議会・委員会などは adopts = true としてください | assemblies, committees and joint bodies adopt for themselves
      names: fire
    "#);
}

#[test]
fn an_assembly_that_lets_the_mayor_adopt() {
    insta::assert_snapshot!(changed("pack.toml", r#"kind = "assembly"
adopts = true"#, r#"kind = "assembly"
adopted_by = "mayor""#), @r#"
    error body-adopts-itself at pack.toml:28:6 `"assembly"`
      message: 「議会」は自ら方針を定める機関で、「mayor」に任せられません（地方自治法第244条の6） | 'assembly' has to adopt for itself, not by 'mayor' (Local Autonomy Act art. 244-6)
      expected: adopts = true か、定める機関を指す adopted_by | adopts = true, or adopted_by of a body that adopts
      help: 議会・委員会などは adopts = true としてください | assemblies, committees and joint bodies adopt for themselves
      names: assembly
    "#);
}

#[test]
fn a_role_that_nobody_can_hold() {
    insta::assert_snapshot!(changed("organisation.toml", r#"holders = ["full_time"]"#, "most = 0"), @r#"
    error role-unholdable at organisation.toml:22:6 `"auditor"`
      message: 役割「auditor」には誰も就けません | nobody can hold the role 'auditor'
      expected: most が 1 以上で、holders に適用範囲の職員区分 | `most` from 1, and a category in scope among `holders`
      help: most か holders を改めてください | change `most` or `holders`
      names: auditor
    "#);
}

#[test]
fn a_role_that_stands_in_for_itself() {
    insta::assert_snapshot!(changed("organisation.toml", r#"substitutes = ["section_deputy"]"#, r#"substitutes = ["section_manager", "section_deputy"]"#), @r#"
    error substitute-forbidden at organisation.toml:9:6 `"section_manager"`
      message: 役割「section_manager」の代決者に「section_manager」は置けません | 'section_manager' cannot stand in for 'section_manager'
      expected: 別の役割で、兼務の禁止の組でないもの | another role, not of a forbidden pair with it
      help: substitutes から外してください | take it out of `substitutes`
      names: section_manager section_manager
    "#);
}

#[test]
fn a_role_that_is_named_nowhere() {
    insta::assert_snapshot!(changed("organisation.toml", "[[forbidden_pair]]", r#"[[role]]
id = "clerk"
name = { ja = "担当", en = "Clerk" }
level = "section"

[[forbidden_pair]]"#), @r#"
    warning role-unused at organisation.toml:35:6 `"clerk"`
      message: 役割「clerk」はどこにも出てきません | the role 'clerk' is named nowhere
      help: 権限や決裁に使うか、消してください | use it, or take it out
      names: clerk
    "#);
}

#[test]
fn a_pair_of_one_role() {
    insta::assert_snapshot!(changed("organisation.toml", r#"roles = ["auditor", "section_manager"]"#, r#"roles = ["auditor", "auditor"]"#), @r#"
    error pair-of-one at organisation.toml:35:10 `"auditor"`
      message: 兼務の禁止に同じ役割「auditor」が二度書かれています | the forbidden pair names 'auditor' twice
      help: 異なる二つの役割を書いてください | name two different roles
      names: auditor
    "#);
}

#[test]
fn a_pair_of_three() {
    insta::assert_snapshot!(changed("organisation.toml", r#"roles = ["auditor", "section_manager"]"#, r#"roles = ["auditor", "section_manager", "ciso"]"#), @r#"
    error value-invalid at organisation.toml:34:1 `[[forbidden_pair]]`
      message: 兼務の禁止は二つの役割の組です | a forbidden pair is two roles
      expected: roles = ["…", "…"] | roles = ["…", "…"]
      help: 役割を二つ書いてください | write two roles
      names:
    "#);
}

#[test]
fn a_category_that_nobody_asks() {
    insta::assert_snapshot!(changed("questionnaires/acknowledgement.toml", r#""full_time", "contractor""#, r#""full_time""#), @r#"
    error category-unasked at organisation.toml:43:6 `"contractor"`
      message: 職員区分「contractor」（外部委託事業者）は、どの照会・研修の対象にもなっていません | the category 'contractor' is in the audience of no questionnaire
      expected: audience に "contractor" を含む questionnaires/*.toml | a questionnaire with "contractor" in its audience
      help: 確認・自己点検・研修のいずれかの対象に加えてください | add it to an acknowledgement, self-check or training
      names: contractor
    "#);
}
