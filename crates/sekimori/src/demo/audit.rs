//! The October audit of 関守市（架空）: planned, carried out by somebody who answers for nothing that is audited, with items and a
//! sample, reported; its findings and what became of each, also in other sections.

use ledger::kinds::audit::{Verdict, as_result};
use ledger::records::{self, Record};
use ledger::{Actor, Error, Id, Result};
use serde_json::{Value as Json, json};

use super::city::City;

/// How far a finding has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Raised,
    Ordered,
    Fixed,
    Closed,
}

/// A finding: section, grade, title, clause, control, content, days until it is due, how far it has come.
struct Weakness {
    unit: &'static str,
    grade: &'static str,
    title: &'static str,
    clause: &'static str,
    control: Option<&'static str>,
    content: &'static str,
    due: i64,
    stage: Stage,
}

const WEAKNESSES: &[Weakness] = &[
    Weakness {
        unit: "0303",
        grade: "minor",
        title: "書庫の鍵の管理者が決まっていない",
        clause: "standard#printed-documents",
        control: None,
        content: "鍵が机の上に置かれ、誰が持ち出したかの記録がなかった。標本二十件のうち三件。",
        due: 20,
        stage: Stage::Closed,
    },
    Weakness {
        unit: "0301",
        grade: "minor",
        title: "離席のときの画面のロック",
        clause: "standard#clear-desk",
        control: Some("terminals-lock-the-screen"),
        content: "窓口の端末二台で、十分を過ぎてもロックされなかった。標本十二台のうち二台。",
        due: 30,
        stage: Stage::Fixed,
    },
    Weakness {
        unit: "0105",
        grade: "major",
        title: "再委託先の把握",
        clause: "standard#contracting-during",
        control: Some("subcontracts-approved"),
        content: "承認を受けていない再々委託が一件あった。契約書には承認の条項がある。",
        due: 25,
        stage: Stage::Ordered,
    },
    Weakness {
        unit: "1104",
        grade: "observation",
        title: "寄贈図書の受付簿の保管場所",
        clause: "standard#classification",
        control: None,
        content: "氏名のある受付簿が、鍵のない棚にあった。",
        due: 60,
        stage: Stage::Raised,
    },
];

/// Sections that are audited beside 市民課.
const BESIDE: [&str; 4] = ["0303", "0304", "0105", "1104"];

