//! What the sections of 関守市（架空） keep and carry: assets, media, take-outs, and a head who is away.

use ledger::people::{Standing, absences};
use ledger::permission::own;
use ledger::records::{NewRecord, Paper};
use ledger::{Actor, Day, Error, Id, Result, decisions};
use serde_json::{Map, Value as Json, json};

use super::chance::Chance;
use super::city::City;
use super::units::{self, Level, Unit};

/// What a section keeps: name, kind, 機密性, 個人情報.
type Kept = (&'static str, &'static str, &'static str, &'static str);

const KEPT: &[Kept] = &[
    ("申請書つづり", "paper", "3B", "personal"),
    ("業務システムの入力データ", "electronic", "3B", "personal"),
    ("決裁文書（文書管理システム）", "electronic", "2", "none"),
    ("課内共有フォルダー", "electronic", "3C", "personal"),
    ("窓口案内の原稿", "electronic", "1", "none"),
    ("委託契約書つづり", "paper", "2", "none"),
    ("会議録", "electronic", "2", "none"),
    ("電話受付簿", "paper", "3C", "personal"),
    ("統計調査票", "paper", "3B", "personal"),
    ("予算要求資料", "electronic", "2", "none"),
    ("住民向け通知の宛名データ", "electronic", "3B", "personal"),
    ("業務手順書", "electronic", "2", "none"),
    ("職員の勤務記録", "electronic", "3C", "personal"),
    ("現地調査の写真", "electronic", "3C", "personal"),
    ("補助金の審査資料", "electronic", "3C", "personal"),
];

/// Units that work with the individual number, whose data stands in マイナンバー利用事務系.
const MY_NUMBER_UNITS: &[&str] = &["0301", "0302", "0304", "0401", "0501", "0601"];

fn sections() -> impl Iterator<Item = Unit> {
    units::all().into_iter().filter(|unit| unit.level == Level::Section && unit.staff > 1)
}

/// Registers the assets: `total` in all (none: 1,500), most reviewed within the year, some not.
pub(crate) async fn assets(city: &mut City, total: Option<usize>) -> Result<()> {
    let total = total.unwrap_or(1500);
    let today = city.today;
    let sections: Vec<Unit> = sections().collect();
    let staff: usize = sections.iter().map(|unit| unit.staff).sum();
    for unit in &sections {
        let Some(manager) = city.person(unit.code, 0) else { continue };
        // A few in every section, however small the city: the story speaks of them.
        let wanted = (total * unit.staff).div_ceil(staff.max(1)).max(4);
        let mut chance = Chance::named(unit.code);
        // An overdue part first, since what is recorded goes forward in time.
        // The roads section's are covered by an exception.
        let overdue = if unit.code == "0802" || chance.happens(1, 4) { wanted.min(1 + chance.below(3)) } else { 0 };
        for (from, to, days_ago) in [(0, overdue, 430), (overdue, wanted, 40 + i64::from(chance.happens(1, 2)) * 120)] {
            let (mut op, standing) = city.by(manager, city.at(days_ago, 0)).await?;
            for number in from..to {
                let fields = asset(unit, number, today, &mut chance);
                let record = city.create(&mut op, &standing, "assets", fields).await?;
                city.step(&mut op, &standing, &record, "register", Json::Null, None).await?;
            }
            op.commit().await?;
        }
    }
    Ok(())
}

fn asset(unit: &Unit, number: usize, today: Day, chance: &mut Chance) -> Json {
    let (name, kind, mut class, mut personal) = KEPT[number % KEPT.len()];
    let mut fields = Map::new();
    let name = format!("{}　{name}{}", unit.name, part(number / KEPT.len(), today));
    let my_number = MY_NUMBER_UNITS.contains(&unit.code) && name.contains("業務システム");
    if my_number {
        (class, personal) = ("3B", "my_number");
    }
    if kind == "electronic" {
        fields.insert("zone".to_owned(), json!(if my_number { "mynumber" } else { "lgwan" }));
    } else {
        fields.insert("retention".to_owned(), json!("five"));
    }
    if personal != "none" {
        fields.insert("persons".to_owned(), json!(50 + chance.below(4000)));
    }
    let place = if kind == "paper" { "執務室の鍵付き書庫" } else { "文書サーバー" };
    for (field, value) in [
        ("name", name.as_str()),
        ("kind", kind),
        ("confidentiality", class),
        ("integrity", if class == "1" { "1" } else { "2" }),
        ("availability", if my_number { "2" } else { "1" }),
        ("personal", personal),
        ("origin", "made"),
        ("place", place),
    ] {
        fields.insert(field.to_owned(), json!(value));
    }
    Json::Object(fields)
}

