//! A store that is filled in one go, such as a made-up city.

use std::sync::Arc;

use ledger::records::{self, Query};
use ledger::{Ledger, SystemEntropy};
use serde_json::json;

use crate::city::{NOON, operator};
use crate::engines::building;
use crate::journal::verdict;
use crate::records::Section;

/// Filled through the same operations, it opens like any other: its journal verifies, what is in it is found, what was dropped is
/// not there, and it is written on with numbers that follow.
#[tokio::test]
async fn a_store_filled_in_one_go_is_like_any_other() {
    let fresh = building().await;
    let mut city = Section::new(&fresh).await;
    for name in ["情報資産台帳", "端末の台帳"] {
        city.create(city.clerk, "assets", json!({"name": name})).await.unwrap();
    }
    drop(operator(&fresh.ledger).await);
    let (mut op, standing) = city.by(city.clerk).await;
    let register = city.pack.register("assets").unwrap();
    let dropped = records::NewRecord {
        fields: crate::city::fields(json!({"name": "書きかけの台帳"})),
        ..Default::default()
    };
    records::create(&mut op, &city.pack, Some(&standing), register, dropped).await.unwrap();
    drop(op);
    fresh.ledger.built(NOON).await.unwrap();

    city.ledger = Ledger::open(&fresh.location, Arc::new(SystemEntropy)).await.unwrap();
    assert_eq!(verdict(&city.ledger).await.problems, []);
    let named = Query { search: "台帳".to_owned(), ..Query::default() };
    assert_eq!(city.names(city.clerk, "assets", named.clone()).await.len(), 2);
    let new = city.create(city.clerk, "assets", json!({"name": "三つ目の台帳"})).await.unwrap();
    assert_eq!(new.number, "資産第3号");
    assert_eq!(city.names(city.clerk, "assets", named).await.len(), 3);
    assert_eq!(verdict(&city.ledger).await.problems, []);
}
