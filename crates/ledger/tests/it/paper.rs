//! 代理入力: entered from paper for another person, by the section's 情報セキュリティ担当 and nobody else.

use ledger::journal::{self, verify};
use ledger::permission::{self, Office, office};
use ledger::records::{self, NewRecord, PAPER_FIELDS, Paper, Record};
use ledger::{Actor, Error, Id, Kind, Ledger, SeededEntropy, files};
use serde_json::json;
use std::sync::Arc;

use crate::city::{NOON, add_person, add_unit, day, fields, give, operator};
use crate::engines::{behind, on_both_engines};
use crate::records::Section;

impl Section {
    /// Makes the clerk the section's 情報セキュリティ担当.
    pub(crate) async fn with_security_staff(self) -> Self {
        let mut op = operator(&self.ledger).await;
        give(&mut op, self.clerk, "section_security_staff", self.unit, "2024-04-01", None).await;
        op.commit().await.unwrap();
        self
    }

    pub(crate) async fn scanned(&self, by: Id) -> Id {
        let (mut op, standing) = self.by(by).await;
        let permit = permission::attach(&op, Some(&standing)).unwrap();
        let file = files::add(&mut op, permit, "申請書.pdf", "application/pdf", &b"%PDF"[..]).await.unwrap();
        op.commit().await.unwrap();
        file.id
    }

    pub(crate) async fn enters(&self, by: Id, paper: Paper) -> Result<Record, Error> {
        let (mut op, standing) = self.by(by).await;
        let new = NewRecord { paper: Some(paper), fields: fields(json!({"name": "台帳"})), ..NewRecord::default() };
        let register = self.pack.register("assets").unwrap();
        let record = records::create(&mut op, &self.pack, Some(&standing), register, new).await?;
        op.commit().await.unwrap();
        Ok(record)
    }

    async fn paper(&self, of: &Record) -> Option<Paper> {
        let mut reading = self.ledger.reading(Actor::Machine("test"), NOON).await.unwrap();
        records::papers(&mut reading, std::slice::from_ref(of)).await.unwrap().remove(&of.id)
    }
}

fn wrong(result: Result<Record, Error>) -> Vec<String> {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), Kind::Invalid, "{error}");
    error.fields().iter().map(|field| field.field.clone()).collect()
}

on_both_engines! {
    /// Whose it is, its day and its scan stay with the record, and whoever sees the record has the scan.
    async fn the_paper_stays_with_its_record(fresh: Fresh) {
        let city = Section::new(&fresh).await.with_security_staff().await;
        let scan = city.scanned(city.clerk).await;
        let paper = Paper { person: city.manager, dated: day("2026-11-20"), scan };
        let record = city.enters(city.clerk, paper).await.unwrap();
        assert_eq!((record.applicant, record.entered_for), (Some(city.clerk), Some(city.manager)));
        assert_eq!(city.paper(&record).await, Some(paper));
        // Both follow it: who wrote the paper, and who entered it.
        for person in [city.clerk, city.manager] {
            let (mut op, standing) = city.by(person).await;
            let asked = records::asked_for(&mut op, &standing, &[city.pack.register("assets").unwrap()], 5).await.unwrap();
            assert_eq!(asked, std::slice::from_ref(&record));
        }
        let has = async |person: Id| {
            let (mut op, standing) = city.by(person).await;
            files::get(&mut op, &city.pack, Some(&standing), scan).await.map(|file| file.name)
        };
        assert_eq!(has(city.manager).await.unwrap(), "申請書.pdf");
        assert_eq!(has(city.stranger).await.unwrap_err().kind(), Kind::NotFound);
        // It is this record's alone.
        assert_eq!(wrong(city.enters(city.clerk, paper).await), [PAPER_FIELDS[2]]);
        let taken = city.create(city.clerk, "assets", json!({"name": "別の台帳", "scan": scan.to_string()})).await;
        assert_eq!(wrong(taken), ["scan"]);
        let mut reading = city.ledger.reading(Actor::Machine("test"), NOON).await.unwrap();
        assert_eq!(verify(&mut reading, None).await.unwrap().problems, []);
        let rows = journal::extract(&mut reading, &[journal::RowOf::paper(record.id)]).await.unwrap().rows;
        assert!(rows.contains("2026-11-20") && rows.contains(&scan.to_string()), "{rows}");
    }
}

