//! Retention: records are kept until their time, destroyed by two people, and the chain stays whole.

use ledger::journal::verify;
use ledger::permission::{Office, office};
use ledger::records::{self, Change, Paper, Query, Record};
use ledger::retention::{self, HoldReason};
use ledger::{Actor, Day, Id, Kind, Moment, files};
use pack::model::{Keep, Period};
use serde_json::json;

use crate::city::{NOON, day, fields};
use crate::engines::on_both_engines;
use crate::records::Section;

/// 1 April 2032 in Tokyo: five fiscal years after the one in which the record ended.
fn later(days: i64) -> Moment {
    let until = i64::from(day("2032-04-01").number() - NOON.day().number());
    NOON.plus_ms((until + days) * 86_400_000)
}

/// A take-out with a document, given back at noon.
async fn returned(city: &Section) -> (Record, Id) {
    let asset = city.create(city.clerk, "assets", json!({"name": "台帳"})).await.unwrap();
    let given = json!({"name": "会場で使う名簿", "asset": asset.id.to_string()});
    let record = city.create(city.clerk, "takeouts", given).await.unwrap();
    let register = city.pack.register("takeouts").unwrap();
    for (by, step) in [(city.clerk, "submit"), (city.manager, "hand_out"), (city.clerk, "give_back")] {
        let (mut op, standing) = city.by(by).await;
        let transition = register.transition(step).unwrap();
        let mut change = Change::default();
        if step == "give_back" {
            change = Change {
                fields: fields(json!({"returned_on": "2026-11-22"})),
                reason: Some("返却".to_owned()),
                version: None,
            };
        }
        records::step(&mut op, &city.pack, Some(&standing), register, record.id, transition, change).await.unwrap();
        op.commit().await.unwrap();
    }
    (city.stored(record.id).await, asset.id)
}

impl Section {
    async fn stored(&self, id: Id) -> Record {
        let mut reading = self.ledger.reading(Actor::Machine("test"), NOON).await.unwrap();
        records::stored(&mut reading, id).await.unwrap().unwrap()
    }

    async fn due(&self, at: Moment) -> Vec<Id> {
        let mut reading = self.ledger.reading(Actor::Machine("test"), at).await.unwrap();
        let register = self.pack.register("takeouts").unwrap();
        retention::due(&mut reading, register).await.unwrap().into_iter().map(|record| record.id).collect()
    }

    async fn propose(&self, by: &str, at: Moment, id: Id) -> ledger::Result<Id> {
        let mut op = self.ledger.operation(Actor::Operator(by.to_owned()), at).await.unwrap();
        let permit = office(&op, None, Office::Retention, "propose", "disposal", "").unwrap();
        let disposal = retention::propose(&mut op, permit, &self.pack, &[id], "満了").await?;
        op.commit().await.map(|_| disposal)
    }

    async fn dispose(&self, by: &str, at: Moment, disposal: Id) -> ledger::Result<()> {
        let mut op = self.ledger.operation(Actor::Operator(by.to_owned()), at).await.unwrap();
        let permit = office(&op, None, Office::Approval, "approve", "disposal", disposal).unwrap();
        retention::decide(&mut op, permit, &self.pack, disposal, true).await?;
        op.commit().await.map(|_| ())
    }

    async fn agrees(&self) {
        let mut reading = self.ledger.reading(Actor::Machine("test"), NOON).await.unwrap();
        assert_eq!(verify(&mut reading, None).await.unwrap().problems, []);
    }
}

#[test]
fn retention_runs_from_the_end_of_the_fiscal_year() {
    let mut register = crate::city::pack().registers.remove(1);
    let due = |register: &pack::model::Register, ended: &str| {
        retention::due_on(register, day(ended)).map(|day: Day| day.to_string())
    };
    assert_eq!(due(&register, "2026-04-01").as_deref(), Some("2032-04-01"));
    assert_eq!(due(&register, "2027-03-31").as_deref(), Some("2032-04-01"));
    assert_eq!(due(&register, "2027-04-01").as_deref(), Some("2033-04-01"));
    register.keep = Keep::For(Period::Months(6));
    assert_eq!(due(&register, "2026-11-22").as_deref(), Some("2027-10-01"));
    for keep in [Keep::InUse, Keep::Always] {
        register.keep = keep;
        assert_eq!(due(&register, "2026-11-22"), None);
    }
}

