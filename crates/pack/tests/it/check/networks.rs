//! Zones, crossings, handling.

use crate::base::changed;

#[test]
fn two_zones_for_the_rest() {
    insta::assert_snapshot!(changed("zones.toml", r#"kind = "inner"

[[zone]]
id = "school""#, r#"kind = "inner"
rest = true

[[zone]]
id = "school""#), @r#"
    error zone-rest-twice at zones.toml:15:6 `"school"`
      message: 「残りすべて」の領域が二つあります（「school」） | more than one zone has `rest` ('school')
      help: rest = true は一つの領域だけにしてください | keep it on one zone
      names: school
    "#);
}

#[test]
fn two_zones_for_one_thing() {
    insta::assert_snapshot!(changed("zones.toml", r#"kind = "inner"

[[zone]]
id = "school""#, r#"kind = "inner"
handles = ["my_number"]

[[zone]]
id = "school""#), @r#"
    error zone-handles-twice at zones.toml:9:6 `"lgwan"`
      message: 「my_number」を扱う領域が二つあります（「lgwan」） | 'my_number' belongs to more than one zone ('lgwan')
      help: 一つの領域だけにしてください | keep it on one zone
      names: lgwan my_number
    "#);
}

#[test]
fn an_excluded_network_inside() {
    insta::assert_snapshot!(changed("pack.toml", r#"["school"]"#, r#"["lgwan"]"#), @r#"
    error network-excluded-inner at zones.toml:9:6 `"lgwan"`
      message: 適用範囲外のネットワーク「lgwan」が内側の領域になっています | the excluded network 'lgwan' is an inner zone
      expected: kind = "external" | kind = "external"
      help: kind を改めるか、excluded_networks から外してください | change its kind, or take it off the list
      names: lgwan
    "#);
}

#[test]
fn a_crossing_without_a_rule() {
    insta::assert_snapshot!(changed("zones.toml", r#"to = ["lgwan", "school"]"#, r#"to = ["lgwan"]"#), @r#"
    error crossing-missing at zones.toml:2:6 `"mynumber"`
      message: 「mynumber」から「school」への通信の決まりがありません | nothing is said about what may cross from 'mynumber' to 'school'
      expected: from = "mynumber", to = "school" の [[crossing]] | a [[crossing]] from = "mynumber", to = "school"
      help: 通さないなら kinds = [] と書いてください | write kinds = [] if nothing may cross
      names: mynumber school
    "#);
}

#[test]
fn a_crossing_with_two_rules() {
    insta::assert_snapshot!(changed("zones.toml", "[[business]]", r#"[[crossing]]
from = "lgwan"
to = "school"
kinds = []
says = { ja = "通信させない", en = "Nothing" }

[[business]]"#), @r#"
    error crossing-duplicate at zones.toml:45:6 `"school"`
      message: 「lgwan」から「school」への決まりが二つあります | two rules from 'lgwan' to 'school'
      help: どちらかを消してください | take one of them out
      names: lgwan school
    "#);
}

#[test]
fn a_business_in_the_wrong_zone() {
    insta::assert_snapshot!(changed("zones.toml", r#"zone = "mynumber"
handles"#, r#"zone = "lgwan"
handles"#), @r#"
    error business-wrong-zone at zones.toml:44:6 `"residents"`
      message: 「住民基本台帳」は my_number を扱うため「lgwan」に置けません | 'residents' handles my_number, and cannot stand in 'lgwan'
      expected: zone = "mynumber" | zone = "mynumber"
      help: 業務の領域を改めるか、領域の handles を見直してください | change its zone, or what the zones handle
      names: residents lgwan my_number
    "#);
}

#[test]
fn an_address_prefix_that_is_none() {
    insta::assert_snapshot!(changed("zones.toml", "10.1.0.0/16", "10.1.0.0/66"), @r#"
    error value-invalid at zones.toml:6:13 `"10.1.0.0/66"`
      message: 「10.1.0.0/66」はアドレスの範囲として読めません | '10.1.0.0/66' is no address prefix
      expected: 10.1.0.0/16 や 2001:db8::/32 | 10.1.0.0/16 or 2001:db8::/32
      help: アドレス/長さ の形で書いてください | write address/length
      names:
    "#);
}

#[test]
fn a_sanitised_crossing_without_a_default() {
    insta::assert_snapshot!(changed("sanitising.toml", r#"action = "sanitise""#, r#"construct = "macros"
action = "drop""#), @r#"
    error crossing-without-sanitising at zones.toml:39:6 `"lgwan"`
      message: 「school」から「lgwan」への無害化の既定がありません | no default rule for sanitising from 'school' to 'lgwan'
      expected: sanitising.toml に sender・formats・construct のない [[rule]] | a [[rule]] of sanitising.toml without sender, formats and construct
      help: 既定の扱いを書き足してください | add the default
      names: school lgwan
    "#);
}

#[test]
fn a_sanitising_rule_without_a_crossing() {
    insta::assert_snapshot!(changed("sanitising.toml", r#"action = "sanitise""#, r#"action = "sanitise"

[[rule]]
from = "lgwan"
to = "school"
action = "keep""#), @r#"
    error sanitising-without-crossing at sanitising.toml:7:8 `"lgwan"`
      message: 「lgwan」から「school」へは無害化通信が認められていません | no sanitised crossing from 'lgwan' to 'school'
      expected: kinds に sanitised を含む [[crossing]] | a [[crossing]] with sanitised among its kinds
      help: 向きを確かめるか、zones.toml の決まりを改めてください | see the direction, or change zones.toml
      names: lgwan school
    "#);
}

#[test]
fn a_hole_in_the_handling_matrix() {
    insta::assert_snapshot!(changed("classes.toml", r#"class = ["1"]"#, r#"class = ["3"]"#), @r#"
    error handling-hole at classes.toml:7:6 `"1"`
      message: 機密性「1」の「take_out」の決まりがありません | 'take_out' of class '1' has no rule
      expected: act = "take_out", class = "1" の [[handling]] を一つ | one [[handling]] with act = "take_out" and class = "1"
      help: 取扱いの表を埋めてください | fill the matrix
      names: 1 take_out
    error handling-duplicate at classes.toml:33:10 `"3"`
      message: 機密性「3」の「take_out」の決まりが二つあります | 'take_out' of class '3' has two rules
      expected: act = "take_out", class = "3" の [[handling]] を一つ | one [[handling]] with act = "take_out" and class = "3"
      help: 取扱いの表を埋めてください | fill the matrix
      names: 3 take_out
    "#);
}
