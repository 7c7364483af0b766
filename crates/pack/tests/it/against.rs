//! A new version against what is recorded.

use std::collections::BTreeMap;

use pack::{Pack, Recorded, RecordedField, RecordedRegister, check_against};

use crate::base::{base, listed, with};

const TAKEOUTS: &str = "duties/takeouts/register.toml";

fn compiled(source: &pack::Source) -> Pack {
    pack::compile(source).pack.expect("no error")
}

/// Three take-outs, two of them on USB memory, and one asset.
fn recorded() -> Recorded {
    let counts = |pairs: &[(&str, usize)]| -> BTreeMap<String, usize> {
        pairs.iter().map(|(id, count)| ((*id).to_owned(), *count)).collect()
    };
    let field = |filled, values: &[(&str, usize)]| RecordedField { filled, values: counts(values) };
    let takeouts = RecordedRegister {
        records: 3,
        states: counts(&[("asked", 1), ("out", 2)]),
        fields: [
            ("asset", field(3, &[])),
            ("purpose", field(3, &[])),
            ("how", field(3, &[("usb", 2), ("paper", 1)])),
            ("return_by", field(3, &[])),
        ]
        .map(|(id, uses)| (id.to_owned(), uses))
        .into(),
    };
    let assets = RecordedRegister {
        records: 1,
        states: counts(&[("live", 1)]),
        fields: [("name", field(1, &[])), ("confidentiality", field(1, &[("3", 1)]))]
            .map(|(id, uses)| (id.to_owned(), uses))
            .into(),
    };
    Recorded {
        registers: [("takeouts".to_owned(), takeouts), ("assets".to_owned(), assets)].into(),
        posts: counts(&[("ciso", 1)]),
        categories: counts(&[]),
        bodies: counts(&[]),
    }
}

/// What is said of a change to the small pack.
fn said(changes: &[(&str, &str, &str)]) -> String {
    let new = with(changes);
    let checked = pack::compile(&new);
    assert_eq!(listed(&new, &checked.diagnostics), "", "the new version itself is right");
    listed(&new, &check_against(&compiled(&base()), &checked.pack.unwrap(), &recorded()))
}

#[test]
fn the_same_pack_fits_what_is_recorded() {
    assert_eq!(said(&[]), "");
}

