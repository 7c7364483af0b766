//! Registers.

use crate::base::changed;

#[test]
fn nobody_sees_it() {
    insta::assert_snapshot!(changed("duties/assets/register.toml", r#"view = ["staff@all"]"#, "view = []"), @r#"
    error access-empty at duties/assets/register.toml:1:9 `{ ja = "情報資産", en = "Information assets" }`
      message: 台帳「assets」の view に誰も書かれていません | nobody is named under `view` of 'assets'
      expected: view = ["staff@unit"] など | view = ["staff@unit"] or the like
      help: [access] に書き足してください | add it under [access]
      names: assets
    "#);
}

#[test]
fn the_applicant_creates_it() {
    insta::assert_snapshot!(changed("duties/assets/register.toml", r#"create = ["section_manager@unit"]"#, r#"create = ["applicant"]"#), @r#"
    error access-create-term at duties/assets/register.toml:1:9 `{ ja = "情報資産", en = "Information assets" }`
      message: 台帳「assets」の create は、まだ記録がないので役割でしか書けません | `create` of 'assets' takes roles only: there is no record yet
      expected: ROLE@unit, ROLE@all | ROLE@unit, ROLE@all
      help: 役割に改めてください | name a role
      names: assets
    "#);
}

#[test]
fn a_person_who_is_a_text() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", r#"view = ["applicant","#, r#"view = ["applicant", "person:purpose","#), @r#"
    error field-not-person at duties/takeouts/register.toml:8:1 `purpose`
      message: person:purpose と書かれていますが、「takeouts.purpose」は職員の項目ではありません | person:purpose is used, and 'takeouts.purpose' holds no person
      expected: type = "person" か "[person]" | type = "person" or "[person]"
      help: 項目の型を改めるか、別の項目を指してください | change its type, or name another field
      names: takeouts purpose
    "#);
}

#[test]
fn a_field_in_two_sections() {
    insta::assert_snapshot!(changed("duties/takeouts/form.toml", r#"fields = ["return_by", "returned_on"]"#, r#"fields = ["return_by", "returned_on", "how"]"#), @r#"
    error field-in-two-sections at duties/takeouts/register.toml:9:1 `how`
      message: 項目「takeouts.how」が様式に二度出てきます | the field 'takeouts.how' stands in the form twice
      help: 一つの欄だけにしてください | keep it in one section
      names: takeouts how
    "#);
}

#[test]
fn a_field_in_no_section() {
    insta::assert_snapshot!(changed("duties/takeouts/form.toml", r#"fields = ["return_by", "returned_on"]"#, r#"fields = ["return_by"]"#), @r#"
    warning field-in-no-section at duties/takeouts/register.toml:14:1 `returned_on`
      message: 項目「takeouts.returned_on」は様式のどの欄にもありません | the field 'takeouts.returned_on' stands in no section of the form
      help: form.toml の欄に加えてください（最後にまとめて表示されます） | add it to a section; it stands last for now
      names: takeouts returned_on
    "#);
}

#[test]
fn a_reverse_list_with_a_taken_name() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", r#"back = "takeouts""#, r#"back = "reviewed_on""#), @r#"
    error expr-incomparable at duties/assets/controls.toml:8:37 `record.reviewed_on > today - days(365)`
      message: 台帳「takeouts」の記録の一覧と日付は「>」で比べられません | a list (each element: a record of 'takeouts') and a day cannot be compared with '>'
      expected: 両側とも台帳「takeouts」の記録の一覧 | a list (each element: a record of 'takeouts') on both sides
      names: 
    error back-taken at duties/takeouts/register.toml:7:1 `asset`
      message: 「takeouts.asset」の back = "reviewed_on" は、もう使われている名です | the name 'reviewed_on' in `back` of 'takeouts.asset' is taken
      help: 別の名にしてください | choose another name
      names: takeouts asset reviewed_on
    error obligation-unserved at obligations.toml:4:6 `"O001"`
      message: 義務「O001」を確かめる遵守項目がありません: 台帳を見直す | no control serves the obligation 'O001'
      expected: serves に "O001" を含む [[control]] | a [[control]] with "O001" among what it serves
      help: 遵守項目を書き足すか、まだ扱わないなら unserved に加えてください | add a control, or list it under unserved
      names: O001
    "#);
}
