//! What is wrong within one file.

use crate::base::changed;

#[test]
fn an_unknown_key_names_the_nearest() {
    insta::assert_snapshot!(changed("pack.toml", "version =", "versoin ="), @r#"
    error key-missing at pack.toml:1:1 ``
      message: 「version」がありません | 'version' is missing
      help: 「version = …」を書き足してください | add `version = …`
      names: version
    error key-unknown at pack.toml:2:1 `versoin`
      message: ここに「versoin」という項目はありません | there is no key 'versoin' here
      expected: id, version, network_model, municipality, calendar, scope, body, retired | id, version, network_model, municipality, calendar, scope, body, retired
      help: 「version」ではありませんか | did you mean 'version'?
      names: versoin
    "#);
}

#[test]
fn a_missing_key_is_named() {
    insta::assert_snapshot!(changed("pack.toml", r#"network_model = "alpha"
"#, ""), @r#"
    error key-missing at pack.toml:1:1 ``
      message: 「network_model」がありません | 'network_model' is missing
      help: 「network_model = …」を書き足してください | add `network_model = …`
      names: network_model
    "#);
}

#[test]
fn a_value_of_the_wrong_type() {
    insta::assert_snapshot!(changed("organisation.toml", "rank = 90", r#"rank = "90""#), @r#"
    error value-type at organisation.toml:6:8 `"90"`
      message: 「rank」は整数ですが、文字列が書かれています | 'rank' is a whole number, not a string
      expected: 整数 | a whole number
      help: 整数で書いてください | write a whole number
      names: rank
    "#);
}

#[test]
fn a_number_out_of_range() {
    insta::assert_snapshot!(changed("organisation.toml", "rank = 90", "rank = -1"), @r#"
    error value-invalid at organisation.toml:6:8 `-1`
      message: 「rank」に「-1」とは書けません | '-1' cannot stand under 'rank'
      expected: 0 から 4294967295 までの整数 | a whole number from 0 to 4294967295
      help: 0 から 4294967295 までの整数を書いてください | write a whole number from 0 to 4294967295
      names:
    "#);
}

#[test]
fn a_word_outside_of_a_closed_set() {
    insta::assert_snapshot!(changed("pack.toml", r#"kind = "fire""#, r#"kind = "fira""#), @r#"
    error value-invalid at pack.toml:24:8 `"fira"`
      message: 「kind」に「fira」とは書けません | 'fira' cannot stand under 'kind'
      expected: mayor, assembly, committee, fire, joint | mayor, assembly, committee, fire, joint
      help: 「fire」ではありませんか | did you mean 'fire'?
      names: fira
    "#);
}

#[test]
fn a_holiday_that_is_no_date() {
    let to = |days: &str| changed("pack.toml", r#"holidays = ["2026-11-23"]"#, &format!("holidays = [{days}]"));
    insta::assert_snapshot!(to(r#""2026-11-31", "11月23日", 20261123"#), @r#"
    error value-invalid at pack.toml:10:13 `"2026-11-31"`
      message: 「holidays」に「2026-11-31」とは書けません | '2026-11-31' cannot stand under 'holidays'
      expected: 2026-04-01 のような日付 | a date such as 2026-04-01
      help: 2026-04-01 のような日付を書いてください | write a date such as 2026-04-01
      names: 
    error value-invalid at pack.toml:10:27 `"11月23日"`
      message: 「holidays」に「11月23日」とは書けません | '11月23日' cannot stand under 'holidays'
      expected: 2026-04-01 のような日付 | a date such as 2026-04-01
      help: 2026-04-01 のような日付を書いてください | write a date such as 2026-04-01
      names: 
    error value-type at pack.toml:10:37 `20261123`
      message: 「holidays」は日付ですが、整数が書かれています | 'holidays' is a date, not a whole number
      expected: 日付 | a date
      help: 日付で書いてください | write a date
      names: holidays
    "#);
    let said = to("2026-11-23T00:00:00");
    assert!(said.starts_with("error value-type at pack.toml:10:13"), "{said}");
    assert_eq!(to(r#"2026-11-23, "2026-01-01""#), "");
}

#[test]
fn an_empty_text() {
    insta::assert_snapshot!(changed("pack.toml", r#"ja = "関守市""#, r#"ja = " ""#), @r#"
    error text-empty at pack.toml:6:15 `" "`
      message: 「ja」が空です | 'ja' is empty
      help: 中身を書くか、行ごと消してください | fill it, or take the line out
      names:
    "#);
}

#[test]
fn a_control_character() {
    insta::assert_snapshot!(changed("pack.toml", r#"ja = "関守市""#, r#"ja = "関守\u202E市""#), @r#"
    error control-character at pack.toml:6:15 `"関守\u202E市"`
      message: 制御文字または書字方向の文字 U+202E が含まれています | a control or text-direction character U+202E stands here
      help: その文字を消してください | take the character out
      names:
    "#);
}

#[test]
fn a_text_that_is_too_long() {
    insta::assert_snapshot!(changed("pack.toml", r#"ja = "関守市""#, &r#"ja = "{LONG}""#.replace("{LONG}", &"長".repeat(4001))), @r#"
    error text-too-long at pack.toml:6:15 `"長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長長`
      message: 4000文字を超えています | longer than 4000 characters
      help: 短くするか、documents/ の文書に書いてください | shorten it, or write it in a document
      names:
    "#);
}

#[test]
fn an_id_of_the_wrong_form() {
    insta::assert_snapshot!(changed("pack.toml", r#"id = "small""#, r#"id = "Small Pack""#), @r#"
    error id-invalid at pack.toml:1:6 `"Small Pack"`
      message: 「Small Pack」は id に使えません | 'Small Pack' cannot be an id
      expected: 英小文字と数字を - でつないだもの（64文字まで） | lower-case letters and digits joined by -, at most 64 characters
      help: id を書き直してください | write the id anew
      names: Small Pack
    "#);
}

#[test]
fn an_id_that_occurs_twice() {
    insta::assert_snapshot!(changed("organisation.toml", r#"id = "section_deputy""#, r#"id = "ciso""#), @r#"
    error role-unknown at organisation.toml:13:16 `"section_deputy"`
      message: 役割「section_deputy」はありません | there is no role 'section_deputy'
      expected: auditor, ciso, section_manager, staff | auditor, ciso, section_manager, staff
      help: 綴りを確かめるか、足りないものを書き足してください | see its spelling, or add what is missing
      names: section_deputy
    error id-duplicate at organisation.toml:16:6 `"ciso"`
      message: 「ciso」は二度使われています（最初は organisation.toml） | 'ciso' occurs twice (first in organisation.toml)
      help: どちらかの id を変えるか、消してください | change one of the two, or take it out
      names: ciso
    "#);
}

#[test]
fn english_that_is_missing() {
    insta::assert_snapshot!(changed("pack.toml", r#"{ ja = "消防", en = "Fire service" }"#, r#""消防""#), @r#"
    warning english-missing at pack.toml:23:8 `"消防"`
      message: 英語のない文言が1件あります（最初の箇所を示しています） | 1 texts have no English (the first is shown)
      help: { ja = "…", en = "…" } の形で書いてください | write { ja = "…", en = "…" }
      names:
    "#);
}

#[test]
fn a_broken_line() {
    insta::assert_snapshot!(changed("pack.toml", r#"version = "1""#, r#"version = "1"#), @r#"
    error toml-syntax at pack.toml:2:13 ``
      message: TOML として読めません: invalid basic string, expected `"` | this is not TOML: invalid basic string, expected `"`
      help: 引用符・かっこ・= の書き方を確かめてください | look at quotes, brackets and =
      names:
    "#);
}

#[test]
fn a_municipality_code_with_a_wrong_check_digit() {
    insta::assert_snapshot!(changed("pack.toml", "122297", "122298"), @r#"
    error municipality-code at pack.toml:7:8 `"122298"`
      message: 「122298」は全国地方公共団体コードではありません | '122298' is no local government code
      expected: 検査数字を含む六桁 | six digits, the last a check digit
      help: 総務省の一覧で確かめてください | look it up in the ministry's list
      names:
    "#);
}

#[test]
fn a_period_that_is_none() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", r#"keep = "5年""#, r#"keep = "five years""#), @r#"
    error value-invalid at duties/takeouts/register.toml:3:8 `"five years"`
      message: 「keep」に「five years」とは書けません | 'five years' cannot stand under 'keep'
      expected: 「5年」「6月」「2週」「30日」の形の期間 | a period such as 5年, 6月, 2週, 30日
      help: 「5年」「6月」「2週」「30日」の形の期間を書いてください | write a period such as 5年, 6月, 2週, 30日
      names:
    "#);
}

#[test]
fn a_number_without_seq() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", "第{seq}号", "第{no}号"), @r#"
    error number-template at duties/takeouts/register.toml:2:10 `"{wareki}年度持出第{no}号"`
      message: 「{wareki}年度持出第{no}号」は番号の形として使えません | '{wareki}年度持出第{no}号' cannot be the form of a number
      expected: {wareki} {fiscal_year} {seq} と文字。{seq} は必ず | {wareki}, {fiscal_year}, {seq} and text; {seq} is needed
      help: 例: {wareki}年度持出第{seq}号 | for instance {wareki}年度持出第{seq}号
      names:
    "#);
}

#[test]
fn a_type_that_is_none() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", r#"type = "text", label"#, r#"type = "txet", label"#), @r#"
    error type-unknown at duties/takeouts/register.toml:8:20 `"txet"`
      message: 「txet」という型はありません | there is no type 'txet'
      expected: text, long, int, money, date, bool, choice, person, unit, zone, class, file, … (+2)（? で省略可、[型] で並び） | text, long, int, money, date, bool, choice, person, unit, zone, class, file, … (+2) (`?` makes it optional, `[type]` a list)
      help: 「text」ではありませんか | did you mean 'text'?
      names: txet
    "#);
}

#[test]
fn choices_that_are_all_gone() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", r#"choices = [
  { id = "usb", label = { ja = "USBメモリ", en = "USB memory" } },
  { id = "paper", label = { ja = "紙", en = "Paper" } },
]"#, "choices = []"), @r#"
    error choices-empty at duties/takeouts/register.toml:9:7 `{ type = "choice", label = { ja = "方法", en = "How" }, choices = [] }`
      message: 選べるものがありません | there is nothing to choose from
      expected: 一つ以上の選択肢 | at least one choice that is not retired
      help: 選択肢を書き足してください | add a choice
      names:
    "#);
}

#[test]
fn a_key_that_does_not_fit_the_type() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", r#"type = "text", label"#, r#"type = "text", least = 3, label"#), @r#"
    error key-not-for-type at duties/takeouts/register.toml:8:36 `3`
      message: 「least」はこの型の項目には書けません | 'least' cannot stand in a field of this type
      expected: int, money, date の項目 | a field of type int, money, date
      help: この行を消すか、型を改めてください | take it out, or change the type
      names: least
    "#);
}

#[test]
fn a_field_that_every_record_has() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", "purpose = { type", r#"state = { type = "text", label = { ja = "状態", en = "State" } }
purpose = { type"#), @r#"
    error field-taken at duties/takeouts/register.toml:8:1 `state`
      message: 「state」はどの記録にも初めからある項目の名です | every record has 'state' already
      help: 別の id にしてください（name は、台帳の name = "name" のときだけ使えます） | choose another id (`name` is allowed where the register says name = "name")
      names: state
    warning field-in-no-section at duties/takeouts/register.toml:8:1 `state`
      message: 項目「takeouts.state」は様式のどの欄にもありません | the field 'takeouts.state' stands in no section of the form
      help: form.toml の欄に加えてください（最後にまとめて表示されます） | add it to a section; it stands last for now
      names: takeouts state
    "#);
}

#[test]
fn a_state_without_a_label() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", r#"states = ["draft","#, r#"states = ["weird", "draft","#), @r#"
    error label-missing at duties/takeouts/register.toml:22:11 `"weird"`
      message: 「weird」に表示名がありません | 'weird' has no label
      expected: { id = "…", label = { ja = "…", en = "…" } } | { id = "…", label = { ja = "…", en = "…" } }
      help: label を書き足してください | add a label
      names: weird
    error state-dead-end at duties/takeouts/register.toml:22:11 `"weird"`
      message: 台帳「takeouts」の状態「weird」から終わりの状態へ進む道がありません | the state 'weird' of 'takeouts' has no way out to a final state
      help: 出ていく [transitions] を書くか、final に加えてください | add a transition, or list it under `final`
      names: takeouts weird
    error state-unreachable at duties/takeouts/register.toml:22:11 `"weird"`
      message: 台帳「takeouts」の状態「weird」には、どこからも移れません | the state 'weird' of 'takeouts' cannot be reached
      help: この状態への [transitions] を書くか、状態を消してください | add a transition to it, or take it out
      names: takeouts weird
    "#);
}

#[test]
fn a_term_that_says_nobody() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", r#"by = ["section_manager@unit"]"#, r#"by = ["section_manager"]"#), @r#"
    error transition-by-nobody at duties/takeouts/register.toml:31:14 `approve`
      message: 「takeouts.approve」は誰にもできません | 'takeouts.approve' can be made by nobody
      expected: by = ["applicant"] など | by = ["applicant"] or the like
      help: by に役割や applicant を書いてください | name a role or `applicant` in `by`
      names: takeouts approve
    error term-invalid at duties/takeouts/register.toml:34:7 `"section_manager"`
      message: 「section_manager」では誰のことか決まりません | 'section_manager' does not say who
      expected: applicant, person:項目, ROLE@unit, ROLE@all, assigned | applicant, person:FIELD, ROLE@unit, ROLE@all, assigned
      help: 上のいずれかの形で書いてください | write it in one of these forms
      names: section_manager
    "#);
}

#[test]
fn a_transition_with_two_roles() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", "refuses = true", r#"refuses = true
returns = true"#), @r#"
    error transition-role at duties/takeouts/register.toml:38:14 `refuse`
      message: 「refuse」には decides, refuses, returns, withdraws のうち二つ以上が書かれています | 'refuse' has more than one of decides, refuses, returns, withdraws
      help: 一つだけ残してください | keep one of them
      names: refuse
    "#);
}

#[test]
fn a_control_of_two_natures() {
    insta::assert_snapshot!(changed("duties/assets/controls.toml", r#"clauses = ["policy#audit"]"#, r#"clauses = ["policy#audit"]
subjects = "assets""#), @r#"
    error control-two-natures at duties/assets/controls.toml:17:12 `"assets"`
      message: 実施報告による遵守項目に「subjects」は書けません | an attested control has no 'subjects'
      expected: attest か、subjects・holds・says のどちらか | either attest, or subjects, holds and says
      help: どちらかを消してください | take one of the two out
      names: subjects
    "#);
}

#[test]
fn a_control_without_title() {
    insta::assert_snapshot!(changed("duties/assets/controls.toml", r#"title = { ja = "棚卸し", en = "Assets reviewed" }
"#, ""), @r#"
    warning title-missing at duties/assets/controls.toml:2:6 `"assets-reviewed"`
      message: 遵守項目「assets-reviewed」に表題がありません | the control 'assets-reviewed' has no title
      help: title = { ja = "…", en = "…" } を書き足してください | add title = { ja = "…", en = "…" }
      names: assets-reviewed
    "#);
}

#[test]
fn a_control_without_owner() {
    insta::assert_snapshot!(changed("duties/assets/controls.toml", r#"owner = "section_manager@unit"
"#, ""), @r#"
    error key-missing at duties/assets/controls.toml:1:1 `[[control]]`
      message: 「owner」がありません | 'owner' is missing
      help: 「owner = …」を書き足してください | add `owner = …`
      names: owner
    "#);
}

#[test]
fn an_expression_with_an_unknown_field() {
    insta::assert_snapshot!(changed("duties/assets/controls.toml", "record.reviewed_on > today", "record.reviewed_at > today"), @r#"
    error expr-unknown-field at duties/assets/controls.toml:8:44 `reviewed_at`
      message: 台帳「assets」の記録に項目「reviewed_at」はありません | a record of 'assets' has no field 'reviewed_at'
      expected: applicant、confidentiality、created_on、entered_on、name、number、reviewed_on、state、takeouts、unit | applicant, confidentiality, created_on, entered_on, name, number, reviewed_on, state, takeouts, unit
      help: 「reviewed_on」ではありませんか | did you mean 'reviewed_on'?
      names: reviewed_at
    error obligation-unserved at obligations.toml:4:6 `"O001"`
      message: 義務「O001」を確かめる遵守項目がありません: 台帳を見直す | no control serves the obligation 'O001'
      expected: serves に "O001" を含む [[control]] | a [[control]] with "O001" among what it serves
      help: 遵守項目を書き足すか、まだ扱わないなら unserved に加えてください | add a control, or list it under unserved
      names: O001
    "#);
}

#[test]
fn a_key_of_a_source_that_is_no_field() {
    insta::assert_snapshot!(changed("duties/terminals/sources.toml", r#"key = "host""#, r#"key = "hots""#), @r#"
    error field-unknown at duties/terminals/sources.toml:4:7 `"hots"`
      message: 項目「hots」はありません | there is no field 'hots'
      expected: host, signature_on | host, signature_on
      help: 「host」ではありませんか | did you mean 'host'?
      names: hots
    "#);
}
