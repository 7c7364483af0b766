//! Confirming what the facts suggest, marking who was told, adding to the timeline: each an ordinary edit of the record.

use axum::extract::Path;
use axum::response::Response;
use ledger::kinds::incident::{Level, TOLD_FIELDS};
use ledger::records::{self, Record};
use ledger::{Day, Operation};
use pack::model::{Register, RegisterKind};
use serde_json::{Map, Value as Json};

use super::words;
use crate::kinds::button::{Done, Marked, answer, change};
use crate::kinds::register_of;
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::posted::Posted;
use crate::registers::address;
use crate::visit::Desk;

/// `POST /registers/{register}/{id}/incident`
pub(super) async fn mark(
    desk: Desk,
    Path((register_id, record_id)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Fault> {
    let pack = desk.pack();
    let register = register_of(&pack, &register_id, RegisterKind::Incident)?;
    let id = record_id.parse().map_err(|_| Fault::NotFound)?;
    let mut op = desk.operation().await?;
    let record = records::get(&mut op, Some(&desk.standing), register, id).await?;
    let marked = write(&mut op, &desk, register, &record, &posted).await;
    answer(op, marked, &[register], &address(&register.id, id), desk.lang()).await
}

async fn write(op: &mut Operation, desk: &Desk, register: &Register, record: &Record, posted: &Posted) -> Marked {
    let fields = match asked(desk, register, record, posted) {
        Ok(fields) => fields,
        Err(says) => return Ok(Err(says)),
    };
    let change = change(posted, fields);
    let record = records::edit(op, &desk.pack(), Some(&desk.standing), register, record.id, change).await?;
    Ok(Ok(Done::written(&record, desk.lang())))
}

/// The fields that the form asks to set, or what is wrong with it.
fn asked(desk: &Desk, register: &Register, record: &Record, posted: &Posted) -> Result<Map<String, Json>, String> {
    let lang = desk.lang();
    let day = match posted.text("day") {
        "" => desk.today(),
        text => text.parse::<Day>().map_err(|_| {
            lang.t("日付を「2026-04-01」の形で入力してください。", "Give a date such as 2026-04-01.").to_owned()
        })?,
    };
    let when = match posted.text("time") {
        "" => day.to_string(),
        time if is_time(time) => format!("{day} {time}"),
        _ => return Err(lang.t("時刻を「14:05」の形で入力してください。", "Give a time such as 14:05.").to_owned()),
    };
    let says = posted.text("says");
    let mut fields = Map::new();
    match posted.text("what") {
        "severity" => {
            let level = Level::from_id(posted.text("level"))
                .ok_or_else(|| lang.t("重さを選んでください。", "Choose a level.").to_owned())?;
            fields.insert("severity".to_owned(), level.id().into());
            add_line(&mut fields, record, &when, &format!("重さを{}とした", words::level(register, level, Lang::Ja)));
        }
        "reportable" => {
            fields.insert("reportable".to_owned(), "yes".into());
            fields.insert("known_on".to_owned(), day.to_string().into());
            add_line(&mut fields, record, &desk.today().to_string(), "個人情報保護委員会への報告が必要と判断した");
        }
        "not_reportable" if says.is_empty() => {
            return Err(lang.t("報告が要らない理由を書いてください。", "Say why no report is needed.").to_owned());
        }
        "not_reportable" => {
            fields.insert("reportable".to_owned(), "no".into());
            let line = format!("個人情報保護委員会への報告は不要と判断した（{says}）");
            add_line(&mut fields, record, &desk.today().to_string(), &line);
        }
        "told" => {
            let field = TOLD_FIELDS.into_iter().find(|field| *field == posted.text("field"));
            let field =
                field.ok_or_else(|| lang.t("知らせた相手を選んでください。", "Choose who was told.").to_owned())?;
            fields.insert(field.to_owned(), day.to_string().into());
            let receipt = posted.text("receipt");
            let number = match field {
                "preliminary_on" => Some("preliminary_number"),
                "final_on" => Some("final_number"),
                _ => None,
            };
            if let (Some(number), false) = (number, receipt.is_empty()) {
                fields.insert(number.to_owned(), receipt.into());
            }
            let label = words::item(register, field, Lang::Ja);
            let line = if says.is_empty() { label.to_owned() } else { format!("{label}（{says}）") };
            add_line(&mut fields, record, &when, &line);
        }
        "timeline" if says.is_empty() => {
            return Err(lang
                .t("したこと、起きたことを書いてください。", "Write what happened or was done.")
                .to_owned());
        }
        "timeline" => add_line(&mut fields, record, &when, says),
        _ => {
            return Err(lang
                .t("何をするかが分かりません。画面を開き直してください。", "Open the page again.")
                .to_owned());
        }
    }
    Ok(fields)
}

/// Adds a line to the timeline, once.
fn add_line(fields: &mut Map<String, Json>, record: &Record, when: &str, says: &str) {
    let one_line: String = says.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = format!("{when}　{one_line}");
    let mut lines: Vec<String> = record.texts("timeline").into_iter().map(str::to_owned).collect();
    if !lines.contains(&line) {
        lines.push(line);
    }
    fields.insert("timeline".to_owned(), lines.into());
}

/// `14:05`
fn is_time(text: &str) -> bool {
    let Some((hour, minute)) = text.split_once(':') else { return false };
    let number = |text: &str, below: u32| text.len() == 2 && text.parse::<u32>().is_ok_and(|n| n < below);
    number(hour, 24) && number(minute, 60)
}
