//! Outsourcing in 関守市（架空）: contractors, contracts, a tree of sub-contracts with one that nobody permitted, cloud and other
//! services.

use std::collections::HashMap;

use ledger::Result;
use serde_json::{Value as Json, json};

use super::city::City;

/// The contractor whose servers were encrypted.
pub(crate) const PRINTER: &str = "関守印刷（架空）";

/// A contractor: name, kind, certificate, days until that ends (0: none).
const CONTRACTORS: &[(&str, &str, &str, i64)] = &[
    ("関守システムズ（架空）", "system", "both", 320),
    (PRINTER, "work", "privacy", 180),
    ("関守リサイクル（架空）", "disposal", "isms", 90),
    ("みなとデータセンター（架空）", "system", "isms", 400),
    ("安全監査法人（架空）", "consulting", "none", 0),
];

/// A contract: title, contractor, kind, class, what is handed over, days since its start, days until its end.
type Contract = (&'static str, usize, &'static str, &'static str, &'static str, i64, i64);

const CONTRACTS: &[Contract] = &[
    ("標準化業務システムの運用・保守", 0, "operate", "3B", "住民の基本情報と税・福祉の情報", 600, 500),
    ("納税通知書の印刷と封入", 1, "work", "3B", "納税義務者の氏名、住所、税額", 220, 130),
    ("機器の廃棄と運搬", 2, "disposal", "3B", "廃棄する機器に残る情報", 230, 130),
    ("公式ウェブサイトの運用", 3, "operate", "2", "公開前の原稿", 400, 330),
    ("情報セキュリティ監査の補助", 4, "work", "2", "監査調書", 200, 160),
];

const CLAUSES: &[&str] = &[
    "obey",
    "persons",
    "teaching",
    "secrecy",
    "purpose",
    "copying",
    "subcontract",
    "carrying",
    "reporting",
    "audit",
    "return_erase",
    "damages",
    "integrity",
    "testing",
    "source_code",
    "vulnerability",
];

/// Contractors, contracts with their yearly checks, and who works for whom.
pub(crate) async fn contracts(city: &mut City) -> Result<()> {
    let (Some(head), Some(clerk)) = (city.person("0105", 0), city.somebody("0105", 5)) else { return Ok(()) };
    let mut partners = Vec::new();
    for (name, kind, certificate, until) in CONTRACTORS {
        let mut fields = json!({
            "name": name, "kind": kind, "contact": "情報管理責任者（架空） 000-000-0000", "certificate": certificate,
            "explained_on": city.ago(610).to_string(),
        });
        if let (true, Some(fields)) = (*until > 0, fields.as_object_mut()) {
            fields.insert("certificate_until".to_owned(), json!(city.ago(-until).to_string()));
        }
        let (mut op, standing) = city.by(head, city.at(610, 0)).await?;
        let partner = city.create(&mut op, &standing, "contractors", fields).await?;
        let partner = city.step(&mut op, &standing, &partner, "register", Json::Null, None).await?;
        op.commit().await?;
        // What they have to keep is explained to them again each year.
        let (mut op, standing) = city.by(head, city.at(200, 0)).await?;
        city.edit(&mut op, &standing, &partner, json!({"explained_on": city.ago(200).to_string()})).await?;
        op.commit().await?;
        partners.push((partner.id, *name));
    }
    let mut made = HashMap::new();
    for (title, partner, kind, class, range, since, until) in CONTRACTS {
        let Some((contractor, name)) = partners.get(*partner) else { continue };
        let fields = json!({
            "title": title, "contractor": contractor.to_string(), "partner": name, "kind": kind, "confidentiality": class, "range": range,
            "clauses": CLAUSES, "starts_on": city.ago(*since).to_string(), "ends_on": city.ago(-until).to_string(),
        });
        let contract = city.apply(clerk, since + 5, "contracts", fields).await?;
        if *since > 366 {
            city.act(head, 150, &contract, "check", json!({"checked_on": city.ago(150).to_string()})).await?;
        }
        made.insert(*title, contract.id);
    }
    if let Some(systems) = made.get("標準化業務システムの運用・保守") {
        subcontracts(city, &systems.to_string()).await?;
        checks(city, &systems.to_string()).await?;
    }
    Ok(())
}

