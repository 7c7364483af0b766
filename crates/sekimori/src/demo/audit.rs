//! The October audit of 関守市（架空）: planned, carried out by somebody who answers for nothing that is audited, reported; its
//! findings and what became of each.

use ledger::{Id, Result};
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

/// A finding: section, grade, title, clause, content, days until it is due, how far it has come.
struct Weakness {
    unit: &'static str,
    grade: &'static str,
    title: &'static str,
    clause: &'static str,
    content: &'static str,
    due: i64,
    stage: Stage,
}

const WEAKNESSES: &[Weakness] = &[
    Weakness {
        unit: "0303",
        grade: "minor",
        title: "書庫の鍵の管理者が決まっていない",
        clause: "対策基準　紙文書の保管",
        content: "鍵が机の上に置かれ、誰が持ち出したかの記録がなかった。標本二十件のうち三件。",
        due: 20,
        stage: Stage::Closed,
    },
    Weakness {
        unit: "0301",
        grade: "minor",
        title: "離席のときの画面のロック",
        clause: "対策基準　クリアデスク・クリアスクリーン",
        content: "窓口の端末二台で、十分を過ぎてもロックされなかった。標本十二台のうち二台。",
        due: 30,
        stage: Stage::Fixed,
    },
    Weakness {
        unit: "0105",
        grade: "major",
        title: "再委託先の把握",
        clause: "対策基準　契約の間の確認",
        content: "承認を受けていない再々委託が一件あった。契約書には承認の条項がある。",
        due: 25,
        stage: Stage::Ordered,
    },
    Weakness {
        unit: "1104",
        grade: "observation",
        title: "寄贈図書の受付簿の保管場所",
        clause: "対策基準　情報資産の分類",
        content: "氏名のある受付簿が、鍵のない棚にあった。",
        due: 60,
        stage: Stage::Raised,
    },
];

/// The audit and its findings.
pub(crate) async fn audit(city: &mut City) -> Result<()> {
    let auditor = city.people.iter().find(|(person, _)| person.login == "auditor").map(|(_, id)| *id);
    let (Some(chief), Some(auditor)) = (city.person("1301", 0), auditor) else { return Ok(()) };
    let plan = json!({
        "theme": "外部委託と窓口の情報の取扱い", "kind": "external", "auditors": [auditor.to_string()],
        "skills": "情報セキュリティ監査の実務十年（架空）", "starts_on": city.ago(52).to_string(), "ends_on": city.ago(38).to_string(),
        "scope": "標準化業務システムの委託、窓口五課。書類の確認、聞き取り、標本の照合", "seed": 20_261_015,
    });
    let record = city.apply(chief, 95, "audits", plan).await?;
    let record = city.act(chief, 52, &record, "start", Json::Null).await?;
    let mut raised = Vec::new();
    for weakness in WEAKNESSES {
        let unit = city.units.get(weakness.unit).copied();
        let fields = json!({
            "title": weakness.title, "audit": record.id.to_string(), "grade": weakness.grade, "clause": weakness.clause,
            "content": weakness.content,
        });
        let (mut op, standing) = city.by(auditor, city.at(40, 0)).await?;
        let finding = city.create_in(&mut op, &standing, unit, "audit-findings", fields).await?;
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
        answer(city, weakness, finding.id, chief).await?;
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
