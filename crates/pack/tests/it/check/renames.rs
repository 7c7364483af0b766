//! `was` and `retired`.

use crate::base::changed;

#[test]
fn an_old_id_that_is_still_there() {
    insta::assert_snapshot!(changed("organisation.toml", r#"id = "section_deputy""#, r#"id = "section_deputy"
was = "ciso""#), @r#"
    error was-still-there at organisation.toml:16:6 `"section_deputy"`
      message: 「section_deputy」の元の名「ciso」がまだ使われています | 'ciso', which 'section_deputy' was, is still there
      help: was か retired のどちらかを改めてください | change `was` or `retired`
      names: ciso section_deputy
    "#);
}

#[test]
fn an_old_id_taken_over_twice() {
    insta::assert_snapshot!(changed("duties/takeouts/register.toml", r#"  { id = "usb", label"#, r#"  { id = "stick", was = "paper_slip", label = { ja = "棒", en = "Stick" } },
  { id = "usb", was = "paper_slip", label"#), @r#"
    error was-twice at duties/takeouts/register.toml:11:10 `"usb"`
      message: 「paper_slip」を引き継ぐものが二つあります（「usb」） | 'paper_slip' is taken over twice ('usb')
      help: was か retired のどちらかを改めてください | change `was` or `retired`
      names: paper_slip usb
    "#);
}

#[test]
fn a_retired_register_that_is_still_there() {
    insta::assert_snapshot!(changed("pack.toml", r#""paper-logs""#, r#""assets""#), @r#"
    error retired-still-there at duties/assets/register.toml:1:9 `{ ja = "情報資産", en = "Information assets" }`
      message: 「assets」は廃止とされていますが、まだあります | 'assets' is listed as gone, and is there
      help: was か retired のどちらかを改めてください | change `was` or `retired`
      names: assets
    "#);
}
