//! Evidence for auditors: what is in it, who takes it, what it leaves in the journal, and that it agrees with itself.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use assurance::Evaluator;
use axum::http::{StatusCode, header};
use exchange::evidence::{Wrong, verify};
use ledger::attestations::{self, Report};
use ledger::people::{Standing, accounts};
use ledger::{Actor, Moment, files, journal, permission};

use crate::audits;
use crate::city::{ASSET, Answer, Browser, City, NOW, number};

/// A duty that every section's head reports.
const REPORTED: &str = "leavers-returned";

/// Two assets of 市民課, one of the highest class, and a report with its file.
async fn recorded(city: &City) {
    let mut head = city.signed_in("head").await;
    for (name, class) in [("住民異動届", "2"), ("相談の記録", "3A")] {
        let fields = [&[("name", name), ("confidentiality", class), ("then", "register")], ASSET].concat();
        head.makes("assets", &fields).await;
    }
    let desk = city.unit("市民課").await;
    let mut op = city.ledger.operation(Actor::Machine("test"), Moment(NOW)).await.unwrap();
    let person = accounts::by_login(&mut op, "head").await.unwrap().unwrap().person;
    drop(op);
    let mut op = city.ledger.operation(Actor::Person(person), Moment(NOW)).await.unwrap();
    let standing = Standing::of(&mut op, &city.pack, person).await.unwrap();
    let permit = permission::attach(&op, Some(&standing)).unwrap();
    let file = files::add(&mut op, permit, "返却/一覧.txt", "text/plain", &b"evidence"[..]).await.unwrap().id;
    let control = city.pack.control(REPORTED).unwrap();
    let permit = permission::attest(&mut op, &standing, control, Some(desk)).await.unwrap();
    let (subject, on, note) = (format!("unit:{desk}"), "2026-11-20".parse().unwrap(), "確かめた".to_owned());
    attestations::attest(&mut op, permit, Report { control, subject, on, note, file: Some(file) }).await.unwrap();
    op.commit().await.unwrap();
    Evaluator::start(&city.ledger, Arc::clone(&city.pack), Moment(NOW)).await.unwrap();
}

async fn take(browser: &mut Browser<'_>, fields: &[(&str, &str)]) -> Answer {
    let days = [("from", "2026-04-01"), ("to", "2026-11-22")];
    browser.post("/evidence", &[&days, fields].concat()).await
}

/// The files of a stored zip with the places of their bytes, read by another way than the product's own.
fn places(bytes: &[u8]) -> BTreeMap<String, Range<usize>> {
    let mut files = BTreeMap::new();
    let mut at = 0;
    while bytes[at..].starts_with(b"PK\x03\x04") {
        let number =
            |from: usize, to: usize| bytes[at + from..at + to].iter().rev().fold(0, |n, b| n << 8 | usize::from(*b));
        let (size, name, extra) = (number(18, 22), number(26, 28), number(28, 30));
        let begin = at + 30 + name + extra;
        files.insert(String::from_utf8(bytes[at + 30..at + 30 + name].to_vec()).unwrap(), begin..begin + size);
        at = begin + size;
    }
    files
}

fn unpacked(bytes: &[u8]) -> BTreeMap<String, String> {
    let text = |place: Range<usize>| String::from_utf8(bytes[place].to_vec()).unwrap();
    places(bytes).into_iter().map(|(name, place)| (name, text(place))).collect()
}

