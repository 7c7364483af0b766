//! 保存期間・廃棄: records whose retention has ended, their disposal proposed by one person and decided by another.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::{IntoResponse, Response};
use ledger::permission::{self, Office};
use ledger::{Id, retention};

use super::{Tab, actor_name, holds, names};
use crate::page::fault::Fault;
use crate::page::flash::Flash;
use crate::page::posted::Posted;
use crate::page::{Page, answer, date};
use crate::registers::address;
use crate::visit::Desk;

struct Due {
    id: String,
    to: String,
    number: String,
    name: String,
    register: String,
    ended: String,
}

struct Proposed {
    id: String,
    reason: String,
    who: String,
    when: String,
    numbers: Vec<String>,
    decides: bool,
}

#[derive(Template)]
#[template(path = "settings/retention.html")]
struct List {
    page: Page,
    tabs: Vec<Tab>,
    due: Vec<Due>,
    open: Vec<Proposed>,
    proposes: bool,
}

/// `GET /settings/retention`
pub(crate) async fn show(desk: Desk) -> Result<Response, Fault> {
    let lang = desk.lang();
    let (page, tabs) = super::page(&desk, "/settings/retention").await?;
    let pack = desk.pack();
    let mut reading = desk.reading().await?;
    let today = reading.today();
    let mut due = Vec::new();
    for register in &pack.registers {
        for record in retention::due(&mut reading, register).await? {
            due.push(Due {
                id: record.id.to_string(),
                to: address(&register.id, record.id),
                number: record.number,
                name: record.name,
                register: lang.of(&register.title).to_owned(),
                ended: record.ended.map(|day| date::long(lang, day)).unwrap_or_default(),
            });
        }
    }
    let all = retention::proposed(&mut reading).await?;
    let people: BTreeMap<String, String> = names(&mut reading, all.iter().map(|d| d.proposed_by.as_str())).await?;
    let approver = holds(&desk.standing, &[Office::Approval]);
    let me = format!("person:{}", desk.person);
    let open = all.into_iter().map(|disposal| Proposed {
        id: disposal.id.to_string(),
        who: actor_name(lang, &people, &disposal.proposed_by),
        when: date::moment(lang, disposal.proposed_at, today),
        decides: approver && disposal.proposed_by != me,
        reason: disposal.reason,
        numbers: disposal.numbers,
    });
    let open = open.collect();
    answer(&List { page, tabs, due, open, proposes: holds(&desk.standing, &[Office::Retention]) })
}

/// `POST /settings/retention`: `propose`, `approve` or `refuse`.
pub(crate) async fn act(desk: Desk, posted: Posted) -> Result<Response, Fault> {
    let (lang, pack) = (desk.lang(), desk.pack());
    let mut op = desk.operation().await?;
    let says = match posted.text("act") {
        "propose" => {
            let permit = permission::office(&op, Some(&desk.standing), Office::Retention, "propose", "disposal", "")?;
            let ids: Result<Vec<Id>, _> = posted.all("record").map(str::parse).collect();
            let ids = ids.map_err(|_| Fault::NotFound)?;
            let proposed = retention::propose(&mut op, permit, &pack, &ids, posted.text("reason")).await;
            if let Err(error) = proposed {
                let says = error.fields().first().map_or_else(|| error.message().clone(), |f| f.message.clone());
                return Ok(Flash::failed(lang.of(&says)).at("/settings/retention"));
            }
            lang.t("廃棄を起案しました。別の人が決裁します。", "The disposal is proposed. Another person decides.")
        }
        act @ ("approve" | "refuse") => {
            let id: Id = posted.text("id").parse().map_err(|_| Fault::NotFound)?;
            let permit = permission::office(&op, Some(&desk.standing), Office::Approval, act, "disposal", id)?;
            retention::decide(&mut op, permit, &pack, id, act == "approve").await?;
            match act {
                "approve" => lang.t(
                    "決裁しました。内容は廃棄され、番号と決裁の記録だけが残ります。",
                    "Approved. The content is destroyed; number and decision stay.",
                ),
                _ => lang.t("不承認としました。", "Refused."),
            }
        }
        _ => return Err(Fault::NotFound),
    };
    op.commit().await?;
    Ok(Flash::done(says).at("/settings/retention").into_response())
}
