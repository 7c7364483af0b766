//! Files of other systems in 関守市（架空）: 212 terminals of マイナンバー利用事務系, 7 of them with one factor; the directory with three
//! people who left; a firewall rule that outlived its permission; an anti-malware feed gone stale. Some sources never came.

use ledger::facts::Delivery;
use ledger::{Error, Result};
use serde_json::{Map, Value as Json, json};
use tables::Encoding;

use super::cases::LEFT;
use super::city::City;
use super::network::LEFT_OPEN;

/// Takes the files in.
pub(crate) async fn facts(city: &mut City) -> Result<()> {
    let proof = city.ago(1).to_string();
    let terminals: Vec<Json> = (1..=212)
        .map(|n| {
            json!({
                "host": format!("MN-{n:03}"), "zone": "mynumber", "factors": if n % 30 == 0 { 1 } else { 2 }, "export_blocked": true,
                "screen_lock_minutes": 5, "encrypted": true, "boot_lock": true, "mobile": false, "remote_wipe": false, "proof": proof,
            })
        })
        .collect();
    deliver(city, "terminal-settings", 1, &terminals).await?;
    let scanned: Vec<Json> = (1..=40)
        .map(|n| {
            let day = city.ago(4).to_string();
            json!({"host": format!("LG-{n:03}"), "resident": true, "signature": day, "scanned": day, "supported": true, "offline": false})
        })
        .collect();
    deliver(city, "antimalware", 4, &scanned).await?;
    people(city).await?;
    let systems = ["住民記録", "個人住民税", "国民健康保険", "財務会計", "文書管理", "グループウェア"];
    let jobs: Vec<Json> = systems
        .iter()
        .map(|name| json!({"job": format!("{name}　日次"), "last_success": city.ago(1).to_string(), "every_days": 1, "failures": 0}))
        .collect();
    deliver(city, "backup-results", 0, &jobs).await?;
    let days: Vec<Json> = (1_i64..=7)
        .map(|ago| json!({"day": city.ago(ago).to_string(), "delivered": 4100 + 37 * ago, "unsanitised": 0, "held": ago % 3}))
        .collect();
    deliver(city, "gateway-days", 0, &days).await?;
    let verdict = |claim: &str, about: &str, verdict: &str| json!({"claim": claim, "about": about, "verdict": verdict});
    let mut verdicts = vec![
        verdict("マイナンバー利用事務系とＬＧＷＡＮ接続系の間は、特定通信だけが通る", "mynumber", "broken"),
        verdict("マイナンバー利用事務系からインターネットへは何も通らない", "mynumber", "holds"),
        verdict("ＬＧＷＡＮ接続系とインターネット接続系の間は、無害化通信と画面転送だけが通る", "lgwan", "holds"),
        verdict("インターネットへは県のセキュリティクラウドだけを通る", "internet", "holds"),
        verdict("学校のネットワークからは市のネットワークへ何も通らない", "school", "holds"),
    ];
    if let Some(open) = verdicts.first_mut().and_then(Json::as_object_mut) {
        open.insert("witness".to_owned(), json!(LEFT_OPEN));
    }
    deliver(city, "separation-verdicts", 2, &verdicts).await
}

/// The directory and the personnel list: everybody in service, and three who left with their accounts still live.
async fn people(city: &City) -> Result<()> {
    let (seen, left) = (city.ago(3).to_string(), city.ago(30).to_string());
    let account = |login: String, number: &str, employed: bool, last: &str| {
        json!({
            "login": login, "enabled": true, "staff_number": number, "employed": employed, "last_logon": last, "first_changed": true,
            "length": 14,
        })
    };
    let inside = || city.people.iter().filter(|(person, _)| person.category != "contractor").map(|(person, _)| person);
    let mut accounts: Vec<Json> =
        inside().map(|person| account(person.login.clone(), &person.number, true, &seen)).collect();
    accounts.extend(LEFT.iter().map(|(number, ..)| account(format!("s{number}"), number, false, &left)));
    deliver(city, "directory-accounts", 2, &accounts).await?;
    let unit = |code: &str| {
        let known = super::units::all().into_iter().find(|unit| unit.code == code);
        known.map(|unit| unit.name).unwrap_or_default()
    };
    let mut listed: Vec<Json> = inside()
        .map(|person| {
            json!({
                "staff_number": person.number, "name": person.name, "unit": unit(person.unit), "category": person.category, "ids": 1,
            })
        })
        .collect();
    listed.extend(LEFT.iter().map(|(number, name, _)| {
        json!({"staff_number": number, "name": name, "unit": unit("0301"), "category": "full_time", "left_on": left, "ids": 1})
    }));
    deliver(city, "personnel-list", 2, &listed).await
}

/// Writes the rows as the CSV that the other system would deliver, and takes it in by the door that users take.
async fn deliver(city: &City, source: &str, days_ago: i64, rows: &[Json]) -> Result<()> {
    let Some(source) = city.pack.source(source) else { return Ok(()) };
    let mut op = city.setup(city.at(days_ago, 0)).await?;
    let rows: Vec<Map<String, Json>> = rows.iter().filter_map(|row| row.as_object().cloned()).collect();
    let unreadable = |problem: tables::Problem| Error::broken(format!("{}: {}", source.id, problem.en));
    let bytes = tables::csv::write(&exchange::template(source, &rows), Encoding::Utf8).map_err(unreadable)?;
    let table = tables::read(&bytes).map_err(unreadable)?;
    let delivery = Delivery {
        file_name: format!("{}.csv", source.id),
        sha256: exchange::sha256(&bytes),
        as_of: city.ago(days_ago),
    };
    let report = exchange::import_source(&mut op, &city.pack, None, source, delivery, &table).await?;
    if let Some(refusal) = report.refusals.first() {
        return Err(Error::broken(format!("{} {}: {}", source.id, refusal.at, refusal.message.ja)));
    }
    op.commit().await.map(|_| ())
}
