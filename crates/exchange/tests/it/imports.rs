//! What an import refuses, and where it says so.

use exchange::{Became, Import, NoAttachments, Report};
use ledger::people::Standing;
use ledger::records;
use ledger::{Actor, Operation};
use pack::Pack;

use crate::city::{City, NOON, city, operator, sodegaura};

async fn import(op: &mut Operation, pack: &Pack, standing: Option<&Standing>, register: &str, csv: &str) -> Report {
    let register = pack.register(register).unwrap();
    let import = Import { pack, standing, register, attachments: &NoAttachments };
    exchange::import(op, &import, &tables::read(csv.as_bytes()).unwrap()).await.unwrap()
}

async fn manager(city: &City, pack: &Pack) -> (Operation, Standing) {
    let mut op = city.ledger.operation(Actor::Person(city.people[0]), NOON).await.unwrap();
    let standing = Standing::of(&mut op, pack, city.people[0]).await.unwrap();
    (op, standing)
}

/// A table of a register with these field ids as headings.
fn table(rows: &[&str]) -> String {
    rows.join("\r\n")
}

#[tokio::test]
async fn an_unknown_heading_is_named_with_those_that_there_are() {
    let (pack, city) = (sodegaura(), city(1).await);
    let mut op = operator(&city.ledger).await;
    let report = import(&mut op, &pack, None, "assets", "名称,機密\r\nx,2").await;
    let places: Vec<String> = report.refusals.iter().map(|refusal| refusal.at.to_string()).collect();
    assert_eq!(places, ["A1", "B1"]);
    assert!(report.refusals[0].message.ja.contains("情報資産の名称"), "{:?}", report.refusals[0]);
}

#[tokio::test]
async fn every_wrong_cell_is_named_and_a_person_walks_the_lifecycle() {
    let (pack, city) = (sodegaura(), city(1).await);
    let head = "name,kind,confidentiality,integrity,availability,personal,origin,place,retention,persons,state";
    let good = "起案文書,paper,2,2,1,none,made,書庫,five,,";
    let (mut op, standing) = manager(&city, &pack).await;
    let wrong = table(&[
        head,
        "起案,紙切れ,9Z,2,1,none,made,書庫,five,多数,",
        good,
        "起案二,paper,2,2,1,none,made,書庫,five,,廃棄済み",
    ]);
    let report = import(&mut op, &pack, Some(&standing), "assets", &wrong).await;
    let places: Vec<String> = report.refusals.iter().map(|refusal| refusal.at.to_string()).collect();
    assert_eq!(places, ["B2", "C2", "J2", "K4"], "{:?}", report.refusals);
    assert_eq!((report.count(Became::New), report.count(Became::Refused)), (1, 2));
    drop(op);

    let (mut op, standing) = manager(&city, &pack).await;
    assert!(records::all_stored(&mut op, "assets").await.unwrap().is_empty(), "a refused import leaves nothing");
    let report = import(&mut op, &pack, Some(&standing), "assets", &table(&[head, good])).await;
    assert!(report.accepted(), "{:?}", report.refusals);
    let record = records::all_stored(&mut op, "assets").await.unwrap().remove(0);
    assert_eq!(record.state, pack.register("assets").unwrap().lifecycle.initial);
    op.commit().await.unwrap();

    // The same row with its number is a change of its own cells; with nothing new it is none.
    let (mut op, standing) = manager(&city, &pack).await;
    let again = format!(
        "番号,name,place\r\n{n},起案文書,別の書庫\r\n資産第999号,x,y\r\n{n},起案文書,三つ目",
        n = record.number
    );
    let report = import(&mut op, &pack, Some(&standing), "assets", &again).await;
    let became: Vec<Became> = report.lines.iter().map(|line| line.became).collect();
    assert_eq!(became, [Became::Changed, Became::Refused, Became::Refused]);
    assert_eq!(report.refusals.iter().map(|r| r.at.to_string()).collect::<Vec<_>>(), ["A3", "A4"]);
}

#[tokio::test]
async fn who_may_not_create_imports_nothing() {
    let (pack, city) = (sodegaura(), city(1).await);
    let mut op = city.ledger.operation(Actor::Person(city.people[1]), NOON).await.unwrap();
    let standing = Standing::of(&mut op, &pack, city.people[1]).await.unwrap();
    let report = import(&mut op, &pack, Some(&standing), "flows", "title\r\n特定通信\r\n").await;
    assert_eq!(report.refusals.len(), 1, "{:?}", report.refusals);
    assert!(report.refusals[0].message.ja.contains("役割がありません"));
    assert_eq!(report.refusals[0].at.to_string(), "A2");
}