on_both_engines! {
    /// Not for oneself, not for others' people, not for people who are not there, and not without the post.
    async fn only_the_sections_security_staff_enters_and_only_for_its_people(fresh: Fresh) {
        let city = Section::new(&fresh).await.with_security_staff().await;
        let mut op = operator(&fresh.ledger).await;
        let below = add_unit(&mut op, "総務課分室", Some(city.unit), "2020-04-01").await;
        let colleague = add_person(&mut op, "分室", "full_time", below).await;
        let permit = office(&op, None, Office::People, "change", "person", "").unwrap();
        let mut gone = ledger::people::persons::PersonData {
            code: "退職".to_owned(), name: "退職".to_owned(), name_shown: None, kana: "退職".to_owned(), mail: String::new(),
            category: "full_time".to_owned(), from: day("2020-04-01"), to: None,
        };
        gone.to = Some(day("2026-04-01"));
        let gone = ledger::people::persons::add(&mut op, permit, gone).await.unwrap();
        give(&mut op, gone, ledger::people::AFFILIATION, city.unit, "2020-04-01", None).await;
        op.commit().await.unwrap();
        let by = async |by: Id, person: Id, dated: &str| {
            let scan = city.scanned(by).await;
            city.enters(by, Paper { person, dated: day(dated), scan }).await
        };
        by(city.clerk, colleague, "2026-11-22").await.unwrap();
        assert_eq!(wrong(by(city.clerk, city.clerk, "2026-11-20").await), [PAPER_FIELDS[0]]);
        assert_eq!(wrong(by(city.clerk, city.stranger, "2026-11-20").await), [PAPER_FIELDS[0]]);
        assert_eq!(wrong(by(city.clerk, gone, "2026-11-23").await), [PAPER_FIELDS[0], PAPER_FIELDS[1]]);
        let nobody = by(city.clerk, city.unit, "2026-11-20").await;
        assert_eq!(wrong(nobody), [PAPER_FIELDS[0]]);
        let others = city.scanned(city.stranger).await;
        let paper = Paper { person: city.manager, dated: day("2026-11-20"), scan: others };
        assert_eq!(wrong(city.enters(city.clerk, paper).await), [PAPER_FIELDS[2]]);
        for without in [city.manager, city.stranger] {
            assert_eq!(by(without, city.clerk, "2026-11-20").await.unwrap_err().kind(), Kind::Forbidden);
        }
    }
}

on_both_engines! {
    /// A store of the layout before opens, keeps its journal whole, and takes papers.
    async fn a_store_without_papers_is_brought_on(fresh: Fresh) {
        let city = Section::new(&fresh).await.with_security_staff().await;
        let before = city.create(city.clerk, "assets", json!({"name": "前から"})).await.unwrap();
        behind(&fresh.location, "DROP TABLE paper; UPDATE meta SET value = '2' WHERE name = 'layout'").await;
        city.ledger.close().await;
        for _ in 0..2 {
            let opened = Ledger::open(&fresh.location, Arc::new(SeededEntropy::new(8))).await.unwrap();
            let mut reading = opened.reading(Actor::Machine("test"), NOON).await.unwrap();
            assert_eq!(verify(&mut reading, None).await.unwrap().problems, []);
            assert_eq!(records::papers(&mut reading, std::slice::from_ref(&before)).await.unwrap().len(), 0);
            reading.end().await.unwrap();
            opened.close().await;
        }
        let ledger = Ledger::open(&fresh.location, Arc::new(SeededEntropy::new(9))).await.unwrap();
        let city = Section { ledger, ..city };
        let scan = city.scanned(city.clerk).await;
        let paper = Paper { person: city.manager, dated: day("2026-11-20"), scan };
        let record = city.enters(city.clerk, paper).await.unwrap();
        assert_eq!(city.paper(&record).await, Some(paper));
        behind(&fresh.location, "UPDATE meta SET value = '4' WHERE name = 'layout'").await;
        city.ledger.close().await;
        let refused = Ledger::open(&fresh.location, Arc::new(SeededEntropy::new(8))).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Refused);
    }
}