/// The first sub-contract was permitted; the one below it came to light at the yearly check.
async fn subcontracts(city: &mut City, contract: &str) -> Result<()> {
    let Some(clerk) = city.somebody("0105", 5) else { return Ok(()) };
    let first = json!({
        "contract": contract, "level": 1, "partner": "北関守テック（架空）", "work": "夜間の監視と一次対応", "confidentiality": "3B",
        "found": "asked", "supervision": "元の受託者が月に一度点検し、結果を市に報告する",
    });
    let first = city.apply(clerk, 580, "subcontracts", first).await?;
    let second = json!({
        "contract": contract, "above": first.id.to_string(), "level": 2, "partner": "個人事業の技術者（架空）", "work": "監視の当番の一部",
        "confidentiality": "3B", "found": "discovered", "supervision": "確かめている",
    });
    let (mut op, standing) = city.by(clerk, city.at(16, 0)).await?;
    let second = city.create(&mut op, &standing, "subcontracts", second).await?;
    city.step(&mut op, &standing, &second, "submit", Json::Null, None).await?;
    op.commit().await.map(|_| ())
}

/// The yearly check of the contractor, and what it found.
async fn checks(city: &mut City, contract: &str) -> Result<()> {
    let (Some(head), Some(clerk)) = (city.person("0105", 0), city.somebody("0105", 5)) else { return Ok(()) };
    let sheet = json!({
        "title": "年次点検（点検票）", "contract": contract, "checked_on": city.ago(150).to_string(), "way": "sheet", "result": "good",
    });
    let sheet = city.enter(clerk, 150, "contractor-checks", "record", sheet).await?;
    city.act(head, 149, &sheet, "close", Json::Null).await?;
    let visit = json!({
        "title": "立入りによる確認", "contract": contract, "checked_on": city.ago(16).to_string(), "way": "visit", "result": "shortfall",
        "findings": "当番の一部が、市の承認を受けていない個人の技術者に任されていた", "next_step": "correction",
        "due_on": city.ago(-14).to_string(),
    });
    city.enter(clerk, 16, "contractor-checks", "record", visit).await.map(|_| ())
}

/// Cloud services: name, provider, zone, class, what for, certification.
type Cloud = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const CLOUDS: &[Cloud] = &[
    ("ガバメントクラウド", "国（架空の環境）", "mynumber", "3B", "標準化業務システム", "ismap"),
    ("ウェブサイト管理サービス", "みなとデータセンター（架空）", "internet", "2", "公式ウェブサイト", "iso27017"),
    ("図書館サービス", "みなとデータセンター（架空）", "internet", "3C", "図書館の貸出と予約", "iso27017"),
    ("施設予約サービス", "関守システムズ（架空）", "internet", "3C", "公共施設の予約", "ismap"),
];

/// Services under terms of use: name, kind, what for, what may go in, whether it learns from input.
type Terms = (&'static str, &'static str, &'static str, &'static str, &'static str);

const TERMS: &[Terms] = &[
    (
        "生成ＡＩサービス（架空）",
        "ai",
        "文章の下書きと要約",
        "公開している情報だけ。個人情報と未公開の情報は入れない",
        "no",
    ),
    ("Ｗｅｂ会議サービス（架空）", "meeting", "外部との打合せ", "画面の共有は公開している資料だけ", "not_relevant"),
];

/// Cloud services and services under terms of use, as they were permitted.
pub(crate) async fn services(city: &mut City) -> Result<()> {
    let (Some(head), Some(clerk)) = (city.person("0105", 0), city.somebody("0105", 5)) else { return Ok(()) };
    for (name, provider, zone, class, purpose, certification) in CLOUDS {
        let (mut op, standing) = city.by(clerk, city.at(240, 0)).await?;
        let split = city.paper(&mut op, &standing, "責任分界表.txt", &format!("{name}　責任分界表")).await?;
        let fields = json!({
            "name": name, "provider": provider, "zone": zone, "confidentiality": class, "purpose": purpose, "manager": head.to_string(),
            "certification": certification, "certification_until": city.ago(-200).to_string(), "country": "japan",
            "selection": "対策、終わり方、再委託を約款と評価書で確かめた", "responsibility": split, "admin_mfa": "yes", "logs": "yes",
            "checked_on": city.ago(240).to_string(), "starts_on": city.ago(225).to_string(),
        });
        let service = city.create(&mut op, &standing, "cloud-services", fields).await?;
        let service = city.step(&mut op, &standing, &service, "submit", Json::Null, None).await?;
        op.commit().await?;
        city.decide(&service, 238).await?;
        let checked = json!({"admin_mfa": "yes", "logs": "yes", "checked_on": city.ago(70).to_string()});
        city.act(head, 70, &service, "check", checked).await?;
    }
    for (name, kind, purpose, allowed, learning) in TERMS {
        let fields = json!({
            "name": name, "kind": kind, "purpose": purpose, "allowed": allowed, "confidentiality": "1", "learning": learning,
            "terms_checked_on": city.ago(170).to_string(), "ends_on": city.ago(-130).to_string(),
        });
        city.apply(clerk, 170, "external-services", fields).await?;
    }
    Ok(())
}
