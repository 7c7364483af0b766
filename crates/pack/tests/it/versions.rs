//! `trace` and `diff`.

use pack::{Change, Pack, Run, Source, diff, diff_html, trace};

use crate::base::{base, with};

fn compiled(source: &Source) -> Pack {
    pack::compile(source).pack.expect("no error")
}

#[test]
fn a_trace_has_every_clause_and_every_control() {
    let lines: Vec<_> = trace(&compiled(&base()))
        .into_iter()
        .map(|row| {
            let serves = row.serves.join(" ");
            [row.clause, row.must.to_string(), row.control, row.nature.into(), serves, row.register, row.state.into()]
                .join(",")
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    policy#general,false,,,,,text
    policy#assets,true,assets-reviewed,machine,O001,assets,served
    policy#assets,true,signatures-fresh,machine,,facts:antimalware,served
    policy#audit,true,audited-yearly,attested,,municipality,served
    policy#drawings,false,,,,,text
    procedure#takeouts,true,takeouts-returned,machine,,takeouts,served
    "#);
}

fn shown(changes: &[Change]) -> String {
    let marked = |runs: &Option<Vec<Run>>| match runs {
        None => "-".to_owned(),
        Some(runs) => {
            runs.iter().map(|run| if run.changed { format!("〔{}〕", run.text) } else { run.text.clone() }).collect()
        }
    };
    let lines: Vec<_> = changes
        .iter()
        .map(|change| format!("{:?} {}\n+ {}\n- {}", change.kind, change.id, marked(&change.new), marked(&change.old)))
        .collect();
    lines.join("\n")
}

#[test]
fn equal_packs_have_no_difference() {
    assert_eq!(diff(&compiled(&base()), &compiled(&base())), []);
}

#[test]
fn a_changed_clause_marks_what_changed() {
    let new = with(&[("documents/policy.md", "監査する。", "毎年度、監査を行う。")]);
    insta::assert_snapshot!(shown(&diff(&compiled(&base()), &compiled(&new))), @r#"
    Clause policy#audit
    + 基本方針 監査
    〔毎年度、〕監査〔を行う〕。
    - 基本方針 監査
    監査〔する〕。
    "#);
}

#[test]
fn a_renamed_clause_is_the_same_clause() {
    let new = with(&[
        ("documents/policy.md", "と[監査](#audit)", ""),
        ("documents/policy.md", "### 監査 {#audit .must}", "### 監査等 {#audits .must was=\"audit\"}"),
        ("duties/assets/controls.toml", "policy#audit", "policy#audits"),
    ]);
    let changes = diff(&compiled(&base()), &compiled(&new));
    let clause = changes.iter().find(|change| change.id == "policy#audits").unwrap();
    assert!(clause.new.is_some() && clause.old.is_some());
}

/// Whatever is changed, the runs of each side put together are the whole text of that side.
#[test]
fn both_sides_are_whole() {
    let new = with(&[
        ("documents/policy.md", "情報資産を守る。", "資産を情報として守ること。"),
        ("duties/takeouts/register.toml", "keep = \"5年\"", "keep = \"3年\""),
        ("organisation.toml", "most = 1", "most = 2"),
        ("zones.toml", "kinds = [\"specified\"]", "kinds = [\"specified\", \"screen\"]"),
    ]);
    let changes = diff(&compiled(&base()), &compiled(&new));
    assert_eq!(changes.len(), 4, "{}", shown(&changes));
    let back = diff(&compiled(&new), &compiled(&base()));
    let text = |runs: &Option<Vec<Run>>| runs.iter().flatten().map(|run| run.text.clone()).collect::<String>();
    for (there, back) in changes.iter().zip(&back) {
        assert_eq!(text(&there.new), text(&back.old));
        assert_eq!(text(&there.old), text(&back.new));
    }
}

#[test]
fn the_table_underlines_what_changed() {
    let new = with(&[("documents/policy.md", "監査する。", "監査を<する>。")]);
    let html = diff_html(&diff(&compiled(&base()), &compiled(&new)), "新旧対照表");
    assert!(html.contains("監査<u>を&lt;</u>する<u>&gt;</u>。</td>"), "{html}");
}
