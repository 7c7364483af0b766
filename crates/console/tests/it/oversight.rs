//! What auditors look at first: decisions beside the ordinary course, entries for others, administrators' acts; and how things
//! stood on a past day.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use assurance::Evaluator;
use axum::http::{StatusCode, header};
use ledger::people::accounts;
use ledger::records::{self, NewRecord, Paper};
use ledger::{Actor, Id, Moment, files, journal, permission};
use serde_json::{Map, Value as Json, json};

use crate::audits;
use crate::city::{ASSET, Browser, City, NOW, number, version};

const DAY: i64 = 86_400_000;

async fn person(city: &City, login: &str) -> Id {
    let mut reading = city.ledger.reading(Actor::Machine("test"), Moment(NOW)).await.unwrap();
    accounts::by_login(&mut reading, login).await.unwrap().unwrap().person
}

/// Agrees to a record, as the page of the record offers it.
async fn agrees(city: &City, login: &str, at: &str) {
    let mut decider = city.signed_in(login).await;
    let seen = version(&decider.get(at).await.body);
    let answer = decider.post(&format!("{at}/do/approve"), &[("version", &seen)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{login}: {}", answer.body);
}

/// Asks for a take-out of an asset as staff.
async fn takeout(city: &City, asset: &str) -> String {
    let mut staff = city.signed_in("staff").await;
    let fields = [
        ("asset", asset),
        ("how", "paper"),
        ("purpose", "東支所の窓口で照合するため"),
        ("destination", "東支所"),
        ("transport", "official_car"),
        ("carriers", "髙橋直"),
        ("out_on", "2026-11-24"),
        ("return_by", "2026-11-27"),
        ("then", "submit"),
    ];
    staff.makes("takeouts", &fields).await
}

/// A record that somebody else enters from paper for staff.
async fn entered(city: &City, register: &str, name: &str, fields: Json) -> Id {
    let staff = person(city, "staff").await;
    let unit = city.unit(name).await;
    audits::post(city, "10012", "section_security_staff", city.unit("市民課").await, "2026-04-01", None).await;
    let mut op = city.ledger.operation(Actor::Person(person(city, "shomu").await), Moment(NOW)).await.unwrap();
    let register = city.pack.register(register).unwrap();
    let Json::Object(fields) = fields else { panic!("fields") };
    let standing = ledger::people::Standing::of(&mut op, &city.pack, person(city, "shomu").await).await.unwrap();
    let permit = permission::attach(&op, Some(&standing)).unwrap();
    let scan = files::add(&mut op, permit, "様式.pdf", "application/pdf", &b"%PDF"[..]).await.unwrap().id;
    let paper = Paper { person: staff, dated: "2026-11-20".parse().unwrap(), scan };
    let new = NewRecord { unit: Some(unit), paper: Some(paper), fields };
    let made = records::create(&mut op, &city.pack, Some(&standing), register, new).await.unwrap();
    op.commit().await.unwrap();
    made.id
}

async fn looks(browser: &mut Browser<'_>, way: &str) -> String {
    let answer = browser.get(&format!("/oversight?way={way}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.body
}

#[tokio::test]
async fn decisions_of_substitutes_and_higher_ranks_are_listed_with_what_became_of_them() {
    let city = City::new().await;
    let desk = city.unit("市民課").await;
    audits::post(&city, "10023", "section_deputy", desk, "2026-04-01", None).await;
    let mut head = city.signed_in("head").await;
    let asset = head.makes("assets", &[ASSET, &[("then", "register")]].concat()).await;
    let asset = number(&head.get(&asset).await.body);
    let (by_deputy, by_chief) = (takeout(&city, &asset).await, takeout(&city, &asset).await);
    agrees(&city, "chief", &by_chief).await;
    head.post("/absence", &[("to", "2026-11-30")]).await;
    agrees(&city, "member", &by_deputy).await;

    let mut auditor = city.signed_in("auditor").await;
    let page = looks(&mut auditor, "deputy").await;
    assert!(page.contains("令和8年度持出第1号") && !page.contains("令和8年度持出第2号"), "{page}");
    assert!(page.contains("委員 結") && page.contains("佐藤 恵") && page.contains("後閲待ち"), "{page}");
    let page = looks(&mut auditor, "escalated").await;
    assert!(page.contains("令和8年度持出第2号") && !page.contains("令和8年度持出第1号"), "{page}");
    assert!(page.contains("中村 直美"), "{page}");

    let inbox = head.get("/inbox").await.body;
    let task = inbox.split("name=\"task\" value=\"").find(|part| part.contains("countersign")).unwrap();
    let task = task.split('"').next().unwrap();
    head.post("/inbox/read", &[("task", task), ("kind", "countersign")]).await;
    let page = looks(&mut auditor, "deputy").await;
    assert!(!page.contains("後閲待ち") && page.contains("11月22日"), "{page}");
    // Other days have none, and say what to do.
    let page = auditor.get("/oversight?way=deputy&from=2026-04-01&to=2026-04-30").await.body;
    assert!(page.contains("この期間にはありません") && page.contains("期間を変えると"), "{page}");
}

#[tokio::test]
async fn granted_exceptions_entries_for_others_and_administrators_acts_are_listed() {
    let city = City::new().await;
    let exception = [
        ("rule", "対策基準6.4(1)　支援の終わったソフトウェア"),
        ("control", "servers-maintained"),
        ("reason", "更新に時間が要る"),
        ("risk", "脆弱性が残る"),
        ("alternative", "通信を限る"),
        ("urgency", "ordinary"),
        ("starts_on", "2026-11-22"),
        ("ends_on", "2027-03-31"),
        ("reviewed_on", "2026-11-22"),
        ("then", "submit"),
    ];
    let granted = city.signed_in("head").await.makes("exceptions", &exception).await;
    for login in ["chief", "ciso"] {
        agrees(&city, login, &granted).await;
    }
    let refused = city.signed_in("head").await.makes("exceptions", &exception).await;
    let mut chief = city.signed_in("chief").await;
    let seen = version(&chief.get(&refused).await.body);
    let fields = [("version", seen.as_str()), ("reason", "代わりの対策が足りない")];
    assert_eq!(chief.post(&format!("{refused}/do/refuse"), &fields).await.status, StatusCode::SEE_OTHER);
    let area = {
        let mut op = city.ledger.operation(Actor::Operator("test".into()), Moment(NOW)).await.unwrap();
        let register = city.pack.register("managed-areas").unwrap();
        let keeper = person(&city, "system").await.to_string();
        let fields = json!({ "name": "サーバー室", "manager": keeper, "permitted": [keeper] });
        let Json::Object(fields) = fields else { unreachable!() };
        let unit = city.unit("情報政策課").await;
        let new = NewRecord { unit: Some(unit), paper: None, fields: filled(register, fields) };
        let made = records::create(&mut op, &city.pack, None, register, new).await.unwrap();
        op.commit().await.unwrap();
        made.id
    };
    let escort = person(&city, "staff").await;
    let visit = json!({
        "area": area.to_string(), "visited_on": "2026-11-20", "kind": "visit", "visitor": "関守電設（架空）", "purpose": "点検",
        "escort": escort.to_string(),
    });
    entered(&city, "area-entries", "市民課", visit).await;
    let mut sysadmin = city.signed_in("sysadmin").await;
    let added = [("act", "add"), ("code", "10023"), ("login", "member2")];
    assert_eq!(sysadmin.post("/settings/accounts", &added).await.status, StatusCode::OK);

    for login in ["auditor", "kansa"] {
        let mut browser = city.signed_in(login).await;
        let page = looks(&mut browser, "override").await;
        assert!(page.contains("令和8年度例外第1号") && !page.contains("令和8年度例外第2号"), "{login}: {page}");
        assert!(page.contains("特例承認（例外措置） 1件") && page.contains("代理入力 1件"), "{login}: {page}");
        let page = looks(&mut browser, "entered-for").await;
        assert!(
            page.contains("関守電設（架空）") && page.contains("髙橋 直") && page.contains("庶務 花"),
            "{login}: {page}"
        );
        let page = looks(&mut browser, "administrator").await;
        assert!(
            page.contains("原 涼") && page.contains("アカウント") && page.contains("サーバーの操作"),
            "{login}: {page}"
        );
        assert!(!page.contains("佐藤 恵"), "{login}: what others did is not there: {page}");
    }
    // Who may not see the record sees that it was done, and not to what.
    let page = looks(&mut city.signed_in("ciso").await, "entered-for").await;
    assert!(page.contains("（閲覧できない記録）") && !page.contains("関守電設"), "{page}");
    for login in ["staff", "head", "system", "sysadmin", "vendor", "personnel"] {
        let mut browser = city.signed_in(login).await;
        for path in ["/oversight", "/oversight?way=deputy", "/as-of", "/registers/assets/as-of"] {
            assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND, "{login} {path}");
        }
        assert!(!browser.get("/place/audits").await.body.contains("/oversight"), "{login} is not led there");
    }
}

/// What a register demands beside what is given, as short as it goes.
fn filled(register: &pack::model::Register, mut fields: Map<String, Json>) -> Map<String, Json> {
    use pack::model::FieldType;
    for field in register.fields.iter().filter(|field| !field.optional) {
        let value = match &field.ty {
            FieldType::Text | FieldType::Long => json!("あり"),
            FieldType::Choice(choices) => json!(choices[0].id),
            FieldType::Date => json!("2026-11-20"),
            FieldType::Int => json!(1),
            FieldType::Bool => json!(true),
            _ => continue,
        };
        fields.entry(field.id.clone()).or_insert(value);
    }
    fields
}

#[tokio::test]
async fn the_list_leaves_as_a_file_with_its_entry() {
    let city = City::new().await;
    let mut auditor = city.signed_in("auditor").await;
    let taken = auditor.get("/oversight?way=administrator&form=csv").await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.body);
    assert!(taken.headers[header::CONTENT_DISPOSITION].to_str().unwrap().contains("administrator-2026-11-22.csv"));
    assert!(taken.body.contains("操作記録,日時,だれが") && taken.body.contains("サーバーの操作"), "{}", taken.body);
    let mut reading = city.ledger.reading(Actor::Machine("test"), Moment(NOW)).await.unwrap();
    let last = journal::last(&mut reading).await.unwrap();
    let entries = journal::entries(&mut reading, journal::About::Everything, last - 1, 10).await.unwrap();
    assert_eq!((entries[0].act.as_str(), entries[0].kind.as_str()), ("export", "oversight"));
    assert_eq!(entries[0].note["sha256"], journal::entry::hex(&exchange::sha256(&taken.bytes)));
    reading.end().await.unwrap();
    assert!(auditor.get("/journal").await.body.contains("特例・代決などの一覧"));
    for (asked, says) in [
        ("from=yesterday", "「yesterday」は日付として読めません"),
        ("from=2026-11-22&to=2026-11-21", "終わりの日は、始めの日以後に"),
    ] {
        let page = auditor.get(&format!("/oversight?{asked}")).await.body;
        assert!(page.contains(says), "{asked}: {page}");
    }
    assert_eq!(auditor.get("/oversight?way=nothing").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_register_and_the_compliance_are_shown_as_they_stood_on_a_day() {
    let city = City::new().await;
    let mut head = city.signed_in("head").await;
    let at = head.makes("assets", &[ASSET, &[("then", "register")]].concat()).await;
    Evaluator::start(&city.ledger, Arc::clone(&city.pack), Moment(NOW)).await.unwrap();
    city.now.fetch_add(3 * DAY, Ordering::SeqCst);
    let later = Moment(city.now.load(Ordering::SeqCst));
    let mut head = city.signed_in("head").await;
    let seen = version(&head.get(&format!("{at}/edit")).await.body);
    let mut changed = ASSET.to_vec();
    changed.retain(|(name, _)| !matches!(*name, "place" | "name"));
    changed.extend([("name", "住民異動届の一覧"), ("place", "地下書庫"), ("version", seen.as_str())]);
    assert_eq!(head.post(&format!("{at}/edit"), &changed).await.location, at);
    Evaluator::start(&city.ledger, Arc::clone(&city.pack), later).await.unwrap();

    let mut auditor = city.signed_in("auditor").await;
    let then = auditor.get("/registers/assets/as-of?on=2026-11-22").await.body;
    assert!(then.contains("住民異動届一覧") && !then.contains("住民異動届の一覧"), "{then}");
    assert!(then.contains("この後に変更あり") && then.contains("令和8年11月22日"), "{then}");
    let now = auditor.get("/registers/assets/as-of?on=2026-11-25").await.body;
    assert!(now.contains("住民異動届の一覧") && !now.contains("この後に変更あり"), "{now}");
    let before = auditor.get("/registers/assets/as-of?on=2026-11-21").await.body;
    assert!(before.contains("その日までの記録はありません"), "{before}");

    let page = auditor.get("/as-of?on=2026-11-22").await.body;
    assert!(page.contains("/registers/assets/as-of?on=2026-11-22") && page.contains("令和8年11月22日"), "{page}");
    assert!(page.contains("/compliance?on=2026-11-22"), "{page}");
    let page = auditor.get("/as-of?on=2026-11-01").await.body;
    assert!(page.contains("その日までの判定がありません") && !page.contains("/registers/assets/as-of"), "{page}");
    assert!(page.contains("その日までの判定がないため、示せません") && !page.contains("ありません。</p>"), "{page}");
    let page = auditor.get("/compliance/findings?on=2026-11-01").await.body;
    assert!(page.contains("判定がまだないため、示せません") && !page.contains("要改善事項はありません"), "{page}");
    let page = auditor.get("/compliance?on=2026-11-22").await.body;
    assert!(page.contains("令和8年11月22日（日）の終わりの状態です"), "{page}");
    let page = auditor.get("/compliance/findings?on=2026-11-22").await.body;
    assert!(page.contains("令和8年11月22日（日）の終わりに残っていたものです"), "{page}");
    for (asked, says) in [("2027-01-01", "まだ来ていない日"), ("x", "「x」は日付として読めません")]
    {
        let page = auditor.get(&format!("/as-of?on={asked}")).await.body;
        assert!(page.contains(says), "{asked}: {page}");
    }
    assert_eq!(auditor.get("/compliance?on=2027-01-01").await.status, StatusCode::UNPROCESSABLE_ENTITY);
}
