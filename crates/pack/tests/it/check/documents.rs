//! Documents and help.

use crate::base::changed;

#[test]
fn front_matter_that_is_missing() {
    insta::assert_snapshot!(changed("documents/policy.md", r#"+++
title"#, "title"), @r#"
    error front-matter-missing at documents/policy.md:1:1 ``
      message: 文書の先頭に +++ で囲んだ見出し情報がありません | the document does not start with front matter between +++
      expected: +++ の行、title と kind、+++ の行 | a line +++, title and kind, a line +++
      help: docs/pack.md の9節の例のように書いてください | write it as in section 9 of docs/pack.md
      names: policy
    "#);
}

#[test]
fn a_heading_without_a_slug() {
    insta::assert_snapshot!(changed("documents/policy.md", "### 監査 {#audit .must}", "### 監査"), @r#"
    error clause-unknown at documents/policy.md:11:35 `[監査](#audit)`
      message: 条項「policy#audit」はありません | there is no clause 'policy#audit'
      expected: policy#assets, policy#drawings, policy#general, procedure#takeouts | policy#assets, policy#drawings, policy#general, procedure#takeouts
      help: 「policy#assets」ではありませんか | did you mean 'policy#assets'?
      names: policy#audit
    error heading-without-slug at documents/policy.md:13:1 `### 監査`
      message: 見出し「監査」に {#…} がありません | the heading '監査' has no {#…}
      expected: {#assets} のような、番号が変わっても変わらない名 | a name such as {#assets}, stable when numbers change
      help: 見出しの行末に {#名前} を付けてください | add {#slug} at the end of the line
      names: 
    error clause-unknown at duties/assets/controls.toml:16:12 `"policy#audit"`
      message: 条項「policy#audit」はありません | there is no clause 'policy#audit'
      expected: policy#assets, policy#drawings, policy#general, procedure#takeouts | policy#assets, policy#drawings, policy#general, procedure#takeouts
      help: 「policy#assets」ではありませんか | did you mean 'policy#assets'?
      names: policy#audit
    "#);
}

#[test]
fn a_heading_with_an_unknown_attribute() {
    insta::assert_snapshot!(changed("documents/policy.md", "{#audit .must}", "{#audit .must .mist}"), @r#"
    error heading-attribute at documents/policy.md:13:22 `.mist`
      message: 見出しに「.mist」は付けられません | '.mist' cannot stand in a heading
      expected: #名前 .must audience="…" because="…" because-en="…" threats="…" was="…" | #slug .must audience="…" because="…" because-en="…" threats="…" was="…"
      help: 「.must」ではありませんか | did you mean '.must'?
      names: .mist
    "#);
}

#[test]
fn a_heading_that_jumps() {
    insta::assert_snapshot!(changed("documents/policy.md", "### 監査 {#audit .must}", "##### 監査 {#audit .must}"), @r#"
    warning heading-jumps at documents/policy.md:13:1 `##### 監査 {#audit .must}`
      message: 見出しの段が飛んでいます | the heading skips a level
      help: # の数を上の見出しより一つだけ多くしてください | use one # more than the heading above
      names:
    "#);
}

#[test]
fn a_slug_that_occurs_twice() {
    insta::assert_snapshot!(changed("documents/policy.md", "{#audit .must}", "{#assets .must}"), @r#"
    error clause-unknown at documents/policy.md:11:35 `[監査](#audit)`
      message: 条項「policy#audit」はありません | there is no clause 'policy#audit'
      expected: policy#assets, policy#drawings, policy#general, procedure#takeouts | policy#assets, policy#drawings, policy#general, procedure#takeouts
      help: 「policy#assets」ではありませんか | did you mean 'policy#assets'?
      names: policy#audit
    error id-duplicate at documents/policy.md:13:10 `assets`
      message: 「assets」は二度使われています（最初は documents/policy.md） | 'assets' occurs twice (first in documents/policy.md)
      help: どちらかの id を変えるか、消してください | change one of the two, or take it out
      names: assets
    error clause-unknown at duties/assets/controls.toml:16:12 `"policy#audit"`
      message: 条項「policy#audit」はありません | there is no clause 'policy#audit'
      expected: policy#assets, policy#drawings, policy#general, procedure#takeouts | policy#assets, policy#drawings, policy#general, procedure#takeouts
      help: 「policy#assets」ではありませんか | did you mean 'policy#assets'?
      names: policy#audit
    "#);
}

#[test]
fn text_before_the_first_heading() {
    insta::assert_snapshot!(changed("documents/policy.md", "## 第１章", r#"はじめに。

## 第１章"#), @r#"
    error text-before-heading at documents/policy.md:7:1 `はじめに。
    `
      message: 最初の見出しより前に文章があります | text stands before the first heading
      help: 見出しの下へ移してください | move it under a heading
      names:
    "#);
}

#[test]
fn html() {
    insta::assert_snapshot!(changed("documents/policy.md", "監査する。", "監査<b>する</b>。"), @r#"
    error markdown-html at documents/policy.md:15:3 `<b>`
      message: HTML は使えません | HTML cannot stand here
      help: 取り除くか、Markdown の書き方に改めてください | take it out, or write it as Markdown
      names: 
    error markdown-html at documents/policy.md:15:8 `</b>`
      message: HTML は使えません | HTML cannot stand here
      help: 取り除くか、Markdown の書き方に改めてください | take it out, or write it as Markdown
      names:
    "#);
}

#[test]
fn a_picture() {
    insta::assert_snapshot!(changed("documents/policy.md", "監査する。", "![図](a.png)"), @r#"
    error markdown-image at documents/policy.md:15:1 `![図](a.png)`
      message: 画像は使えません | pictures cannot stand here
      help: 取り除くか、Markdown の書き方に改めてください | take it out, or write it as Markdown
      names:
    "#);
}

#[test]
fn a_link_to_somewhere_else() {
    insta::assert_snapshot!(changed("documents/policy.md", "(#audit)", "(javascript:alert)"), @r#"
    error link-invalid at documents/policy.md:11:35 `[監査](javascript:alert)`
      message: 「javascript:alert」へのリンクは使えません | a link to 'javascript:alert' cannot stand here
      expected: https:、http:、mailto:、#見出し、文書#見出し を ( ) に直接書いたもの | https:, http:, mailto:, #slug or document#slug, written in ( )
      help: リンク先を書き直してください | write the target anew
      names:
    "#);
}

#[test]
fn a_link_to_a_clause_that_is_not_there() {
    insta::assert_snapshot!(changed("documents/policy.md", "(#audit)", "(#audti)"), @r#"
    error clause-unknown at documents/policy.md:11:35 `[監査](#audti)`
      message: 条項「policy#audti」はありません | there is no clause 'policy#audti'
      expected: policy#assets, policy#audit, policy#drawings, policy#general, procedure#takeouts | policy#assets, policy#audit, policy#drawings, policy#general, procedure#takeouts
      help: 「policy#audit」ではありませんか | did you mean 'policy#audit'?
      names: policy#audti
    "#);
}

#[test]
fn an_audience_that_is_none() {
    insta::assert_snapshot!(changed("documents/policy.md", r#"audience="restricted(ciso)""#, r#"audience="ciso""#), @r#"
    error audience-invalid at documents/policy.md:17:24 `audience="ciso"`
      message: 「ciso」では誰が読めるか決まりません | 'ciso' does not say who may read
      expected: public, staff, contractor, restricted(役割, 役割) | public, staff, contractor, restricted(role, role)
      help: 上のいずれかを書いてください | write one of these
      names:
    "#);
}

#[test]
fn an_audience_wider_than_above() {
    insta::assert_snapshot!(changed("documents/procedure.md", "{#takeouts .must}", r#"{#takeouts .must audience="public"}"#), @r#"
    error audience-wider at documents/procedure.md:8:25 `audience="public"`
      message: 「takeouts」は、上の条項より広く公開されています | 'takeouts' is open to more readers than the clause above it
      expected: 上の条項と同じか、より狭い範囲 | the same readers as above, or fewer
      help: 公開範囲を狭めるか、上の条項を広げてください | narrow it, or widen the clause above
      names: procedure#takeouts
    "#);
}

#[test]
fn closed_text_without_a_reason() {
    insta::assert_snapshot!(changed("documents/policy.md", r#" because="攻撃の手掛かりとなるため" because-en="It would help attackers""#, ""), @r#"
    error closed-without-reason at documents/policy.md:17:1 `### ネットワーク図 {#drawings audience="restricted(ciso)"}`
      message: 「policy#drawings」は公開されませんが、その理由がありません | 'policy#drawings' is closed, and does not say why
      expected: 文書なら closed_because、見出しなら because="…" | closed_because in the front matter, because="…" in a heading
      help: 公開版に載せる理由を書いてください | write the reason that the public edition prints
      names: policy#drawings
    "#);
}

#[test]
fn a_public_procedure() {
    insta::assert_snapshot!(changed("documents/procedure.md", r#"audience = "staff""#, r#"audience = "public""#), @r#"
    error procedure-public at documents/procedure.md:2:9 `{ ja = "実施手順", en = "Procedure" }`
      message: 共通実施手順「procedure」が公開になっています | the procedure 'procedure' is public
      expected: audience = "staff" など | audience = "staff" or narrower
      help: 共通実施手順は公開しません。audience を改めてください | procedures are closed: change its audience
      names: procedure
    "#);
}

#[test]
fn no_policy() {
    insta::assert_snapshot!(changed("documents/policy.md", r#"kind = "policy""#, r#"kind = "standard""#), @r#"
    error policy-missing at documents/policy.md:1:1 ``
      message: 基本方針の文書がありません | there is no document of kind policy
      expected: kind = "policy" の文書を一つ以上 | a document with kind = "policy"
      help: documents/policy.md を書いてください | write documents/policy.md
      names:
    "#);
}

#[test]
fn help_with_a_slug() {
    insta::assert_snapshot!(changed("duties/assets/help.md", "台帳に", r#"# 見出し {#slug}

台帳に"#), @r#"
    error help-heading-attribute at duties/assets/help.md:1:1 ``
      message: help.md の見出しに {#…} は付けられません | a heading of help.md takes no {#…}
      help: {#…} を消してください | take it out
      names:
    "#);
}

#[test]
fn lists_that_are_nested_too_deep() {
    insta::assert_snapshot!(changed("documents/policy.md", "監査する。", &"> ".repeat(40)), @r#"
    error markdown-too-deep at documents/policy.md:15:31 ``
      message: 箇条書きや引用の入れ子が16段を超えています | lists and quotes are nested more than 16 deep
      help: 入れ子を浅くしてください | nest less
      names:
    "#);
}
