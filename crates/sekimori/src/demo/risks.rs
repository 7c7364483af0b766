//! リスク評価 of 関守市（架空）: what may happen to systems and assets, how large it is, and what is done; one large risk that the CISO
//! accepted for a while, and one that says which clause should change.

use ledger::records;
use ledger::{Actor, Id, Result};
use serde_json::json;

use super::city::City;

/// A risk: who writes it (section), title, system, threat, losses (機密性, 完全性, 可用性), likelihood, weakness, treatment, plan,
/// days until it is due.
struct Risk {
    unit: &'static str,
    title: &'static str,
    system: Option<&'static str>,
    threat: &'static str,
    losses: [i64; 3],
    likelihood: i64,
    weakness: i64,
    treatment: &'static str,
    plan: &'static str,
    due: Option<i64>,
}

const RISKS: &[Risk] = &[
    Risk {
        unit: "0105",
        title: "保守の終わった旧道路台帳のサーバーが侵入の足場になる",
        system: Some("旧道路台帳システム"),
        threat: "access",
        losses: [2, 2, 3],
        likelihood: 2,
        weakness: 3,
        treatment: "accept",
        plan: "新しい道路台帳に移る年度末まで、通信を一台の端末に限り、ログを毎日見ることで受け入れる。",
        due: Some(120),
    },
    Risk {
        unit: "0202",
        title: "案内のメールで宛先が見えたまま送られる",
        system: Some("グループウェア"),
        threat: "wrong_sending",
        losses: [4, 1, 1],
        likelihood: 3,
        weakness: 2,
        treatment: "reduce",
        plan: "送信前に二人で宛先を確かめる仕組みを全課に入れる。",
        due: Some(59),
    },
    Risk {
        unit: "0105",
        title: "委託先の先で作業する者が分からず、持ち出される",
        system: Some("住民記録システム"),
        threat: "supplier",
        losses: [4, 2, 2],
        likelihood: 2,
        weakness: 3,
        treatment: "reduce",
        plan: "契約ごとに作業体制を届け出させ、再々委託まで台帳に載せる。",
        due: Some(90),
    },
    Risk {
        unit: "0105",
        title: "生成ＡＩに個人情報が入力される",
        system: Some("生成ＡＩ"),
        threat: "misuse",
        losses: [3, 1, 1],
        likelihood: 2,
        weakness: 2,
        treatment: "reduce",
        plan: "入力を学習に使わない契約とし、入力の手順を研修で示す。",
        due: Some(75),
    },
    Risk {
        unit: "0105",
        title: "停電でサーバー室の冷房が止まる",
        system: Some("財務会計システム"),
        threat: "disaster",
        losses: [1, 1, 3],
        likelihood: 1,
        weakness: 2,
        treatment: "transfer",
        plan: "データセンターへの移設を契約に含める。",
        due: Some(200),
    },
    Risk {
        unit: "0202",
        title: "市をかたる偽のアカウントに住民が誘われる",
        system: None,
        threat: "impersonation",
        losses: [2, 2, 1],
        likelihood: 3,
        weakness: 2,
        treatment: "reduce",
        plan: "公式アカウントの一覧を市のウェブサイトと広報紙に載せる。",
        due: Some(40),
    },
    Risk {
        unit: "1104",
        title: "図書館の古い端末で感染が広がる",
        system: Some("図書館システム"),
        threat: "malware",
        losses: [2, 1, 2],
        likelihood: 2,
        weakness: 2,
        treatment: "avoid",
        plan: "端末を業務から外し、蔵書の検索だけに使う。",
        due: Some(30),
    },
    Risk {
        unit: "0301",
        title: "窓口の端末の画面を来庁者に見られる",
        system: None,
        threat: "disclosure",
        losses: [3, 1, 1],
        likelihood: 1,
        weakness: 1,
        treatment: "accept",
        plan: "のぞき見を防ぐ板を付けており、残りは受け入れる。",
        due: None,
    },
];

/// The clause that the risk of 委託先の先 says should change.
const CLAUSE: (&str, &str) = (
    "standard#contracting-during",
    "再委託を受けた者からさらに委託するときも、相手と作業の場所を届け出させ、市の承認を受けるものとする。",
);

/// The risks, each decided by whom its size and treatment ask.
pub(crate) async fn risks(city: &mut City) -> Result<()> {
    let mut reading = city.ledger.reading(Actor::Machine("demo"), city.at(0, 0)).await?;
    let systems = records::all_stored(&mut reading, "systems").await?;
    reading.end().await?;
    let system = |name: &str| systems.iter().find(|system| system.name == name).map(|system| system.id);
    for (minute, risk) in (0..).zip(RISKS) {
        let Some(head) = city.person(risk.unit, 0) else { continue };
        let mut fields = json!({
            "title": risk.title, "threat": risk.threat, "likelihood": risk.likelihood, "weakness": risk.weakness,
            "treatment": risk.treatment, "plan": risk.plan, "owner": head.to_string(), "assessed_on": city.ago(58).to_string(),
        });
        if let Some(fields) = fields.as_object_mut() {
            let elements = ["loss_confidentiality", "loss_integrity", "loss_availability"];
            fields.extend(elements.into_iter().zip(risk.losses).map(|(field, loss)| (field.to_owned(), loss.into())));
            let due = risk.due.map(|days| ("due_on".to_owned(), json!(city.ago(-days).to_string())));
            let of = risk.system.and_then(system).map(|id: Id| ("system".to_owned(), json!(id.to_string())));
            fields.extend(due.into_iter().chain(of));
        }
        let record = city.apply(head, 58 - minute / 4, "risk-assessments", fields).await?;
        if risk.threat == "supplier" {
            let change = json!({ "clause": CLAUSE.0, "clause_change": CLAUSE.1 });
            city.act(head, 50, &record, "propose", change).await?;
        }
    }
    Ok(())
}
