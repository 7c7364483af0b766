//! 操作記録: who did what, when, newest first, for those who keep or audit it.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;
use ledger::Reading;
use ledger::journal::{self, Entry};
use ledger::people::units;
use ledger::permission::{self, Office};

use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::{Page, answer, date, link};
use crate::registers::address;
use crate::visit::Desk;

/// Entries of a page.
const ROWS: i64 = 50;

/// An entry as it is shown.
pub(crate) struct Row {
    pub(crate) seq: i64,
    pub(crate) when: String,
    pub(crate) who: String,
    pub(crate) act: String,
    pub(crate) kind: String,
    pub(crate) to: Option<String>,
    pub(crate) note: Vec<String>,
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
    let lang = desk.lang();
    let mut reading = desk.reading().await?;
    permission::office(&reading, Some(&desk.standing), Office::Journal, "read", "journal", "").map(drop)?;
    let last = journal::last(&mut reading).await?;
    let to = desk.query().get("to").and_then(|to| to.parse::<i64>().ok()).unwrap_or(last).clamp(0, last);
    let first = (to - ROWS).max(0);
    let count = usize::try_from(to - first).unwrap_or(0);
    let mut entries = journal::entries(&mut reading, journal::About::Everything, first, count).await?;
    entries.reverse();
    let rows = rows(&mut reading, &desk, &entries).await?;
    let page = desk.page("organisation", lang.t("操作記録", "Journal"));
    let newer = (to < last).then(|| (to + ROWS).min(last));
    answer(&Journal { page, rows, last, newer, older: (first > 0).then_some(first) })
}

/// Entries in words.
pub(crate) async fn rows(reading: &mut Reading, desk: &Desk, entries: &[Entry]) -> Result<Vec<Row>, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let people = crate::settings::names(reading, entries.iter().map(|entry| entry.actor.as_str())).await?;
    let units: BTreeMap<String, String> =
        units::all(reading).await?.into_iter().map(|unit| (unit.id.to_string(), unit.name)).collect();
    let today = reading.today();
    let rows = entries.iter().map(|entry| {
        let register = pack.register(&entry.kind);
        let transition = entry.note.get("transition").and_then(|t| t.as_str());
        let transition = register.zip(transition).and_then(|(register, id)| register.transition(id));
        Row {
            seq: entry.seq,
            when: date::moment(lang, entry.at, today),
            who: crate::settings::actor_name(lang, &people, &entry.actor),
            act: transition.map_or_else(|| act(lang, &entry.act), |t| lang.of(&t.label).to_owned()),
            kind: match (register, pack.control(&entry.subject)) {
                (Some(register), _) => lang.of(&register.title).to_owned(),
                (None, Some(control)) if entry.kind == "control" => lang.of(&control.title).to_owned(),
                _ => thing(lang, &entry.kind),
            },
            to: match (register, entry.kind.as_str()) {
                (Some(register), _) => entry.subject.parse().ok().map(|id| address(&register.id, id)),
                (None, "control") => Some(format!("/compliance/controls/{}", link::encode(&entry.subject))),
                (None, "person") => Some(format!("/organisation/people/{}", link::encode(&entry.subject))),
                _ => None,
            },
            note: entry
                .note
                .iter()
                .filter_map(|(key, value)| {
                    let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    match register.and_then(|register| register.state(&value)) {
                        Some(state) if key == "from" => Some(came_from(lang, lang.of(&state.label))),
                        _ => note(lang, &units, key, &value),
                    }
                })
                .collect(),
        }
    });
    Ok(rows.collect())
}