/// An item: section, clause, control, 整備状況, its notes, 運用状況, its notes, evidence.
type Item =
    (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const ITEMS: &[Item] = &[
    (
        "0301",
        "standard#clear-desk",
        "terminals-lock-the-screen",
        "adequate",
        "窓口の手順書に、離席のときの操作がある。",
        "partial",
        "窓口の端末十二台のうち二台で、十分を過ぎてもロックされなかった。",
        "現地の確認（窓口、十月の二日間）",
    ),
    (
        "0301",
        "standard#leaving",
        "leavers-hold-no-ids",
        "adequate",
        "",
        "effective",
        "四月の異動者の記録を照合した。",
        "異動者の一覧、ＩＤの台帳",
    ),
    (
        "0303",
        "standard#printed-documents",
        "",
        "partial",
        "書庫の鍵を誰が持ち出すかの決まりがない。",
        "partial",
        "標本二十件のうち三件で、置き場所が台帳と違った。",
        "書庫の見取図、鍵の持出し簿（なし）",
    ),
    (
        "0105",
        "standard#contracting-during",
        "subcontracts-approved",
        "adequate",
        "契約書に承認の条項がある。",
        "lacking",
        "承認を受けていない再々委託が一件あった。",
        "契約書、作業体制の届出",
    ),
    (
        "0105",
        "standard#user-ids",
        "directory-holds-only-employees",
        "adequate",
        "",
        "partial",
        "退職した者のＩＤが止められていない。",
        "人事の名簿とディレクトリの照合",
    ),
    (
        "0304",
        "standard#ownership",
        "assets-have-a-manager",
        "adequate",
        "",
        "effective",
        "標本のとおり、管理者が定まっていた。",
        "標本の照合",
    ),
    (
        "1104",
        "standard#classification",
        "",
        "partial",
        "寄贈図書の受付簿の分類が決まっていない。",
        "not_applicable",
        "",
        "受付簿の現物",
    ),
];

/// The audit and its findings.
pub(crate) async fn audit(city: &mut City) -> Result<()> {
    let auditor = city.people.iter().find(|(person, _)| person.login == "auditor").map(|(_, id)| *id);
    let (Some(chief), Some(auditor)) = (city.person("1301", 0), auditor) else { return Ok(()) };
    let plans = super::audit_plan::plans(city, chief).await?;
    earlier(city, chief, auditor).await?;
    let units: Vec<String> = BESIDE.iter().filter_map(|code| city.units.get(code)).map(ToString::to_string).collect();
    let systems: Vec<String> =
        super::audit_plan::systems(city).await?.into_iter().take(1).map(|(_, id, _)| id).collect();
    let plan = json!({
        "plan": plans.to_string(), "theme": "外部委託と窓口の情報の取扱い", "kind": "external", "audited_units": units, "systems": systems,
        "topics": [super::audit_plan::OUTSOURCING], "auditors": [auditor.to_string()],
        "skills": "情報セキュリティ監査の実務十年（架空）", "starts_on": city.ago(52).to_string(), "ends_on": city.ago(38).to_string(),
        "period_from": city.fiscal_start(1).to_string(), "period_to": city.ago(60).to_string(),
        "scope": "標準化業務システムの委託、窓口の課など五つの所属。書類の確認、聞き取り、標本の照合",
    });
    let record = entered(city, chief, 95, "0301", plan).await?;
    let record = city.act(chief, 52, &record, "start", Json::Null).await?;
    let items = items(city, auditor, &record).await?;
    sample(city, auditor, &record, items.last()).await?;
    let mut raised = Vec::new();
    for weakness in WEAKNESSES {
        let unit = city.units.get(weakness.unit).copied();
        let item =
            items.iter().find(|item| item.text("clause") == Some(weakness.clause)).map(|item| item.id.to_string());
        let fields = json!({
            "title": weakness.title, "audit": record.id.to_string(), "item": item, "grade": weakness.grade, "clause": weakness.clause,
            "control": weakness.control, "content": weakness.content,
        });
        let (mut op, standing) = city.by(auditor, city.at(40, 400)).await?;
        let finding = city.create_in(&mut op, &standing, unit, "audit-findings", without_nulls(fields)).await?;
        op.commit().await?;
        // What was seen last is in the report as an observation, and waits for the order.
        let days_ago = if weakness.stage == Stage::Raised { 9 } else { 22 };
        raised.push((weakness, city.act(chief, days_ago, &finding, "raise", Json::Null).await?));
    }
    let (mut op, standing) = city.by(chief, city.at(20, 0)).await?;
    let papers = city.paper(&mut op, &standing, "監査調書.txt", "母集団、標本、確かめた結果").await?;
    let report = json!({
        "opinion": "おおむね整っている。委託先の先までの把握と、窓口の離席のときの扱いに改めるべき点がある。",
        "reported_on": city.ago(20).to_string(), "papers": papers,
    });
    city.step(&mut op, &standing, &record, "report", report, None).await?;
    op.commit().await?;
    for (weakness, finding) in raised {
        if weakness.stage == Stage::Closed {
            elsewhere(city, chief, &finding).await?;
        }
        answer(city, weakness, finding.id, chief).await?;
    }
    Ok(())
}

fn without_nulls(fields: Json) -> Json {
    match fields {
        Json::Object(fields) => Json::Object(fields.into_iter().filter(|(_, value)| !value.is_null()).collect()),
        other => other,
    }
}

/// Enters an audit of a section, and lets the committee and the CISO decide on it.
async fn entered(city: &mut City, chief: Id, days_ago: i64, unit: &str, fields: Json) -> Result<Record> {
    let unit = city.units.get(unit).copied();
    let (mut op, standing) = city.by(chief, city.at(days_ago, 0)).await?;
    let record = city.create_in(&mut op, &standing, unit, "audits", fields).await?;
    let record = city.step(&mut op, &standing, &record, "submit", Json::Null, None).await?;
    op.commit().await?;
    city.decide(&record, days_ago).await?;
    Ok(record)
}

/// What was audited a year before: three sections, without findings.
async fn earlier(city: &mut City, chief: Id, auditor: Id) -> Result<()> {
    let units: Vec<String> =
        ["0103", "0901"].iter().filter_map(|code| city.units.get(code)).map(ToString::to_string).collect();
    let plan = json!({
        "theme": "会計と財政の事務", "kind": "internal", "audited_units": units, "auditors": [auditor.to_string()],
        "skills": "情報セキュリティ監査の実務十年（架空）", "starts_on": city.ago(410).to_string(), "ends_on": city.ago(400).to_string(),
        "period_from": city.ago(700).to_string(), "period_to": city.ago(440).to_string(), "scope": "書類の確認、聞き取り",
    });
    let record = entered(city, chief, 440, "0102", plan).await?;
    let record = city.act(chief, 410, &record, "start", Json::Null).await?;
    let (mut op, standing) = city.by(chief, city.at(385, 0)).await?;
    let papers = city.paper(&mut op, &standing, "監査調書.txt", "書類の確認、聞き取りの結果").await?;
    let report = json!({ "opinion": "整っている。", "reported_on": city.ago(385).to_string(), "papers": papers });
    city.step(&mut op, &standing, &record, "report", report, None).await?;
    op.commit().await.map(|_| ())
}

/// The items, each judged for its design and for its operation.
async fn items(city: &mut City, auditor: Id, audit: &Record) -> Result<Vec<Record>> {
    let (mut op, standing) = city.by(auditor, city.at(51, 0)).await?;
    let mut open = Vec::new();
    for item @ (unit, clause, control, ..) in ITEMS {
        let heading = city.pack.documents.iter().flat_map(|document| &document.clauses);
        let heading =
            heading.clone().find(|known| known.id.to_string() == *clause).map(|clause| clause.heading.clone());
        let title = city.pack.control(control).map(|control| control.title.ja.clone()).or(heading);
        let title = title.ok_or_else(|| Error::broken(format!("the demo audits {clause}, which is none")))?;
        let fields = json!({
            "title": title, "audit": audit.id.to_string(), "clause": clause,
            "control": (!control.is_empty()).then_some(*control),
        });
        let unit = city.units.get(unit).copied();
        open.push((item, city.create_in(&mut op, &standing, unit, "audit-items", without_nulls(fields)).await?));
    }
    op.commit().await?;
    let (mut op, standing) = city.by(auditor, city.at(40, 0)).await?;
    let mut judged = Vec::new();
    for ((.., design, design_note, operation, operation_note, evidence), record) in open {
        let or_none = |text: &'static str| (!text.is_empty()).then_some(text);
        let notes = json!({ "design_note": or_none(design_note), "operation_note": or_none(operation_note) });
        city.edit(&mut op, &standing, &record, without_nulls(notes)).await?;
        let fields = json!({
            "design": design, "operation": operation, "evidence": evidence, "judged_on": city.ago(40).to_string(),
        });
        judged.push(city.step(&mut op, &standing, &record, "judge", fields, None).await?);
    }
    op.commit().await?;
    Ok(judged)
}

/// A sample of the sections' information assets: frozen with the number of a draw, drawn the day after, each record looked at.
async fn sample(city: &mut City, auditor: Id, audit: &Record, item: Option<&Record>) -> Result<()> {
    let fields = json!({
        "title": "情報資産の置き場所と管理者", "audit": audit.id.to_string(), "item": item.map(|item| item.id.to_string()),
        "population": "assets", "reach": "audited", "from_day": city.ago(450).to_string(), "until_day": city.ago(60).to_string(), "size": 8,
        "seed": "第１９５１回　数字選択くじ　０７１２３１（架空）",
    });
    let unit = city.units.get("0301").copied();
    let (mut op, standing) = city.by(auditor, city.at(50, 0)).await?;
    let sample = city.create_in(&mut op, &standing, unit, "audit-samples", without_nulls(fields)).await?;
    op.commit().await?;
    let sample = city.act(auditor, 50, &sample, "freeze", Json::Null).await?;
    let sample = city.act(auditor, 49, &sample, "draw", Json::Null).await?;
    let drawn = sample.texts("drawn");
    let result = |(at, number): (usize, &&str)| {
        let (verdict, says) = match at {
            2 => (Verdict::Fails, "台帳にある書庫になく、別の棚にあった"),
            _ => (Verdict::Fits, "現物と管理者を確かめた"),
        };
        as_result(number, verdict, says)
    };
    let results: Vec<String> = drawn.iter().enumerate().map(result).collect();
    let sample = city.act(auditor, 42, &sample, "note", json!({ "results": results })).await?;
    city.act(auditor, 41, &sample, "finish", Json::Null).await.map(|_| ())
}

/// Two other sections are asked whether they have the same weakness; one has answered.
async fn elsewhere(city: &mut City, chief: Id, finding: &Record) -> Result<()> {
    let mut reading = city.ledger.reading(Actor::Machine("demo"), city.at(0, 0)).await?;
    let finding = records::stored(&mut reading, finding.id).await?;
    reading.end().await?;
    let Some(finding) = finding else { return Ok(()) };
    for (unit, answered) in [("0302", true), ("0401", false)] {
        let fields = json!({
            "title": finding.name, "audit": finding.text("audit"), "grade": finding.text("grade"), "clause": finding.text("clause"),
            "content": format!("{}「{}」と同じ弱点がないか確かめてください。", finding.number, finding.name),
            "origin": finding.id.to_string(),
        });
        let (mut op, standing) = city.by(chief, city.at(16, 0)).await?;
        let asked = city.create_in(&mut op, &standing, city.units.get(unit).copied(), "audit-findings", fields).await?;
        let due = json!({ "due_on": city.ago(-14).to_string() });
        let asked = city.step(&mut op, &standing, &asked, "ask_check", due, None).await?;
        op.commit().await?;
        if let (true, Some(head)) = (answered, city.person(unit, 0)) {
            let result = json!({ "check_result": "鍵の持出し簿があり、毎日記入している" });
            city.act(head, 7, &asked, "none_found", result).await?;
        }
    }
    Ok(())
}

/// The order of 統括, what the section did, and the confirmation.
async fn answer(city: &mut City, weakness: &Weakness, finding: Id, chief: Id) -> Result<()> {
    let (Some(officer), Some(head)) = (city.person("010", 0), city.person(weakness.unit, 0)) else { return Ok(()) };
    if weakness.stage == Stage::Raised {
        return Ok(());
    }
    let mut reading = city.ledger.reading(ledger::Actor::Machine("demo"), city.at(0, 0)).await?;
    let record = ledger::records::stored(&mut reading, finding).await?;
    reading.end().await?;
    let Some(record) = record else { return Ok(()) };
    let order = json!({
        "order": "原因を確かめ、期限までに改め、同じことがほかにないかを見ること", "ordered_on": city.ago(18).to_string(),
        "due_on": city.ago(-weakness.due).to_string(),
    });
    let record = city.act(officer, 18, &record, "order", order).await?;
    if weakness.stage == Stage::Ordered {
        return Ok(());
    }
    let fix = json!({"plan": "担当を決め、毎週の終わりに確かめる", "fixed_on": city.ago(8).to_string()});
    let record = city.act(head, 8, &record, "fix", fix).await?;
    if weakness.stage == Stage::Fixed {
        return Ok(());
    }
    let confirmed = json!({"confirmed_on": city.ago(4).to_string(), "others": "asked"});
    city.act(chief, 4, &record, "close", confirmed).await.map(|_| ())
}
