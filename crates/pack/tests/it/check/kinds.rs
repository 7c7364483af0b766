//! Kinds of register.

use crate::base::changed_all;

/// The register of take-outs declares a kind.
fn of_kind(kind: &str, changes: &[(&str, &str)]) -> String {
    let keep = format!("keep = \"5年\"\nkind = \"{kind}\"");
    let register = "duties/takeouts/register.toml";
    let mut all = vec![(register, "keep = \"5年\"", keep.as_str())];
    all.extend(changes.iter().map(|(find, replace)| (register, *find, *replace)));
    changed_all(&all)
}

/// The first diagnostic with this code.
pub(super) fn only(code: &str, said: &str) -> String {
    let mut lines = said.lines().skip_while(|line| !line.starts_with(&format!("error {code} ")));
    let first = lines.next().unwrap_or_default();
    let rest = lines.take_while(|line| line.starts_with(' '));
    std::iter::once(first).chain(rest).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_kind_that_is_none() {
    insta::assert_snapshot!(of_kind("exeption", &[]), @r#"
    error value-invalid at duties/takeouts/register.toml:4:8 `"exeption"`
      message: 「kind」に「exeption」とは書けません | 'exeption' cannot stand under 'kind'
      expected: audit, contract, exception, flow, incident, risk, transfer | audit, contract, exception, flow, incident, risk, transfer
      help: 「exception」ではありませんか | did you mean 'exception'?
      names: exeption
    "#);
}

#[test]
fn a_kind_without_its_fields() {
    insta::assert_snapshot!(of_kind("transfer", &[]), @r#"
    error kind-field at duties/takeouts/register.toml:1:9 `{ ja = "持出し", en = "Take-outs" }`
      message: 種類「transfer」の台帳「takeouts」には、型 [file] の項目「files」が要ります | the register 'takeouts' of kind 'transfer' needs a field 'files' of type [file]
      expected: files = { type = "[file]", … } | files = { type = "[file]", … }
      help: 項目を書き足すか、型を改めてください（? は空欄でもよいこと） | add the field, or change its type (? means that it may be empty)
      names: takeouts files
    error kind-field at duties/takeouts/register.toml:1:9 `{ ja = "持出し", en = "Take-outs" }`
      message: 種類「transfer」の台帳「takeouts」には、型 zone の項目「from_zone」が要ります | the register 'takeouts' of kind 'transfer' needs a field 'from_zone' of type zone
      expected: from_zone = { type = "zone", … } | from_zone = { type = "zone", … }
      help: 項目を書き足すか、型を改めてください（? は空欄でもよいこと） | add the field, or change its type (? means that it may be empty)
      names: takeouts from_zone
    error kind-field at duties/takeouts/register.toml:1:9 `{ ja = "持出し", en = "Take-outs" }`
      message: 種類「transfer」の台帳「takeouts」には、型 zone の項目「to_zone」が要ります | the register 'takeouts' of kind 'transfer' needs a field 'to_zone' of type zone
      expected: to_zone = { type = "zone", … } | to_zone = { type = "zone", … }
      help: 項目を書き足すか、型を改めてください（? は空欄でもよいこと） | add the field, or change its type (? means that it may be empty)
      names: takeouts to_zone
    "#);
}

#[test]
fn a_kind_that_does_not_say_when_a_record_counts() {
    insta::assert_snapshot!(only("kind-in-force", &of_kind("exception", &[])), @r#"
    error kind-in-force at duties/takeouts/register.toml:1:9 `{ ja = "持出し", en = "Take-outs" }`
      message: 種類「exception」の台帳「takeouts」に in_force がありません | the register 'takeouts' of kind 'exception' has no `in_force`
      expected: in_force = ["granted"] など | in_force = ["granted"] or the like
      help: 効力のある状態を in_force に書いてください | name the states in which a record counts
      names: takeouts
    "#);
}

#[test]
fn a_field_that_may_be_empty_where_the_kind_needs_it() {
    let fields = r#"files = { type = "[file]?", label = { ja = "ファイル", en = "Files" } }
from_zone = { type = "zone", label = { ja = "元", en = "From" } }
to_zone = { type = "zone", label = { ja = "先", en = "To" } }
return_by = {"#;
    insta::assert_snapshot!(only("kind-field", &of_kind("transfer", &[("return_by = {", fields)])), @r#"
    error kind-field at duties/takeouts/register.toml:14:1 `files`
      message: 種類「transfer」の台帳「takeouts」には、型 [file] の項目「files」が要ります | the register 'takeouts' of kind 'transfer' needs a field 'files' of type [file]
      expected: files = { type = "[file]", … } | files = { type = "[file]", … }
      help: 項目を書き足すか、型を改めてください（? は空欄でもよいこと） | add the field, or change its type (? means that it may be empty)
      names: takeouts files
    "#);
}

#[test]
fn a_kind_without_its_states() {
    insta::assert_snapshot!(only("kind-state", &of_kind("incident", &[])), @r#"
    error kind-state at duties/takeouts/register.toml:1:9 `{ ja = "持出し", en = "Take-outs" }`
      message: 種類「incident」の台帳「takeouts」には、状態「closed」が要ります | the register 'takeouts' of kind 'incident' needs a state 'closed'
      expected: reported, containing, recovering, preventing, closed | reported, containing, recovering, preventing, closed
      help: [lifecycle] の states に書き足してください | add it to `states` under [lifecycle]
      names: takeouts closed
    "#);
}

#[test]
fn a_kind_without_its_roles() {
    insta::assert_snapshot!(only("kind-role", &of_kind("incident", &[])), @r#"
    error kind-role at duties/takeouts/register.toml:1:9 `{ ja = "持出し", en = "Take-outs" }`
      message: 種類「incident」の台帳「takeouts」には、役割「csirt」が要ります | the register 'takeouts' of kind 'incident' needs a role 'csirt'
      help: organisation.toml に役割を書き足してください | add the role to organisation.toml
      names: takeouts csirt
    "#);
}

#[test]
fn a_choice_that_the_kind_knows_is_missing() {
    let field = r#"treatment = { type = "choice", label = { ja = "対応", en = "Treatment" }, choices = [
  { id = "reduce", label = { ja = "低減", en = "Reduce" } },
  { id = "accept", label = { ja = "受容", en = "Accept" } },
] }
return_by = {"#;
    insta::assert_snapshot!(only("kind-choice", &of_kind("risk", &[("return_by = {", field)])), @r#"
    error kind-choice at duties/takeouts/register.toml:14:1 `treatment`
      message: 種類「risk」の台帳「takeouts」の項目「treatment」に、選択肢「avoid、transfer」が要ります | 'treatment' of the register 'takeouts' of kind 'risk' needs the choices avoid, transfer
      expected: reduce, avoid, transfer, accept | reduce, avoid, transfer, accept
      help: 選択肢を書き足してください。ほかの選択肢もあって構いません | add them; others may stand beside them
      names: takeouts treatment
    "#);
}

#[test]
fn a_field_that_a_report_without_signing_in_cannot_fill() {
    insta::assert_snapshot!(only("kind-desk", &of_kind("incident", &[])), @r#"
    error kind-desk at duties/takeouts/register.toml:8:1 `asset`
      message: 台帳「takeouts」の項目「asset」が必須なので、サインインなしの報告を受け付けられません | 'asset' of 'takeouts' has to be filled, so that no report without signing in can come in
      expected: 空欄でもよい型（? を付ける）か、default | a type that may be empty (with ?), or `default`
      help: ? を付けるか、default を書いてください | add ?, or write `default`
      names: takeouts asset
    "#);
}

#[test]
fn no_step_for_a_report_without_signing_in() {
    insta::assert_snapshot!(only("kind-desk-step", &of_kind("incident", &[])), @r#"
    error kind-desk-step at duties/takeouts/register.toml:1:9 `{ ja = "持出し", en = "Take-outs" }`
      message: 台帳「takeouts」に、はじめの状態から reported への、何も求めない遷移がありません | 'takeouts' has no transition from its initial state to `reported` that asks for nothing
      expected: to = "reported" で、fills も reason も when もない遷移 | a transition to "reported" without fills, reason and when
      help: サインインなしの報告は、その遷移で報告済みになります | a report without signing in takes that step
      names: takeouts
    "#);
}

#[test]
fn an_audit_without_the_registers_around_it() {
    insta::assert_snapshot!(only("kind-companion", &of_kind("audit", &[])), @r#"
    error kind-companion at duties/takeouts/register.toml:1:9 `{ ja = "持出し", en = "Take-outs" }`
      message: 種類「audit」の台帳「takeouts」には、back = "findings" で結び付く指摘の台帳が要ります | the register 'takeouts' of kind 'audit' needs a register of findings that refers to it with back = "findings"
      expected: audit = { type = "ref", to = "takeouts", back = "findings", … } | audit = { type = "ref", to = "takeouts", back = "findings", … }
      help: 監査の計画、項目、標本、指摘は、それぞれ一つの台帳です。docs/pack.md の「The registers around an audit」を見てください | plans, items, samples and findings are a register each; see the table of registers around an audit in docs/pack.md
      names: takeouts findings
    "#);
}

/// Assets become the samples of audits, which the take-outs become.
#[test]
fn a_sample_that_cannot_be_drawn() {
    let assets = "duties/assets/register.toml";
    let takeouts = "duties/takeouts/register.toml";
    let audit = "audit = { type = \"ref?\", to = \"takeouts\", back = \"samples\", label = { ja = \"監査\", en = \"Audit\" } }\nreviewed_on = {";
    let said = changed_all(&[
        (takeouts, "keep = \"5年\"", "keep = \"5年\"\nkind = \"audit\""),
        (assets, "reviewed_on = {", audit),
    ]);
    insta::assert_snapshot!(only("kind-step", &said), @r#"
    error kind-step at duties/assets/register.toml:1:9 `{ ja = "情報資産", en = "Information assets" }`
      message: 監査のまわりの台帳「assets」に、draft から frozen への遷移が要ります | the register 'assets' around the audits needs a transition from 'draft' to 'frozen'
      expected: from = ["draft"], to = "frozen" | from = ["draft"], to = "frozen"
      help: 監査の画面のボタンは、その遷移で動きます | the buttons on the audit's page take that step
      names: assets draft frozen
    "#);
}