/// What tells the things of one name apart: nothing for those of the running year; then those of the five years before; then
/// the second part of each.
fn part(round: usize, today: Day) -> String {
    let Some(round) = round.checked_sub(1) else { return String::new() };
    let back = i32::try_from(round % 5).unwrap_or(0) + 1;
    let began = Day::fiscal_year_start(today.fiscal_year() - back).unwrap_or(today).wareki();
    let year = began.split('年').next().unwrap_or_default();
    match round / 5 {
        0 => format!("（{year}年度分）"),
        more => format!("（{year}年度分　その{}）", more + 1),
    }
}

/// 200 USB memories; two were not found at this month's count.
pub(crate) async fn media(city: &mut City) -> Result<()> {
    let sections: Vec<Unit> = sections().collect();
    let mut label = 0;
    for unit in &sections {
        let (Some(manager), Some(keeper)) = (city.person(unit.code, 0), city.person(unit.code, 1)) else { continue };
        let bought = city.ago(300).to_string();
        let (mut op, standing) = city.by(manager, city.at(290, 0)).await?;
        let mut records = Vec::new();
        for _ in 0..200_usize.div_ceil(sections.len()) {
            label += 1;
            if label > 200 {
                break;
            }
            let fields = json!({
                "number_label": format!("U-{label:03}"), "kind": "usb", "model": "暗号化USBメモリ 8GB", "serial": format!("SKM{label:05}"),
                "encryption": "automatic", "zone": "lgwan", "place": "課の鍵付き保管庫", "keeper": keeper.to_string(), "bought_on": bought,
            });
            records.push(city.create(&mut op, &standing, "media", fields).await?);
        }
        op.commit().await?;
        let (mut op, standing) = city.by(manager, city.at(12, 0)).await?;
        let counted = json!({"counted_on": city.ago(12).to_string()});
        for record in &records {
            if record.name.ends_with("U-077") || record.name.ends_with("U-142") {
                continue;
            }
            city.step(&mut op, &standing, record, "count_stored", counted.clone(), None).await?;
        }
        op.commit().await?;
    }
    Ok(())
}