#[tokio::test]
async fn evidence_holds_versions_reports_and_files_and_leaves_its_entry() {
    let city = City::new().await;
    recorded(&city).await;
    let mut auditor = city.signed_in("auditor").await;
    let page = auditor.get(&format!("/compliance/controls/{REPORTED}")).await.body;
    assert!(page.contains(&format!("/evidence?control={REPORTED}")), "{page}");
    let page = auditor.get(&format!("/evidence?control={REPORTED}")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains(REPORTED) && page.body.contains("2026-04-01"), "{}", page.body);
    let asked = [("control", "leavers-returned assets-reviewed-yearly")];
    let taken = take(&mut auditor, &asked).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.body);
    assert_eq!(taken.headers[header::CONTENT_TYPE], "application/zip");
    let files = unpacked(&taken.bytes);
    let assets = &files["records/assets.csv"];
    assert!(assets.contains("住民異動届") && assets.contains("相談の記録"), "{assets}");
    assert!(assets.contains("下書き") && assets.lines().count() == 5, "every version: {assets}");
    assert!(files["reports.csv"].contains("確かめた") && files["reports.csv"].contains("市民課"), "{files:?}");
    let attached = files.keys().find(|name| name.starts_with("files/")).expect("the attached file");
    assert!(attached.ends_with("_返却_一覧.txt") && files[attached] == "evidence", "no folder of its own: {attached}");
    assert!(files["README.txt"].contains("判定の時点　　："), "{files:?}");
    assert!(files["files.csv"].contains("入っています"), "{files:?}");
    assert!(files["README.txt"].contains("架空のデータ") && files["README.txt"].contains("記録2件"), "{files:?}");
    let checked = verify(&taken.bytes, None).unwrap();
    assert_eq!((checked.problems, checked.journal.problems), (vec![], vec![]));
    assert!(checked.journal.rows >= 8 && checked.journal.withheld > 0, "rows of records, versions, file and report");

    // What left is in the journal by its hash, with what it showed; the page says so.
    let mut reading = city.ledger.reading(Actor::Machine("test"), Moment(NOW)).await.unwrap();
    let last = journal::last(&mut reading).await.unwrap();
    let entries = journal::entries(&mut reading, journal::About::Everything, last - 2, 10).await.unwrap();
    let [left, shown] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!((left.act.as_str(), left.kind.as_str()), ("export", "evidence"));
    assert_eq!(left.note["sha256"], journal::entry::hex(&exchange::sha256(&taken.bytes)));
    assert_eq!(left.note["control"], "leavers-returned assets-reviewed-yearly");
    assert_eq!((shown.act.as_str(), shown.kind.as_str(), &shown.note["count"]), ("list", "assets", &2.into()));
    reading.end().await.unwrap();
    assert!(auditor.get("/journal").await.body.contains("証跡"));

    // The same question makes the same files; only the journal has grown.
    let again = unpacked(&take(&mut auditor, &asked).await.bytes);
    let grown = |name: &&String| !name.starts_with("journal/") && *name != "SHA256SUMS";
    let same: Vec<_> = files.keys().filter(grown).filter(|name| files[*name] != again[*name]).collect();
    assert_eq!(same, Vec::<&String>::new());
}

#[tokio::test]
async fn any_changed_byte_of_evidence_is_named() {
    let city = City::new().await;
    recorded(&city).await;
    let mut auditor = city.signed_in("auditor").await;
    let bytes = take(&mut auditor, &[("control", "leavers-returned assets-reviewed-yearly")]).await.bytes;
    let files = unpacked(&bytes);
    for (name, place) in places(&bytes).into_iter().filter(|(_, place)| !place.is_empty()) {
        for at in [place.start, place.start + place.len() / 2, place.end - 1] {
            let mut forged = bytes.clone();
            forged[at] ^= 1;
            let problems = verify(&forged, None).unwrap().problems;
            let named = problems.iter().any(|(wrong, _)| *wrong == name);
            assert!(named || name == "SHA256SUMS" && !problems.is_empty(), "{name} at {at}: {problems:?}");
        }
    }
    // Somebody who makes the sums anew as well is given away by the journal.
    let forged = repacked(&files, |name, text| match name {
        "journal/rows.jsonl" => text.replace("住民異動届", "住民異動表"),
        _ => text.to_owned(),
    });
    let checked = verify(&forged, None).unwrap();
    assert_eq!(checked.problems, []);
    assert!(!checked.journal.problems.is_empty(), "the rows are not those of the entries");
    let forged =
        repacked(&files, |name, text| if name.starts_with("files/") { "other".into() } else { text.to_owned() });
    let problems = verify(&forged, None).unwrap().problems;
    assert!(
        matches!(problems.as_slice(), [(name, Wrong::NotAsRecorded)] if name.starts_with("files/")),
        "{problems:?}"
    );
    assert!(verify(b"PK\x03\x04", None).is_err() && verify(&bytes[..100], None).is_err());
}

