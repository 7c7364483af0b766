//! Data sources: the shipped samples, and what is refused.

use ledger::facts::{self, Delivery};
use tables::Encoding;

use crate::city::{city, operator, root, sodegaura};

/// The sample of a source as it lies in docs/sources.
fn sample(id: &str) -> Vec<u8> {
    let path = root().join("docs/sources").join(format!("{id}.csv"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[tokio::test]
async fn the_sample_of_every_source_imports_without_error() {
    let (pack, city) = (sodegaura(), city(1).await);
    let mut op = operator(&city.ledger).await;
    assert_eq!(pack.sources.len(), 17);
    for source in &pack.sources {
        let bytes = sample(&source.id);
        let table = tables::read(&bytes).unwrap();
        let as_of = op.today();
        let delivery = Delivery { file_name: format!("{}.csv", source.id), sha256: exchange::sha256(&bytes), as_of };
        let report = exchange::import_source(&mut op, &pack, None, source, delivery, &table).await.unwrap();
        assert!(report.accepted(), "{}: {:?}", source.id, report.refusals);
        let (import, rows) = facts::current(&mut op, &source.id).await.unwrap().unwrap();
        assert_eq!(import.sha256, exchange::sha256(&bytes));
        assert!(!rows.is_empty(), "{} has an empty sample", source.id);
        // What is recorded writes the same file again.
        let again = tables::csv::write(&exchange::template(source, &rows), Encoding::Utf8).unwrap();
        assert_eq!(String::from_utf8(again).unwrap(), String::from_utf8(bytes).unwrap(), "{}", source.id);
    }
}

#[test]
fn the_page_of_data_sources_says_what_the_pack_says() {
    let pack = sodegaura();
    let page = exchange::page_of_sources(&pack);
    let path = root().join("docs/sources/README.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), page, "run with UPDATE_DOCS=1 to write it anew");
}

#[tokio::test]
async fn wrong_cells_of_a_source_are_named() {
    let (pack, city) = (sodegaura(), city(1).await);
    let mut op = operator(&city.ledger).await;
    let source = pack.source("antimalware").unwrap();
    let csv = "端末名,常駐,定義の日付,全体の点検日,支援期間内,単独端末\r\nA,○,令和8年11月22日,46348,はい,0\r\nA,多分,2026-13-01,,1,0\r\n,1,,,1,0\r\n";
    let table = tables::read(csv.as_bytes()).unwrap();
    let as_of = op.today();
    let delivery = Delivery { file_name: "a.csv".to_owned(), sha256: vec![1; 32], as_of };
    let report = exchange::import_source(&mut op, &pack, None, source, delivery.clone(), &table).await.unwrap();
    let places: Vec<String> = report.refusals.iter().map(|refusal| refusal.at.to_string()).collect();
    assert_eq!(places, ["A3", "B3", "C3", "A4"]);
    assert!(facts::current(&mut op, "antimalware").await.unwrap().is_none());
    let short = tables::read("端末名,常駐\r\nA,1\r\n".as_bytes()).unwrap();
    let report = exchange::import_source(&mut op, &pack, None, source, delivery, &short).await.unwrap();
    assert!(report.refusals.iter().any(|r| r.message.ja.contains("支援期間内")), "{:?}", report.refusals);
}
