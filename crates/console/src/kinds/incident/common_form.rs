//! The common form of the state for DDoS and ransomware incidents, filled from the record, to be printed or copied out.
//!
//! The forms are in use since 2025-10-01. Their items are in our own order and words here; the body that takes the report has
//! the latest form, and what is written here goes into it item by item.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use ledger::kinds::incident::judge;
use ledger::records;
use pack::model::{Field, RegisterKind};

use super::{has_common_form, words};
use crate::kinds::register_of;
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::{Page, answer, date};
use crate::registers::value::{Names, show as shown_value};
use crate::registers::{address, names};
use crate::visit::Desk;

/// A part of the form: heading, and its items with what is known.
struct Part {
    title: &'static str,
    items: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "kinds/incident/common_form.html")]
struct Sheet {
    page: Page,
    back: String,
    form: &'static str,
    number: String,
    day: String,
    parts: Vec<Part>,
}

/// Items of the parts, by field.
const WHEN: &[&str] = &["title", "kind", "found_on", "attack_from", "attack_until", "summary"];
const HARM: &[&str] = &["system", "zones", "outage", "personal", "persons", "wrongful", "confidentiality"];
const DDOS: &[&str] = &["attack_way", "traffic", "indicators"];
const RANSOMWARE: &[&str] = &["ransom_type", "ransom_note", "extension", "attack_way", "indicators"];
const RESPONSE: &[&str] =
    &["containment", "contained_on", "lgwan_cut", "recovered_on", "cause", "prevention", "published_on"];

/// `GET /registers/{register}/{id}/common-form`
pub(super) async fn show(
    desk: Desk,
    Path((register_id, record_id)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let register = register_of(&pack, &register_id, RegisterKind::Incident)?;
    let id = record_id.parse().map_err(|_| Fault::NotFound)?;
    let mut reading = desk.reading().await?;
    let record = records::get(&mut reading, Some(&desk.standing), register, id).await?;
    if !has_common_form(&record) {
        return Err(Fault::NotFound);
    }
    desk.note_read(&mut reading, &[(register, &record)]).await?;
    let names = names(&mut reading, &pack, &desk.standing, register, std::slice::from_ref(&record)).await?;
    let ddos = record.text("kind") == Some("ddos");
    let items = |fields: &[&str]| -> Vec<(String, String)> {
        fields.iter().filter_map(|id| Some(item(&pack, register.field(id)?, &record, &names, lang))).collect()
    };
    let judged = judge(&pack, &record);
    let told = judged.notices.iter().map(|notice| {
        let label = words::item(register, notice.field, lang).to_owned();
        (label, notice.told.map(|day| date::long(lang, day)).unwrap_or_default())
    });
    let told = told.collect();
    let page = desk.page("", lang.t("サイバー攻撃の報告", "Report of a cyber attack"));
    let who = vec![
        (lang.t("団体", "Body").to_owned(), page.city.clone()),
        (lang.t("団体コード", "Code").to_owned(), pack.municipality.code.clone().unwrap_or_default()),
        (lang.t("所属", "Unit").to_owned(), names.units.get(&record.unit).cloned().unwrap_or_default()),
        (lang.t("担当者", "Officer").to_owned(), desk.place().to_owned()),
        (lang.t("連絡先", "Telephone").to_owned(), page.contact.clone().unwrap_or_default()),
        (lang.t("報告の別（初回・続報・最終）", "First, further or last report").to_owned(), String::new()),
    ];
    let attack = if ddos { DDOS } else { RANSOMWARE };
    let parts = vec![
        Part { title: lang.t("報告する団体", "Who reports"), items: who },
        Part { title: lang.t("起きたこと", "What happened"), items: items(WHEN) },
        Part { title: lang.t("影響", "What is concerned"), items: items(HARM) },
        Part { title: lang.t("攻撃の内容", "The attack"), items: items(attack) },
        Part { title: lang.t("対応", "Response"), items: items(RESPONSE) },
        Part { title: lang.t("知らせた相手", "Who was told"), items: told },
    ];
    answer(&Sheet {
        back: address(&register.id, record.id),
        form: if ddos {
            lang.t("ＤＤｏＳ攻撃事案　共通様式の記載事項", "Items of the common form: DDoS attack")
        } else {
            lang.t("ランサムウェア事案　共通様式の記載事項", "Items of the common form: ransomware")
        },
        number: record.number.clone(),
        day: date::long(lang, desk.today()),
        page,
        parts,
    })
}

fn item(pack: &pack::Pack, field: &Field, record: &records::Record, names: &Names, lang: Lang) -> (String, String) {
    let values = shown_value(pack, field, record.fields.get(&field.id), names, lang);
    let text: Vec<String> = values.into_iter().map(|value| value.text).collect();
    (lang.of(&field.label).to_owned(), text.join("、"))
}
