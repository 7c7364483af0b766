//! Cloud and other services in 関守市（架空）.

use ledger::Result;
use serde_json::{Value as Json, json};

use super::city::City;

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