/// What the journal calls acts, kinds and notes, in words; what has none stands as it is written.
fn act(lang: Lang, act: &str) -> String {
    let name = match act {
        "create" => lang.t("作成", "create"),
        "edit" | "change" => lang.t("変更", "change"),
        "transition" => lang.t("手続", "transition"),
        "read" => lang.t("閲覧", "read"),
        "attach" => lang.t("添付", "attach"),
        "download" => lang.t("ファイルの取出し", "download"),
        "export" => lang.t("書出し", "export"),
        "backup" => lang.t("バックアップ", "backup"),
        "list" => lang.t("一覧の閲覧", "list"),
        "sign-in" => lang.t("サインイン", "sign in"),
        "sign-in-failed" => lang.t("サインインの失敗", "sign-in failed"),
        "sign-in-locked" => lang.t("サインインの失敗（ロック）", "sign-in failed, locked"),
        "sign-out" => lang.t("サインアウト", "sign out"),
        "agree" => lang.t("承認・合議・決裁", "agree"),
        "refuse" => lang.t("不承認", "refuse"),
        "send_back" => lang.t("差戻し", "send back"),
        "open_route" => lang.t("決裁の開始", "open route"),
        "countersign" => lang.t("後閲", "countersign"),
        "read_circulated" => lang.t("供覧の確認", "read in circulation"),
        "attest" => lang.t("実施報告", "report as done"),
        "plan" => lang.t("着手の予定", "plan"),
        "add" => lang.t("追加", "add"),
        "import" => lang.t("表の取込み", "import"),
        "give" => lang.t("任命", "give"),
        "end" => lang.t("終了", "end"),
        "set" | "set-absence" => lang.t("不在の設定", "set absence"),
        "end-absence" => lang.t("不在の終了", "end absence"),
        "propose" => lang.t("起案", "propose"),
        "decide" => lang.t("決裁", "decide"),
        "adopt" => lang.t("初期登録", "adopt"),
        "take-force" => lang.t("施行", "take force"),
        "follow" => lang.t("改正に伴う更新", "follow"),
        "withdraw" => lang.t("引戻し・取下げ", "withdraw"),
        "invite" => lang.t("設定用リンクの作成", "set-up link"),
        "first-start" => lang.t("初期設定", "first start"),
        "use-invitation" => lang.t("設定用リンクの使用", "use set-up link"),
        "reset" => lang.t("認証手段の初期化", "reset"),
        "close" => lang.t("停止", "close"),
        "open" => lang.t("再開", "open"),
        "revoke" => lang.t("無効化", "revoke"),
        "set-password" => lang.t("パスワードの設定", "set password"),
        "add-device" => lang.t("コードの機器の登録", "add device"),
        "add-passkey" => lang.t("パスキーの登録", "add passkey"),
        "add-list" => lang.t("コード一覧の作成", "add list"),
        "remove-credential" => lang.t("認証手段の削除", "remove credential"),
        other => other,
    };
    name.to_owned()
}

fn thing(lang: Lang, kind: &str) -> String {
    let name = match kind {
        "account" => lang.t("アカウント", "account"),
        "credential" => lang.t("認証手段", "credential"),
        "token" => lang.t("API のトークン", "API token"),
        "person" => lang.t("職員", "person"),
        "post" => lang.t("役割", "post"),
        "unit" => lang.t("所属", "unit"),
        "absence" => lang.t("不在", "absence"),
        "file" => lang.t("ファイル", "file"),
        "pack" => lang.t("規程データ", "policy"),
        "source" => lang.t("データ源", "data source"),
        "control" => lang.t("遵守項目", "control"),
        "finding" => lang.t("要改善事項", "finding"),
        "disposal" => lang.t("廃棄", "disposal"),
        "questionnaire" | "questionnaires" => lang.t("設問票", "questionnaire"),
        "journal" => lang.t("操作記録", "journal"),
        "evidence" => lang.t("証跡", "evidence"),
        "oversight" => lang.t("特例・代決などの一覧", "overrides and deputies"),
        "store" => lang.t("データ全体", "all data"),
        "search" => lang.t("検索", "search"),
        other => other,
    };
    name.to_owned()
}

/// From which state a record came.
fn came_from(lang: Lang, state: &str) -> String {
    match lang {
        Lang::Ja => format!("「{state}」から"),
        Lang::En => format!("from '{state}'"),
    }
}

/// A note in words; ids say nothing to people and are left to the export.
fn note(lang: Lang, units: &BTreeMap<String, String>, key: &str, value: &str) -> Option<String> {
    match (key, value.split_once(':')) {
        ("subject", Some(("unit", id))) => units.get(id).cloned(),
        ("subject", None) if value == "city" => Some(lang.t("全庁", "whole city").to_owned()),
        ("deputy_for", _) => Some(lang.t("代決", "as deputy").to_owned()),
        ("escalated", _) => Some(lang.t("引上げ", "escalated").to_owned()),
        ("entries", _) => Some(match lang {
            Lang::Ja => format!("1〜{value}番"),
            Lang::En => format!("1–{value}"),
        }),
        ("rows" | "count", _) => Some(match lang {
            Lang::Ja => format!("{value}件"),
            Lang::En => format!("{value} records"),
        }),
        ("sha256", _) => Some(format!("SHA-256 {value}")),
        ("version", _) => Some(match lang {
            Lang::Ja => format!("第{value}版"),
            Lang::En => format!("version {value}"),
        }),
        ("reason" | "file_name" | "from", _) => Some(value.to_owned()),
        _ => None,
    }
}