/// A take-out in the story: purpose, where to, days ago, days until its return, how far it goes.
type Out = (&'static str, &'static str, i64, i64, &'static str);

const OUTS: &[Out] = &[
    ("住民説明会で使うため", "中央公民館", 160, 1, "returned"),
    ("確定申告の相談会場で使うため", "市民会館", 60, 2, "returned"),
    ("出張窓口で使うため", "北支所", 9, 3, "out"),
    ("現地調査で使うため", "関守駅前", 3, 5, "out"),
    ("夜間納税相談で使うため", "南支所", 1, 4, "asked"),
    ("健康診査の受付で使うため", "保健センター", 0, 2, "asked"),
];

/// Take-outs of the residents' section, up to today.
pub(crate) async fn takeouts(city: &mut City) -> Result<()> {
    let (Some(staff), Some(head)) = (city.somebody("0301", 3), city.person("0301", 0)) else { return Ok(()) };
    let asset = first_asset(city, staff, "課内共有フォルダー").await?;
    for (index, (purpose, destination, days_ago, days, until)) in (0_i64..).zip(OUTS) {
        let (mut op, standing) = city.by(staff, city.at(*days_ago, -60 + index)).await?;
        let fields = json!({
            "asset": asset.to_string(), "how": "paper", "locked_case": true, "purpose": purpose, "destination": destination,
            "transport": "official_car", "carriers": [staff.to_string()], "out_on": city.ago(*days_ago).to_string(),
            "return_by": city.ago(days_ago - days).to_string(), "persons": 40,
        });
        let record = city.create(&mut op, &standing, "takeouts", fields).await?;
        let record = city.step(&mut op, &standing, &record, "submit", Json::Null, None).await?;
        op.commit().await?;
        if *until == "asked" {
            continue;
        }
        city.decide(&record, *days_ago).await?;
        let (mut op, standing) = city.by(staff, city.at(*days_ago, 500)).await?;
        let record = city.step(&mut op, &standing, &record, "take", Json::Null, None).await?;
        op.commit().await?;
        if *until == "returned" {
            let back = city.at(days_ago - days, 300);
            let (mut op, standing) = city.by(staff, back).await?;
            let returned = json!({"returned_on": back.day().to_string()});
            let record = city.step(&mut op, &standing, &record, "bring_back", returned, None).await?;
            op.commit().await?;
            let (mut op, standing) = city.by(head, city.at(days_ago - days, 360)).await?;
            city.step(&mut op, &standing, &record, "confirm", Json::Null, None).await?;
            op.commit().await?;
        }
    }
    Ok(())
}

/// Whoever works at a terminal of マイナンバー利用事務系 applies on paper; the section's 情報セキュリティ担当 enters it (代理入力).
pub(crate) async fn on_paper(city: &mut City) -> Result<()> {
    let (Some(clerk), Some(head)) = (city.person("0301", 2), city.person("0301", 0)) else { return Ok(()) };
    let Some(writer) = city.counter() else { return Ok(()) };
    let asset = first_asset(city, clerk, "課内共有フォルダー").await?;
    for (purpose, destination, days_ago, days) in
        [("出張交付の会場で使うため", "中央公民館", 20, 1), ("施設入所者の訪問で使うため", "特別養護老人ホーム", 2, 3)]
    {
        let (mut op, standing) = city.by(clerk, city.at(days_ago, 30)).await?;
        let written = format!(
            "情報資産持出し申請書\n\n目的　{purpose}\n持ち出す先　{destination}\n日付　{}",
            city.ago(days_ago + 1)
        );
        let scan = city.paper(&mut op, &standing, "持出し申請書（紙の写し）.txt", &written).await?;
        let scan = scan.parse().map_err(|_| Error::broken("the demo's scan has no id"))?;
        let paper = Paper { person: writer, dated: city.ago(days_ago + 1), scan };
        let fields = json!({
            "asset": asset.to_string(), "how": "paper", "locked_case": true, "purpose": purpose, "destination": destination,
            "transport": "official_car", "carriers": [writer.to_string()], "out_on": city.ago(days_ago).to_string(),
            "return_by": city.ago(days_ago - days).to_string(), "persons": 12,
        });
        let Json::Object(fields) = fields else { return Err(Error::broken("a take-out is no object")) };
        let register = ledger::records::register(&city.pack, "takeouts")?;
        let new = NewRecord { paper: Some(paper), fields, ..NewRecord::default() };
        let record = ledger::records::create(&mut op, &city.pack, Some(&standing), register, new).await?;
        let record = city.step(&mut op, &standing, &record, "submit", Json::Null, None).await?;
        op.commit().await?;
        if days_ago > days {
            city.decide(&record, days_ago).await?;
            let record = city.act(clerk, days_ago, &record, "take", Json::Null).await?;
            let returned = json!({"returned_on": city.ago(days_ago - days).to_string()});
            let record = city.act(clerk, days_ago - days, &record, "bring_back", returned).await?;
            city.act(head, days_ago - days, &record, "confirm", Json::Null).await?;
        }
    }
    Ok(())
}

async fn first_asset(city: &mut City, reader: Id, name: &str) -> Result<Id> {
    let (mut op, standing) = city.by(reader, city.at(0, 0)).await?;
    let register = ledger::records::register(&city.pack, "assets")?;
    let mut found = None;
    for record in ledger::records::all_stored(&mut op, &register.id).await? {
        if found.is_none() && record.name.contains(name) && Some(record.unit) == standing.home {
            found = Some(record.id);
        }
    }
    found.ok_or_else(|| Error::broken(format!("the demo has no asset '{name}'")))
}

/// The head of the tax collection section has been away since yesterday. The deputy decided in the head's place; the head is to
/// see it afterwards (後閲).
pub(crate) async fn absence(city: &mut City) -> Result<()> {
    let (Some(head), Some(deputy)) = (city.person("0303", 0), city.somebody("0303", 1)) else { return Ok(()) };
    let Some(clerk) = city.somebody("0303", 4).filter(|clerk| *clerk != deputy && deputy != head) else {
        return Ok(());
    };
    let asset = first_asset(city, clerk, "決裁文書").await?;
    let (mut op, standing) = city.by(clerk, city.at(1, -30)).await?;
    let fields = json!({
        "asset": asset.to_string(), "how": "paper", "locked_case": true, "purpose": "滞納整理の打合せで使うため", "destination": "北支所",
        "transport": "official_car", "carriers": [clerk.to_string()], "out_on": city.ago(1).to_string(),
        "return_by": city.ago(-2).to_string(), "persons": 12,
    });
    let asked = city.create(&mut op, &standing, "takeouts", fields).await?;
    let asked = city.step(&mut op, &standing, &asked, "submit", Json::Null, None).await?;
    op.commit().await?;
    let at = city.at(1, 0);
    let (mut op, _) = city.by(head, at).await?;
    let permit = own(&op, head, "set", "absence", head)?;
    absences::set(&mut op, permit, head, at, Some(city.at(-5, 0))).await?;
    op.commit().await?;
    // What the deputy is depends on the head being away: asked now, not remembered.
    let mut op = city.ledger.operation(Actor::Person(deputy), city.at(1, 120)).await?;
    let standing = Standing::of(&mut op, &city.pack, deputy).await?;
    let register = ledger::records::register(&city.pack, "takeouts")?;
    decisions::agree(&mut op, &city.pack, &standing, register, asked.id, decisions::Answer::default()).await?;
    op.commit().await.map(|_| ())
}