/// The zip made anew, with sums that fit.
fn repacked(files: &BTreeMap<String, String>, change: impl Fn(&str, &str) -> String) -> Vec<u8> {
    let mut changed: Vec<(&str, String)> = files
        .iter()
        .filter(|(name, _)| *name != "SHA256SUMS")
        .map(|(name, text)| (name.as_str(), change(name, text)))
        .collect();
    let sum = |text: &str| journal::entry::hex(&exchange::sha256(text.as_bytes()));
    let sums: String = changed.iter().map(|(name, text)| format!("{}  {name}\n", sum(text))).collect();
    changed.push(("SHA256SUMS", sums));
    exchange::evidence::pack(&changed.iter().map(|(name, text)| (*name, text.as_bytes())).collect::<Vec<_>>()).unwrap()
}

#[tokio::test]
async fn evidence_is_for_those_who_judge_and_holds_what_they_see() {
    let city = City::new().await;
    recorded(&city).await;
    for login in ["staff", "head", "taxer", "system", "sysadmin", "vendor", "personnel"] {
        let mut browser = city.signed_in(login).await;
        assert_eq!(browser.get("/evidence").await.status, StatusCode::NOT_FOUND, "{login}");
        let taken = take(&mut browser, &[("control", REPORTED)]).await;
        assert_eq!(taken.status, StatusCode::NOT_FOUND, "{login}");
        let page = browser.get("/documents/standard/ownership").await.body;
        assert!(!page.contains("/evidence"), "{login} is not led there");
    }
    for login in ["auditor", "kansa", "ciso", "chief", "admin"] {
        let mut browser = city.signed_in(login).await;
        assert_eq!(browser.get("/evidence").await.status, StatusCode::OK, "{login}");
        let page = browser.get("/documents/standard/ownership").await.body;
        assert!(page.contains("/evidence?clause=standard%23ownership"), "{login}: {page}");
        assert_eq!(take(&mut browser, &[("control", REPORTED)]).await.status, StatusCode::OK, "{login}");
    }

    // Working papers of an audit are the auditors'; the secretariat gets the rest, and the number of what it does not get.
    let mut kansa = city.signed_in("kansa").await;
    let desk = city.unit("市民課").await;
    let made = audits::audit(&mut kansa, desk, &[]).await;
    let number = number(&kansa.get(&made).await.body);
    let item = [("title", "置き場所"), ("audit", number.as_str()), ("control", "assets-reviewed-yearly")];
    kansa.makes("audit-items", &item).await;
    let asked = [("audit", made.rsplit('/').next().unwrap())];
    let whole = unpacked(&take(&mut kansa, &asked).await.bytes);
    assert!(whole.contains_key("records/audit-items.csv") && whole["README.txt"].contains(&number), "{whole:?}");
    let mut ciso = city.signed_in("ciso").await;
    let mut sees = unpacked(&take(&mut ciso, &asked).await.bytes);
    assert!(sees.contains_key("records/audit-items.csv"), "{sees:?}");
    let mut admin = city.signed_in("admin").await;
    let answer = take(&mut admin, &asked).await;
    if answer.status == StatusCode::OK {
        sees = unpacked(&answer.bytes);
        assert!(!sees.contains_key("records/audit-items.csv"), "{sees:?}");
        assert!(sees["README.txt"].contains("表示されない記録1件"), "{}", sees["README.txt"]);
    } else {
        assert!(answer.body.contains("その監査は見つかりません"), "{}", answer.body);
    }

    // Closed text stays closed.
    let closed = take(&mut kansa, &[("clause", "procedure-transfer#settings")]).await;
    let text = &unpacked(&closed.bytes)["clauses.md"];
    assert!(text.contains("（非公開：境目の機器の情報は、攻撃の手掛かりになるため）"), "{text}");
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_said_in_words() {
    let city = City::new().await;
    let mut auditor = city.signed_in("auditor").await;
    for (fields, says) in [
        (vec![("clause", "standard#nothing")], "「standard#nothing」という定めはありません"),
        (vec![("control", "nothing")], "「nothing」という遵守項目はありません"),
        (vec![("audit", "01900000-0000-7000-8000-000000000000")], "その監査は見つかりません"),
        (vec![("unit", "x")], "所属と監査は、一覧から選んでください"),
    ] {
        let answer = take(&mut auditor, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(says), "{says}: {}", answer.body);
    }
    for (from, to, says) in [("x", "2026-11-22", "始めの日を"), ("2026-11-22", "2026-11-21", "始めの日以後")]
    {
        let answer = auditor.post("/evidence", &[("from", from), ("to", to)]).await;
        assert!(answer.body.contains(says), "{says}: {}", answer.body);
    }
}
