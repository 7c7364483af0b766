//! Systems and networks of 関守市（架空）: the twenty standardised businesses, the city's own systems, and the flows between zones.

use std::sync::Arc;

use ledger::questionnaires::{self, Answer};
use ledger::records::Record;
use ledger::{Id, Result};
use serde_json::{Value as Json, json};

use super::city::City;

/// The twenty businesses that municipalities run on standardised systems in ガバメントクラウド, with their business.
const STANDARDISED: &[(&str, &str)] = &[
    ("住民記録システム", "my_number"),
    ("印鑑登録システム", "my_number"),
    ("戸籍システム", "family_register"),
    ("戸籍の附票システム", "family_register"),
    ("選挙人名簿管理システム", "my_number"),
    ("固定資産税システム", "my_number"),
    ("個人住民税システム", "my_number"),
    ("法人住民税システム", "my_number"),
    ("軽自動車税システム", "my_number"),
    ("国民健康保険システム", "my_number"),
    ("国民年金システム", "my_number"),
    ("後期高齢者医療システム", "my_number"),
    ("介護保険システム", "my_number"),
    ("障害者福祉システム", "my_number"),
    ("生活保護システム", "my_number"),
    ("健康管理システム", "my_number"),
    ("児童手当システム", "my_number"),
    ("児童扶養手当システム", "my_number"),
    ("子ども・子育て支援システム", "my_number"),
    ("就学システム", "my_number"),
];

/// The city's own systems: name, business, zone, class, hosting.
const OWN: &[(&str, &str, &str, &str, &str)] = &[
    ("財務会計システム", "internal", "lgwan", "3C", "own"),
    ("人事給与システム", "internal", "lgwan", "3C", "own"),
    ("文書管理システム", "internal", "lgwan", "3C", "own"),
    ("グループウェア", "internal", "lgwan", "2", "own"),
    ("旧道路台帳システム", "internal", "lgwan", "2", "own"),
    ("公式ウェブサイト（ＣＭＳ）", "resident_service", "internet", "2", "cloud"),
    ("図書館システム", "resident_service", "internet", "3C", "cloud"),
    ("施設予約システム", "resident_service", "internet", "3C", "cloud"),
    ("生成ＡＩ", "internal", "internet", "1", "cloud"),
    ("Ｗｅｂ会議", "internal", "internet", "1", "cloud"),
];

/// The systems, registered by the secretariat, each with its backup, its procedure and its place in the recovery.
pub(crate) async fn systems(city: &mut City) -> Result<()> {
    let (Some(manager), Some(clerk)) = (city.person("0105", 0), city.somebody("0105", 5)) else { return Ok(()) };
    let Some(secretariat) = city.somebody("0105", 3) else { return Ok(()) };
    let mut operators = vec![manager.to_string(), clerk.to_string()];
    operators.dedup();
    let standardised =
        STANDARDISED.iter().map(|(name, business)| (*name, *business, "mynumber", "3B", "government_cloud"));
    let (mut op, standing) = city.by(secretariat, city.at(280, 0)).await?;
    let mut systems = Vec::new();
    for (name, business, zone, class, hosting) in standardised.chain(OWN.iter().copied()) {
        let needed = class.starts_with("3B") || zone == "lgwan";
        let mut fields = json!({
            "name": name, "business": business, "zone": zone, "confidentiality": class, "integrity": if needed { "2" } else { "1" },
            "availability": if needed { "2" } else { "1" }, "hosting": hosting, "manager": manager.to_string(), "operators": operators,
            "redundant": if needed { "active" } else { "none" },
            "public_facing": if business == "resident_service" { "separated" } else { "no" },
        });
        if let (true, Some(fields)) = (matches!(hosting, "government_cloud" | "cloud"), fields.as_object_mut()) {
            fields
                .insert("dedicated_line".to_owned(), json!(if hosting == "cloud" { "internet" } else { "dedicated" }));
        }
        let record = city.create(&mut op, &standing, "systems", fields).await?;
        systems.push((city.step(&mut op, &standing, &record, "register", Json::Null, None).await?, needed, class));
    }
    op.commit().await?;
    kept(city, &systems, (manager, clerk, secretariat)).await
}

