//! 機構改革: units end and are succeeded, records go on, decisions address roles and so move by themselves; and the rows of
//! data sources.

use ledger::journal::verify;
use ledger::people::{Standing, units};
use ledger::permission::{Office, office};
use ledger::records::{self, Query};
use ledger::{Actor, Moment, facts};
use pack::model::{DataSource, Field, FieldType, Period, Site, Term, TermScope};
use serde_json::json;

use crate::city::{NOON, add_person, add_unit, day, fields, give, operator, text};
use crate::engines::on_both_engines;
use crate::records::Section;

on_both_engines! {
    /// The successor's posts see the records of the unit that ended from that day on, and not before; a record moved to
    /// another unit is seen there.
    async fn a_successor_takes_over_from_its_day(fresh: Fresh) {
        let city = Section::new(&fresh).await;
        let record = city.create(city.clerk, "assets", json!({"name": "庶務台帳"})).await.unwrap();
        let mut op = operator(&fresh.ledger).await;
        let new = add_unit(&mut op, "総務企画課", None, "2027-04-01").await;
        let chief = add_person(&mut op, "新課長", "full_time", new).await;
        give(&mut op, chief, "section_manager", new, "2027-04-01", None).await;
        let permit = office(&op, None, Office::People, "close", "unit", city.unit).unwrap();
        units::close(&mut op, permit, city.unit, day("2027-04-01"), &[new]).await.unwrap();
        assert_eq!(units::successors(&mut op, city.unit).await.unwrap(), [new]);
        op.commit().await.unwrap();
        let seen = async |at: Moment| {
            let mut op = fresh.ledger.operation(Actor::Person(chief), at).await.unwrap();
            let standing = Standing::of(&mut op, &city.pack, chief).await.unwrap();
            let register = city.pack.register("assets").unwrap();
            let query = Query { limit: 25, ..Query::default() };
            records::list(&mut op, &city.pack, Some(&standing), register, &query).await.unwrap().items.len()
        };
        let april = |days: i64| NOON.plus_ms((i64::from(day("2027-04-01").number() - NOON.day().number()) + days) * 86_400_000);
        assert_eq!((seen(april(-1)).await, seen(april(0)).await), (0, 1));
        // A split: this record goes to the other successor, as a version of its own.
        let mut op = operator(&fresh.ledger).await;
        let permit = office(&op, None, Office::People, "move", "assets", record.id).unwrap();
        let moved = records::move_unit(&mut op, permit, record.id, city.other).await.unwrap();
        assert_eq!((moved.unit, moved.version), (city.other, record.version + 1));
        let versions = records::versions(&mut op, &moved).await.unwrap();
        assert_eq!(versions[0].act, "move");
        op.commit().await.unwrap();
        assert_eq!(seen(april(0)).await, 0);
        let mut reading = fresh.ledger.reading(Actor::Machine("test"), NOON).await.unwrap();
        assert_eq!(verify(&mut reading, None).await.unwrap().problems, []);
    }
}

on_both_engines! {
    /// After the order of choices changed, lists follow it once the register was indexed anew, and the journal agrees.
    async fn an_index_is_made_anew(fresh: Fresh) {
        let mut city = Section::new(&fresh).await;
        for kind in ["paper", "usb", "disk"] {
            city.create(city.clerk, "assets", json!({"name": kind, "kind": kind})).await.unwrap();
        }
        let register = city.pack.registers.iter_mut().find(|register| register.id == "assets").unwrap();
        let kind = register.fields.iter_mut().find(|field| field.id == "kind").unwrap();
        if let FieldType::Choice(choices) = &mut kind.ty {
            choices.reverse();
        }
        let mut op = operator(&fresh.ledger).await;
        let permit = office(&op, None, Office::Packs, "reindex", "assets", "").unwrap();
        let register = city.pack.register("assets").unwrap();
        assert_eq!(records::reindex(&mut op, permit, &city.pack, register).await.unwrap(), 3);
        op.commit().await.unwrap();
        let sort = records::Sort { field: "kind".to_owned(), descending: false };
        let query = Query { sort: Some(sort), ..Query::default() };
        assert_eq!(city.names(city.clerk, "assets", query).await, ["usb", "disk", "paper"]);
        let mut reading = fresh.ledger.reading(Actor::Machine("test"), NOON).await.unwrap();
        assert_eq!(verify(&mut reading, None).await.unwrap().problems, []);
    }
}

on_both_engines! {
    /// A delivery replaces the rows before it; that the earlier one was, and its hash, stay.
    async fn a_delivery_replaces_the_one_before(fresh: Fresh) {
        let host = Field { id: "host".to_owned(), label: text("端末"), ..crate::city::pack().registers[0].fields[0].clone() };
        let source = DataSource {
            id: "antimalware".to_owned(),
            title: text("ウイルス対策"),
            fields: vec![host],
            columns: vec!["端末名".to_owned()],
            key: "host".to_owned(),
            expect: Period::Days(1),
            owner: Term::Role { role: "ciso".to_owned(), scope: TermScope::All },
            site: Site::default(),
        };
        for (file, hosts) in [("monday.csv", vec!["PC1", "PC2"]), ("tuesday.csv", vec!["PC2", "PC3", "PC4"])] {
            let mut op = operator(&fresh.ledger).await;
            let permit = office(&op, None, Office::Facts, "import", "facts", "antimalware").unwrap();
            let delivery = facts::Delivery { file_name: file.to_owned(), sha256: vec![1; 32], as_of: NOON.day() };
            let rows: Vec<_> = hosts.iter().map(|host| fields(json!({"host": host}))).collect();
            facts::replace(&mut op, permit, &source, delivery, &rows).await.unwrap();
            op.commit().await.unwrap();
        }
        let mut reading = fresh.ledger.reading(Actor::Machine("test"), NOON).await.unwrap();
        let (import, rows) = facts::current(&mut reading, "antimalware").await.unwrap().unwrap();
        assert_eq!((import.file_name.as_str(), import.count), ("tuesday.csv", 3));
        assert_eq!(rows.iter().map(|row| row["host"].as_str().unwrap()).collect::<Vec<_>>(), ["PC2", "PC3", "PC4"]);
        assert_eq!(facts::imports(&mut reading, "antimalware").await.unwrap().len(), 2);
        assert_eq!(facts::current(&mut reading, "other").await.unwrap(), None);
        assert_eq!(verify(&mut reading, None).await.unwrap().problems, []);
    }
}