on_both_engines! {
    /// Due on the day and not before; proposed by one, decided by another; content gone, number and chain stay.
    async fn destruction_keeps_number_and_chain(fresh: Fresh) {
        let city = Section::new(&fresh).await;
        let (record, _) = returned(&city).await;
        assert_eq!(city.due(later(-1)).await, []);
        assert_eq!(city.due(later(0)).await, [record.id]);
        assert_eq!(city.propose("係", later(-1), record.id).await.unwrap_err().kind(), Kind::Refused);
        let disposal = city.propose("係", later(0), record.id).await.unwrap();
        assert_eq!(city.due(later(0)).await, [], "already in a proposal");
        assert_eq!(city.dispose("係", later(0), disposal).await.unwrap_err().kind(), Kind::Forbidden);
        city.dispose("課長", later(0), disposal).await.unwrap();
        city.agrees().await;
        let gone = city.stored(record.id).await;
        assert_eq!((gone.number, gone.name.as_str(), gone.fields.len()), (record.number, "", 0));
        assert!(gone.disposed.is_some());
        // Neither the latest nor an earlier version keeps a word of it, and search finds nothing.
        for table in ["record_version WHERE fields IS NOT NULL AND record_id", "record_link WHERE record_id"] {
            let sql = format!("DELETE FROM {table} = '{}'", record.id);
            assert_eq!(crate::engines::behind(&fresh.location, &sql).await, 0, "{table}");
        }
        let query = Query { search: "名簿".to_owned(), ..Query::default() };
        assert!(city.names(city.auditor, "takeouts", query).await.is_empty());
        assert_eq!(city.dispose("課長", later(0), disposal).await.unwrap_err().kind(), Kind::Refused);
    }
}

on_both_engines! {
    /// A hold (audit, disclosure, dispute) keeps a record whatever was proposed, until it is released.
    async fn a_hold_keeps_a_record(fresh: Fresh) {
        let city = Section::new(&fresh).await;
        let (record, _) = returned(&city).await;
        let disposal = city.propose("係", later(0), record.id).await.unwrap();
        let mut op = city.ledger.operation(Actor::Operator("監査".to_owned()), later(1)).await.unwrap();
        let permit = office(&op, None, Office::Retention, "hold", "record", record.id).unwrap();
        let hold = retention::hold(&mut op, permit, record.id, HoldReason::Audit, "監査中").await.unwrap();
        op.commit().await.unwrap();
        assert_eq!(city.dispose("課長", later(1), disposal).await.unwrap_err().kind(), Kind::Refused);
        assert!(city.stored(record.id).await.disposed.is_none());
        let mut op = city.ledger.operation(Actor::Operator("監査".to_owned()), later(2)).await.unwrap();
        let permit = office(&op, None, Office::Retention, "release", "record", record.id).unwrap();
        retention::release(&mut op, permit, hold).await.unwrap();
        op.commit().await.unwrap();
        city.dispose("課長", later(2), disposal).await.unwrap();
        city.agrees().await;
    }
}

on_both_engines! {
    /// A file goes with the record that named it, and so does the scan of the paper that it was entered from.
    async fn a_file_is_destroyed_with_its_record(fresh: Fresh) {
        let city = Section::new(&fresh).await.with_security_staff().await;
        let (mut op, standing) = city.by(city.clerk).await;
        let permit = ledger::permission::attach(&op, Some(&standing)).unwrap();
        let file = files::add(&mut op, permit, "図面.pdf", "application/pdf", &[7_u8; 1000][..]).await.unwrap();
        op.commit().await.unwrap();
        let mut city = city;
        let register = city.pack.registers.iter_mut().find(|register| register.id == "assets").unwrap();
        for state in &mut register.lifecycle.states {
            state.is_final = true;
        }
        let asset = json!({"name": "図面", "scan": file.id.to_string()});
        let record = city.create(city.clerk, "assets", asset).await.unwrap();
        let disposal = city.propose("係", later(0), record.id).await.unwrap();
        city.dispose("課長", later(0), disposal).await.unwrap();
        let scan = city.scanned(city.clerk).await;
        let entered = city.enters(city.clerk, Paper { person: city.manager, dated: NOON.day(), scan }).await.unwrap();
        let disposal = city.propose("係", later(0), entered.id).await.unwrap();
        city.dispose("課長", later(0), disposal).await.unwrap();
        for file in [file.id, scan] {
            let parts = format!("DELETE FROM file_part WHERE file_id = '{file}'");
            assert_eq!(crate::engines::behind(&fresh.location, &parts).await, 0);
        }
        city.agrees().await;
    }
}
