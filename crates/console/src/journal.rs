//! 操作記録: who did what, when, newest first, for those who keep or audit it.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;
use ledger::people::persons;
use ledger::permission::{self, Office};
use ledger::{Id, journal};

use crate::organisation::shown_name;
use crate::page::fault::Fault;
use crate::page::{Page, answer, date};
use crate::registers::address;
use crate::visit::Desk;

/// Entries of a page.
const ROWS: i64 = 50;

/// An entry.
struct Row {
    seq: i64,
    when: String,
    who: String,
    act: String,
    kind: String,
    to: Option<String>,
    note: String,
}

#[derive(Template)]
#[template(path = "journal.html")]
struct Journal {
    page: Page,
    rows: Vec<Row>,
    last: i64,
    newer: Option<i64>,
    older: Option<i64>,
}

/// `GET /journal?to=`
pub(crate) async fn show(desk: Desk) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let mut reading = desk.reading().await?;
    permission::office(&reading, Some(&desk.standing), Office::Journal, "read", "journal", "").map(drop)?;
    let last = journal::last(&mut reading).await?;
    let to = desk.query().get("to").and_then(|to| to.parse::<i64>().ok()).unwrap_or(last).clamp(0, last);
    let first = (to - ROWS).max(0);
    let count = usize::try_from(to - first).unwrap_or(0);
    let mut entries = journal::entries(&mut reading, journal::About::Everything, first, count).await?;
    entries.reverse();
    let ids: Vec<Id> = entries.iter().filter_map(|entry| entry.actor.strip_prefix("person:")?.parse().ok()).collect();
    let people: BTreeMap<String, String> = match ids.as_slice() {
        [] => BTreeMap::new(),
        ids => persons::of_ids(&mut reading, ids)
            .await?
            .iter()
            .map(|p| (format!("person:{}", p.id), shown_name(p)))
            .collect(),
    };
    let today = reading.today();
    let rows = entries.into_iter().map(|entry| {
        let register = pack.register(&entry.kind);
        let transition = entry.note.get("transition").and_then(|t| t.as_str());
        let transition = register.zip(transition).and_then(|(register, id)| register.transition(id));
        Row {
            seq: entry.seq,
            when: date::moment(lang, entry.at, today),
            who: people.get(&entry.actor).cloned().unwrap_or(entry.actor),
            act: transition.map_or_else(|| act(lang, &entry.act), |t| lang.of(&t.label).to_owned()),
            kind: register.map_or_else(|| kind(lang, &entry.kind), |register| lang.of(&register.title).to_owned()),
            to: register.and_then(|register| Some(address(&register.id, entry.subject.parse().ok()?))),
            note: entry
                .note
                .iter()
                .map(|(key, value)| {
                    format!("{key}={}", value.as_str().map_or_else(|| value.to_string(), str::to_owned))
                })
                .collect::<Vec<_>>()
                .join(" "),
        }
    });
    let rows = rows.collect();
    let page = desk.page("organisation", lang.t("操作記録", "Journal")).await?;
    let newer = (to < last).then(|| (to + ROWS).min(last));
    answer(&Journal { page, rows, last, newer, older: (first > 0).then_some(first) })
}

fn act(lang: crate::page::lang::Lang, act: &str) -> String {
    let name = match act {
        "create" => lang.t("作成", "create"),
        "edit" => lang.t("変更", "edit"),
        "transition" => lang.t("手続", "transition"),
        "read" => lang.t("閲覧", "read"),
        "attach" => lang.t("添付", "attach"),
        "download" => lang.t("ファイルの取出し", "download"),
        "export" => lang.t("一覧の書出し", "export"),
        "import" => lang.t("表の取込み", "import"),
        "agree" => lang.t("承認・決裁", "agree"),
        "refuse" => lang.t("不承認", "refuse"),
        "send_back" => lang.t("差戻し", "send back"),
        "withdraw" => lang.t("引戻し・取下げ", "withdraw"),
        "countersign" => lang.t("後閲", "countersign"),
        "sign-in" => lang.t("サインイン", "sign in"),
        "sign-in-failed" => lang.t("サインインの失敗", "sign-in failed"),
        "sign-in-locked" => lang.t("サインインの失敗（ロック）", "sign-in failed, locked"),
        "sign-out" => lang.t("サインアウト", "sign out"),
        "set-password" => lang.t("パスワードの設定", "set password"),
        "add-device" => lang.t("機器の登録", "add device"),
        "add-list" => lang.t("コード一覧の作成", "add list"),
        "remove-credential" => lang.t("認証手段の削除", "remove credential"),
        other => other,
    };
    name.to_owned()
}

fn kind(lang: crate::page::lang::Lang, kind: &str) -> String {
    let name = match kind {
        "account" => lang.t("アカウント", "account"),
        "person" => lang.t("職員", "person"),
        "post" => lang.t("役割", "post"),
        "unit" => lang.t("所属", "unit"),
        "absence" => lang.t("不在", "absence"),
        "file" => lang.t("ファイル", "file"),
        "control" => lang.t("遵守項目", "control"),
        "pack" => lang.t("規程データ", "policy"),
        "source" => lang.t("データ源", "data source"),
        "journal" => lang.t("操作記録", "journal"),
        "disposal" => lang.t("廃棄", "disposal"),
        other => other,
    };
    name.to_owned()
}