#[test]
fn a_register_that_is_gone() {
    let (old, mut new) = (compiled(&base()), compiled(&base()));
    new.registers.retain(|register| register.id != "takeouts");
    insta::assert_snapshot!(listed(&base(), &check_against(&old, &new, &recorded())), @r#"
    error against-register-gone at pack.toml:1:1 ``
      message: 台帳「takeouts」がなくなりますが、3件で使われています | the register 'takeouts' is gone, and 3 uses are recorded
      expected: was = "…" の付いた台帳か、pack.toml の [retired] registers | a register with `was`, or [retired] registers in pack.toml
      help: 何が引き継ぐかを書いてください | say what takes it over
      names: takeouts
    "#);
    new.retired.registers.push("takeouts".to_owned());
    assert!(check_against(&old, &new, &recorded()).is_empty());
}

#[test]
fn a_role_that_is_gone() {
    let (old, mut new) = (compiled(&base()), compiled(&base()));
    new.roles.retain(|role| role.id != "ciso");
    insta::assert_snapshot!(listed(&base(), &check_against(&old, &new, &recorded())), @r#"
    error against-role-gone at pack.toml:1:1 ``
      message: 役割「ciso」がなくなりますが、1件で使われています | the role 'ciso' is gone, and 1 uses are recorded
      expected: was = "…" の付いた役割か、pack.toml の [retired] roles | a role with `was`, or [retired] roles in pack.toml
      help: 何が引き継ぐかを書いてください | say what takes it over
      names: ciso
    "#);
    new.retired.roles.push(("ciso".to_owned(), None));
    assert!(check_against(&old, &new, &recorded()).is_empty());
}

#[test]
fn a_control_that_is_gone() {
    let (old, mut new) = (compiled(&base()), compiled(&base()));
    new.controls.retain(|control| control.id != "takeouts-returned");
    insta::assert_snapshot!(listed(&base(), &check_against(&old, &new, &recorded())), @r#"
    error against-control-gone at pack.toml:1:1 ``
      message: 遵守項目「takeouts-returned」がなくなりますが、廃止とも改名とも書かれていません | the control 'takeouts-returned' is gone, and neither renamed nor listed as retired
      expected: was = "…"、または [retired] controls | `was`, or [retired] controls in pack.toml
      help: 改名なら was を、廃止なら [retired] に書いてください | write `was` for a rename, or list it under [retired]
      names: takeouts-returned
    "#);
    new.retired.controls.push("takeouts-returned".to_owned());
    assert!(check_against(&old, &new, &recorded()).is_empty());
}

#[test]
fn a_clause_that_is_gone_and_one_that_is_renamed() {
    let changes: &[_] = &[
        ("documents/policy.md", "と[監査](#audit)", ""),
        ("documents/policy.md", "{#audit .must}", "{#audits .must}"),
        ("duties/assets/controls.toml", "policy#audit", "policy#audits"),
    ];
    insta::assert_snapshot!(said(changes), @r#"
    error against-clause-gone at pack.toml:1:1 ``
      message: 条項「policy#audit」がなくなりますが、廃止とも改名とも書かれていません | the clause 'policy#audit' is gone, and neither renamed nor listed as retired
      expected: was = "…"、または [retired] clauses | `was`, or [retired] clauses in pack.toml
      help: 改名なら was を、廃止なら [retired] に書いてください | write `was` for a rename, or list it under [retired]
      names: policy#audit
    "#);
    let renamed: &[_] = &[
        ("documents/policy.md", "と[監査](#audit)", ""),
        ("documents/policy.md", "{#audit .must}", "{#audits .must was=\"audit\"}"),
        ("duties/assets/controls.toml", "policy#audit", "policy#audits"),
    ];
    assert_eq!(said(renamed), "");
}

/// The state `out` under another name.
const OUT: [(&str, &str, &str); 5] = [
    (TAKEOUTS, "\"out\", \"returned\", \"refused\"] }]", "\"away\", \"returned\", \"refused\"] }]"),
    (
        TAKEOUTS,
        "\"out\", \"returned\"",
        "{ id = \"away\", label = { ja = \"持出し中\", en = \"Away\" } }, \"returned\"",
    ),
    (TAKEOUTS, "to = \"out\"", "to = \"away\""),
    (TAKEOUTS, "from = [\"out\"]", "from = [\"away\"]"),
    (TAKEOUTS, "in = \"out\"", "in = \"away\""),
];

#[test]
fn a_state_with_records_needs_a_map() {
    let control = ("duties/takeouts/controls.toml", "'out'", "'away'");
    let changes: Vec<_> = OUT.into_iter().chain([control]).collect();
    insta::assert_snapshot!(said(&changes), @r#"
    error against-state-gone at duties/takeouts/register.toml:1:9 `{ ja = "持出し", en = "Take-outs" }`
      message: 状態「out」がなくなりますが、2件で使われています | the state 'out' is gone, and 2 uses are recorded
      expected: was = "…" の付いた状態か、[lifecycle.retired] の行き先 | a state with `was`, or its heir in [lifecycle.retired]
      help: 何が引き継ぐかを書いてください | say what takes it over
      names: out takeouts
    "#);
    let mapped = (TAKEOUTS, "[transitions.submit]", "[lifecycle.retired]\nout = \"away\"\n\n[transitions.submit]");
    let changes: Vec<_> = OUT.into_iter().chain([control, mapped]).collect();
    assert_eq!(said(&changes), "");
}

#[test]
fn a_field_with_values_that_is_gone() {
    let field = "  { id = \"paper\", label = { ja = \"紙\", en = \"Paper\" } },\n] }\n";
    let whole = "how = { type = \"choice\", label = { ja = \"方法\", en = \"How\" }, choices = [\n  { id = \"usb\", label = { ja = \"USBメモリ\", en = \"USB memory\" } },\n";
    let form = ("duties/takeouts/form.toml", ", \"how\"", "");
    insta::assert_snapshot!(said(&[(TAKEOUTS, &format!("{whole}{field}"), ""), form]), @r#"
    error against-field-gone at duties/takeouts/register.toml:1:9 `{ ja = "持出し", en = "Take-outs" }`
      message: 項目「how」がなくなりますが、3件で使われています | the field 'how' is gone, and 3 uses are recorded
      expected: was = "…" の付いた項目か、retired = true のまま残した項目 | a field with `was`, or the field itself with retired = true
      help: 何が引き継ぐかを書いてください | say what takes it over
      names: how takeouts
    "#);
    assert_eq!(said(&[(TAKEOUTS, "how = { type", "how = { retired = true, type")]), "");
}

#[test]
fn a_choice_with_values_that_is_gone() {
    let paper = "  { id = \"paper\", label = { ja = \"紙\", en = \"Paper\" } },\n";
    insta::assert_snapshot!(said(&[(TAKEOUTS, paper, "")]), @r#"
    error against-value-gone at duties/takeouts/register.toml:9:1 `how`
      message: 選択肢・分類・区域「paper」がなくなりますが、1件で使われています | the choice, class or zone 'paper' is gone, and 1 uses are recorded
      expected: was = "…"、選択肢なら retired = true、分類なら [retired] classes | `was`; retired = true for a choice; [retired] classes for a class
      help: 何が引き継ぐかを書いてください | say what takes it over
      names: paper takeouts how
    "#);
    let retired = paper.replace("{ id", "{ retired = true, id");
    assert_eq!(said(&[(TAKEOUTS, paper, &retired)]), "");
}

#[test]
fn a_field_whose_values_cannot_be_read_any_more() {
    insta::assert_snapshot!(said(&[(TAKEOUTS, "purpose = { type = \"text\"", "purpose = { type = \"int\"")]), @r#"
    error against-field-type at duties/takeouts/register.toml:8:1 `purpose`
      message: 項目「takeouts.purpose」の型が text から int に変わり、3件の値が読めなくなります | the type of 'takeouts.purpose' changes from text to int, and 3 values cannot be read
      expected: text | text
      help: 元の項目を retired = true で残し、新しい項目を足してください | keep the old field as retired, and add a new one
      names: takeouts purpose
    "#);
    assert_eq!(said(&[(TAKEOUTS, "purpose = { type = \"text\"", "purpose = { type = \"long\"")]), "");
}

#[test]
fn a_field_that_is_newly_required_binds_at_the_next_write() {
    let changes = [(TAKEOUTS, "returned_on = { type = \"date?\"", "returned_on = { type = \"date\"")];
    insta::assert_snapshot!(said(&changes), @r#"
    warning against-field-required at duties/takeouts/register.toml:14:1 `returned_on`
      message: 必須となる項目「takeouts.returned_on」が空の記録が3件あります | 3 records have nothing in 'takeouts.returned_on', which is required now
      help: 次にその記録を直すときに入力を求めます | it is asked for when such a record is next written
      names: takeouts returned_on
    "#);
}

#[test]
fn two_fields_with_values_cannot_become_one() {
    let mut new = compiled(&base());
    for register in &mut new.registers {
        register.fields.retain(|field| field.id != "purpose");
        for field in &mut register.fields {
            if field.id == "asset" {
                field.was = Some("purpose".to_owned());
            }
        }
    }
    let found = check_against(&compiled(&base()), &new, &recorded());
    assert!(found.iter().any(|said| said.code == "against-merged" && said.names == ["purpose", "asset"]), "{found:#?}");
}

#[test]
fn a_kind_of_people_and_a_body_that_are_gone() {
    let pack = compiled(&base());
    let counts = |id: &str| [(id.to_owned(), 2)].into();
    let recorded = Recorded { categories: counts("nobody"), bodies: counts("nowhere"), ..recorded() };
    let codes: Vec<_> = check_against(&pack, &pack, &recorded).into_iter().map(|said| said.code).collect();
    assert_eq!(codes, ["against-category-gone", "against-body-gone"]);
}
