//! The samples of an audit, and the form for a new one.

use askama::Template;
use ledger::kinds::audit::{Around, Verdict, parse_result};
use ledger::records::Record;
use ledger::{Operation, Reading, permission};
use serde_json::{Value as Json, json};

use super::{Panel, Post, around_it, make, post_to, words};
use crate::kinds::button::{Done, Marked};
use crate::page::date;
use crate::page::fault::Fault;
use crate::page::lang::Lang;
use crate::page::posted::Posted;
use crate::registers::{address, state_tag};
use crate::visit::Desk;

struct Row {
    to: String,
    number: String,
    title: String,
    state: (String, &'static str),
    from: String,
    drawn: usize,
    judged: usize,
    failed: usize,
}

#[derive(Template)]
#[template(path = "kinds/audit/samples.html")]
struct Samples {
    lang: Lang,
    rows: Vec<Row>,
    post: Option<Post>,
    /// Registers to draw from: id, title.
    registers: Vec<(String, String)>,
    /// Items to which a sample can belong: id, title.
    items: Vec<(String, String)>,
    reach: Vec<(String, String, bool)>,
    from: String,
    until: String,
}

/// The panel of an audit.
pub(super) async fn panel(
    reading: &mut Reading,
    desk: &Desk,
    around: &Around<'_>,
    audit: &Record,
) -> Result<Panel, Fault> {
    let (pack, lang) = (desk.pack(), desk.lang());
    let found = around_it(reading, desk, around.samples, "audit", audit).await?;
    let row = |sample: &Record| {
        let register = sample.text("population").and_then(|id| pack.register(id));
        let results: Vec<Verdict> =
            sample.texts("results").into_iter().filter_map(parse_result).map(|(_, verdict, _)| verdict).collect();
        Row {
            to: address(&around.samples.id, sample.id),
            number: sample.number.clone(),
            title: sample.name.clone(),
            state: state_tag(around.samples, &sample.state, lang),
            from: register.map(|register| lang.of(&register.title).to_owned()).unwrap_or_default(),
            drawn: sample.texts("drawn").len(),
            judged: results.len(),
            failed: results.iter().filter(|verdict| **verdict == Verdict::Fails).count(),
        }
    };
    let open = matches!(audit.state.as_str(), "planned" | "running");
    let may = permission::create(reading, Some(&desk.standing), around.samples, audit.unit).await.is_ok();
    let post = (open && may).then(|| post_to(desk, around.audits, audit));
    let items = match post {
        Some(_) => around_it(reading, desk, around.items, "audit", audit).await?,
        None => Vec::new(),
    };
    let mut registers: Vec<(String, String)> =
        pack.registers.iter().map(|r| (r.id.clone(), lang.of(&r.title).to_owned())).collect();
    registers.sort_by(|a, b| a.1.cmp(&b.1));
    Panel::of(&Samples {
        lang,
        rows: found.iter().map(row).collect(),
        registers,
        items: items.iter().filter(|item| item.state != "void").map(|i| (i.id.to_string(), i.name.clone())).collect(),
        reach: words::choices(around.samples, "reach", Some("audited"), lang),
        from: audit.text("period_from").unwrap_or_default().to_owned(),
        until: audit.text("period_to").unwrap_or_default().to_owned(),
        post,
    })
}

/// Makes a sample's record: population and count are named, nothing is drawn yet.
pub(super) async fn add(
    op: &mut Operation,
    desk: &Desk,
    around: &Around<'_>,
    audit: &Record,
    posted: &Posted,
) -> Marked {
    let (pack, lang) = (desk.pack(), desk.lang());
    let Some(register) = pack.register(posted.text("population")) else {
        return Ok(Err(lang.t("母集団の台帳を選んでください。", "Choose the register to draw from.").to_owned()));
    };
    let title = match posted.text("title") {
        "" => match lang {
            Lang::Ja => format!("{}の標本", register.title.ja),
            Lang::En => format!("Sample of {}", lang.of(&register.title)),
        },
        title => title.to_owned(),
    };
    let text = |name: &str| match posted.text(name) {
        "" => Json::Null,
        text => text.into(),
    };
    let size = posted.text("size").parse::<i64>().map_or_else(|_| text("size"), Json::from);
    let day = |name: &str| ledger::records::from_typed(&pack::model::FieldType::Date, posted.text(name));
    let fields = json!({
        "title": title, "audit": audit.id.to_string(), "item": text("item"), "population": register.id, "reach": text("reach"),
        "from_day": day("from_day"), "until_day": day("until_day"), "size": size, "seed": text("seed"),
    });
    let made = make(op, desk, around.samples, audit.unit, fields).await?;
    let says = match lang {
        Lang::Ja => format!("{}を作りました。次に、母集団と種を固定します。", made.number),
        Lang::En => format!("{} is made. Now freeze population and seed.", made.number),
    };
    Ok(Ok(Done { says, to: Some(address(&around.samples.id, made.id)) }))
}

/// A day in words, or nothing.
pub(super) fn day_of(record: &Record, field: &str, lang: Lang) -> String {
    record.day(field).map(|day| date::long(lang, day)).unwrap_or_default()
}