/// Backups, restore tests, logs read, procedures and priorities of the systems that the city cannot do without.
async fn kept(city: &mut City, systems: &[(Record, bool, &str)], people: (Id, Id, Id)) -> Result<()> {
    let (manager, clerk, secretariat) = people;
    let needed: Vec<&(Record, bool, &str)> = systems.iter().filter(|(_, needed, _)| *needed).collect();
    let (mut op, standing) = city.by(manager, city.at(275, 0)).await?;
    for (system, ..) in &needed {
        let fields = json!({
            "title": format!("{}の複製", system.name), "system": system.id.to_string(), "every_days": 1, "generations": 7,
            "place": "みなとデータセンター（架空）", "apart": "yes", "offline": "yes",
        });
        let backup = city.create(&mut op, &standing, "backups", fields).await?;
        city.step(&mut op, &standing, &backup, "register", Json::Null, None).await?;
    }
    op.commit().await?;
    let (mut op, standing) = city.by(secretariat, city.at(270, 0)).await?;
    for (system, ..) in &needed {
        let fields = json!({
            "title": format!("{}による事務", system.name), "priority": "b", "target_hours": 24, "level": "窓口での受付ができる",
            "data_hours": 24, "system": system.id.to_string(), "alternative": "紙の受付票で受け、戻ってから入力する",
        });
        let function = city.create(&mut op, &standing, "business-functions", fields).await?;
        city.step(&mut op, &standing, &function, "register", Json::Null, None).await?;
    }
    op.commit().await?;
    let (mut op, standing) = city.by(manager, city.at(115, 0)).await?;
    // One of them has not been restored yet.
    for (system, ..) in needed.iter().skip(1) {
        let fields = json!({
            "title": format!("{}の復元試験", system.name), "system": system.id.to_string(), "tested_on": city.ago(115).to_string(),
            "hours": 3, "result": "restored",
        });
        let test = city.create(&mut op, &standing, "restore-tests", fields).await?;
        city.step(&mut op, &standing, &test, "record", Json::Null, None).await?;
    }
    op.commit().await?;
    let (mut op, standing) = city.by(clerk, city.at(6, 0)).await?;
    for (system, ..) in systems.iter().filter(|(.., class)| *class == "3B") {
        let fields = json!({
            "title": format!("{}　月次の点検", system.name), "system": system.id.to_string(), "kind": "access",
            "from_day": city.ago(37).to_string(), "to_day": city.ago(7).to_string(), "finding": "none",
        });
        let review = city.create(&mut op, &standing, "log-reviews", fields).await?;
        city.step(&mut op, &standing, &review, "record", Json::Null, None).await?;
    }
    op.commit().await?;
    documents(city, systems, manager).await?;
    self_checks(city, systems, manager).await?;
    procedures(city, systems, clerk).await
}

/// The specification of every system, and who may read it.
async fn documents(city: &mut City, systems: &[(Record, bool, &str)], manager: Id) -> Result<()> {
    let (mut op, standing) = city.by(manager, city.at(265, 0)).await?;
    for (system, ..) in systems {
        let fields = json!({
            "title": format!("{}　設計書", system.name), "kind": "design", "system": system.id.to_string(), "confidentiality": "3C",
            "edition": "第１版", "place": "サーバー室の書庫", "readers": [manager.to_string()], "reviewed_on": city.ago(265).to_string(),
        });
        let document = city.create(&mut op, &standing, "system-documents", fields).await?;
        city.step(&mut op, &standing, &document, "register", Json::Null, None).await?;
    }
    op.commit().await.map(|_| ())
}

/// The manager's self-check of each system; one was forgotten.
async fn self_checks(city: &mut City, systems: &[(Record, bool, &str)], manager: Id) -> Result<()> {
    let pack = Arc::clone(&city.pack);
    let Some(sheet) = pack.questionnaires.iter().find(|sheet| sheet.id == "self-check-systems") else { return Ok(()) };
    for (minute, (system, ..)) in (0_i64..).zip(systems.iter().skip(1)) {
        let (mut op, standing) = city.by(manager, city.at(94, 3 * minute)).await?;
        let answers: Vec<Answer> = questionnaires::questions(sheet, &standing)
            .into_iter()
            .map(|question| (question.id.clone(), "yes".to_owned()))
            .collect();
        questionnaires::answer(&mut op, &pack, &standing, &sheet.id, Some(system.id), &answers).await?;
        op.commit().await?;
    }
    Ok(())
}

/// The procedure of the network, and of every system but the two newest.
async fn procedures(city: &mut City, systems: &[(Record, bool, &str)], clerk: Id) -> Result<()> {
    let network = json!({
        "title": "全庁ＬＡＮの運用手順", "about": "network", "edition": "第５版", "reviewed_on": city.ago(210).to_string(),
    });
    city.apply(clerk, 210, "procedures", network).await?;
    let described = systems.iter().filter(|(system, ..)| !matches!(system.name.as_str(), "生成ＡＩ" | "Ｗｅｂ会議"));
    for (system, ..) in described {
        let fields = json!({
            "title": format!("{}の運用手順", system.name), "about": "system", "system": system.id.to_string(), "edition": "第１版",
            "reviewed_on": city.ago(205).to_string(),
        });
        city.apply(clerk, 205, "procedures", fields).await?;
    }
    Ok(())
}

/// A flow: title, category, zones, source, destination, service, partner, kind of partner, days until its end.
type Flow = (&'static str, &'static str, [&'static str; 2], [&'static str; 3], [&'static str; 2], i64);

const FLOWS: &[Flow] = &[
    (
        "eLTAX（地方税ポータル）",
        "public_service",
        ["mynumber", "lgwan_wide"],
        ["10.1.5.10", "203.0.113.53", "tcp/443"],
        ["地方税共同機構", "public_body"],
        120,
    ),
    (
        "中間サーバー（情報提供ネットワーク）",
        "public_service",
        ["mynumber", "lgwan_wide"],
        ["10.1.5.20", "203.0.113.60", "tcp/443"],
        ["地方公共団体情報システム機構", "public_body"],
        120,
    ),
    (
        "住民基本台帳ネットワーク",
        "public_service",
        ["mynumber", "lgwan_wide"],
        ["10.1.5.30", "203.0.113.70", "tcp/443"],
        ["地方公共団体情報システム機構", "public_body"],
        120,
    ),
    (
        "コンビニ交付",
        "public_service",
        ["mynumber", "lgwan_wide"],
        ["10.1.5.40", "203.0.113.80", "tcp/443"],
        ["地方公共団体情報システム機構", "public_body"],
        120,
    ),
    (
        "ぴったりサービス",
        "public_service",
        ["mynumber", "lgwan_wide"],
        ["10.1.5.50", "203.0.113.90", "tcp/443"],
        ["国", "public_body"],
        120,
    ),
    (
        "標準化業務システム（ガバメントクラウド）",
        "public_service",
        ["mynumber", "government_cloud"],
        ["10.1.0.0/16", "198.51.100.10", "tcp/443"],
        ["国", "public_body"],
        120,
    ),
    (
        "メールの無害化",
        "sanitised",
        ["internet", "lgwan"],
        ["10.3.0.25", "10.2.0.25", "tcp/25"],
        ["関守市", "own"],
        120,
    ),
    (
        "ファイルの無害化",
        "sanitised",
        ["internet", "lgwan"],
        ["10.3.0.26", "10.2.0.26", "tcp/8443"],
        ["関守市", "own"],
        120,
    ),
    (
        "インターネットを見る画面転送",
        "screen",
        ["lgwan", "internet"],
        ["10.2.0.0/16", "10.3.0.30", "tcp/8444"],
        ["関守市", "own"],
        120,
    ),
    (
        "県セキュリティクラウド",
        "security_cloud",
        ["internet", "prefecture_cloud"],
        ["10.3.0.0/17", "10.3.254.1", "tcp/3128"],
        ["県", "public_body"],
        120,
    ),
    (
        "旧 収納データの受渡し",
        "specified",
        ["mynumber", "lgwan"],
        ["10.1.7.3", "10.2.8.3", "tcp/22"],
        ["関守市", "own"],
        -15,
    ),
];

/// The flow past its end whose rule the devices still hold: how the proof names it.
pub(crate) const LEFT_OPEN: &str = "tcp 10.1.7.3 > 10.2.8.3:22";

/// The flows, decided by the officers; one is past its end and still in use. And the screen that looks out.
pub(crate) async fn flows(city: &mut City) -> Result<()> {
    let Some(secretariat) = city.somebody("0105", 3) else { return Ok(()) };
    for (index, (title, category, zones, ends, partner, until)) in (0_i64..).zip(FLOWS) {
        let days_ago = 150 + index;
        let mut fields = json!({
            "title": title, "category": category, "from_zone": zones[0], "to_zone": zones[1], "source": ends[0], "destination": ends[1],
            "service": ends[2], "purpose": format!("{title}のため"), "partner": partner[0], "partner_kind": partner[1],
            "partner_internet": "separate", "starts_on": city.ago(days_ago).to_string(), "ends_on": city.ago(-until).to_string(),
        });
        if let (true, Some(fields)) = (*category == "sanitised", fields.as_object_mut()) {
            fields.insert("method".to_owned(), json!("removal"));
            fields.insert("method_reviewed_on".to_owned(), json!(city.ago(days_ago).to_string()));
        }
        city.apply(secretariat, days_ago, "flows", fields).await?;
    }
    let Some(manager) = city.person("0105", 0) else { return Ok(()) };
    let screen = json!({
        "name": "インターネットを見る画面", "from_zone": "lgwan", "to_zone": "internet", "clipboard": "off", "file_transfer": "off",
        "verified_on": city.ago(149).to_string(),
    });
    city.apply(manager, 149, "screen-transfers", screen).await.map(|_| ())
}
