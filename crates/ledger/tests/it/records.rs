//! Records: what is taken in, found, seen, moved.

use ledger::people::Standing;
use ledger::records::{self, Change, Filter, NewRecord, Page, Query, Sort};
use ledger::{Actor, Error, Id, Kind, Ledger, Operation};
use pack::Pack;
use serde_json::json;

use crate::city::{NOON, add_person, add_unit, fields, give, operator, pack};
use crate::engines::{Fresh, on_both_engines};

/// A section with its manager and a clerk, and an auditor elsewhere.
pub(crate) struct Section {
    pub(crate) ledger: Ledger,
    pub(crate) pack: Pack,
    pub(crate) unit: Id,
    pub(crate) other: Id,
    pub(crate) manager: Id,
    pub(crate) clerk: Id,
    pub(crate) stranger: Id,
    pub(crate) auditor: Id,
}

impl Section {
    pub(crate) async fn new(fresh: &Fresh) -> Self {
        let mut op = operator(&fresh.ledger).await;
        let bureau = add_unit(&mut op, "総務部", None, "2020-04-01").await;
        let unit = add_unit(&mut op, "総務課", Some(bureau), "2020-04-01").await;
        let other = add_unit(&mut op, "財政課", Some(bureau), "2020-04-01").await;
        let manager = add_person(&mut op, "課長", "full_time", unit).await;
        let clerk = add_person(&mut op, "髙橋", "full_time", unit).await;
        let stranger = add_person(&mut op, "財政", "full_time", other).await;
        let auditor = add_person(&mut op, "監査", "vendor", bureau).await;
        give(&mut op, manager, "section_manager", unit, "2024-04-01", None).await;
        give(&mut op, auditor, "auditor", bureau, "2024-04-01", None).await;
        op.commit().await.unwrap();
        Self { ledger: fresh.ledger.clone(), pack: pack(), unit, other, manager, clerk, stranger, auditor }
    }

    pub(crate) async fn by(&self, person: Id) -> (Operation, Standing) {
        let mut op = self.ledger.operation(Actor::Person(person), NOON).await.unwrap();
        let standing = Standing::of(&mut op, &self.pack, person).await.unwrap();
        (op, standing)
    }

    pub(crate) async fn create(
        &self,
        person: Id,
        register: &str,
        values: serde_json::Value,
    ) -> Result<records::Record, Error> {
        let (mut op, standing) = self.by(person).await;
        let new = NewRecord { fields: fields(values), ..NewRecord::default() };
        let register = self.pack.register(register).unwrap();
        let record = records::create(&mut op, &self.pack, Some(&standing), register, new).await?;
        op.commit().await.unwrap();
        Ok(record)
    }

    pub(crate) async fn edit(
        &self,
        person: Id,
        id: Id,
        version: i64,
        values: serde_json::Value,
    ) -> Result<records::Record, Error> {
        let (mut op, standing) = self.by(person).await;
        let change = Change { version: Some(version), fields: fields(values), reason: None };
        let register = self.pack.register("assets").unwrap();
        let record = records::edit(&mut op, &self.pack, Some(&standing), register, id, change).await?;
        op.commit().await.unwrap();
        Ok(record)
    }

    pub(crate) async fn names(&self, person: Id, register: &str, query: Query) -> Vec<String> {
        let (mut op, standing) = self.by(person).await;
        let query = Query { limit: 25.max(query.limit), ..query };
        let register = self.pack.register(register).unwrap();
        let listing = records::list(&mut op, &self.pack, Some(&standing), register, &query).await.unwrap();
        listing.items.into_iter().map(|record| record.name).collect()
    }
}

fn wrong_fields(result: Result<records::Record, Error>) -> Vec<String> {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), Kind::Invalid, "{error}");
    assert!(error.fields().iter().all(|f| !f.message.ja.is_empty() && f.message.en.is_some()));
    error.fields().iter().map(|field| field.field.clone()).collect()
}

on_both_engines! {
    /// Every type of field is taken in, kept as given, and numbered without gaps even when an operation fails between.
    async fn a_record_keeps_what_was_given(fresh: Fresh) {
        let city = Section::new(&fresh).await;
        let given = json!({
            "name": "葛\u{e0100}飾区の\u{e000}台帳", "note": "一行目\n二行目", "count": -3, "price": 1200, "reviewed_on": "2026-02-28",
            "sealed": true, "kind": "usb", "class": "3A", "handler": city.manager.to_string(), "place": city.unit.to_string(),
            "readers": [city.stranger.to_string(), city.auditor.to_string()], "serial": "A-1",
        });
        let first = city.create(city.clerk, "assets", given.clone()).await.unwrap();
        assert_eq!(json!(first.fields), given);
        assert_eq!((first.number.as_str(), first.version, first.unit), ("資産第1号", 1, city.unit));
        assert_eq!(wrong_fields(city.create(city.clerk, "assets", json!({"name": "x", "serial": "A-1"})).await), ["serial"]);
        assert_eq!(city.create(city.clerk, "assets", json!({"name": "y"})).await.unwrap().number, "資産第2号");
        let out = city.create(city.clerk, "takeouts", json!({"name": "会場", "asset": first.id.to_string()})).await.unwrap();
        assert_eq!(out.number, "令和8年度持出第1号");
        let (mut op, standing) = city.by(city.clerk).await;
        let register = city.pack.register("assets").unwrap();
        assert_eq!(records::get(&mut op, Some(&standing), register, first.id).await.unwrap(), first);
        let back = records::references_to(&mut op, Some(&standing), &first, city.pack.register("takeouts").unwrap()).await;
        assert_eq!(back.unwrap().iter().map(|r| r.record.id).collect::<Vec<_>>(), [out.id]);
        let from = records::references_from(&mut op, &city.pack, Some(&standing), city.pack.register("takeouts").unwrap(), std::slice::from_ref(&out)).await.unwrap();
        assert_eq!(from.iter().map(|r| (r.field.as_str(), r.record.id)).collect::<Vec<_>>(), [("asset", first.id)]);
    }
}

on_both_engines! {
    /// Bad input is refused field by field, all of it at once, and nothing is written.
    async fn bad_input_is_named_at_its_field(fresh: Fresh) {
        let city = Section::new(&fresh).await;
        let bad = json!({
            "name": "", "note": "a\u{0}b", "count": 1.5, "price": "千円", "reviewed_on": "2026-02-30", "sealed": "yes", "kind": "tape",
            "class": "9", "handler": city.unit.to_string(), "place": "x", "readers": [city.clerk.to_string(), "x"], "scan": city.unit.to_string(),
            "serial": "x".repeat(501), "colour": "red",
        });
        let mut wrong = wrong_fields(city.create(city.clerk, "assets", bad).await);
        wrong.sort();
        assert_eq!(wrong, ["class", "colour", "count", "handler", "kind", "name", "note", "place", "price", "readers[1]", "reviewed_on", "scan", "sealed", "serial"]);
        for refused in ["\u{202e}逆", "タブ\t", "\u{1b}[31m", "a\u{feff}"] {
            assert_eq!(wrong_fields(city.create(city.clerk, "assets", json!({"name": refused})).await), ["name"]);
        }
        let asset = city.create(city.clerk, "assets", json!({"name": "<script>alert(1)</script>"})).await.unwrap();
        assert_eq!((asset.number.as_str(), asset.name.as_str()), ("資産第1号", "<script>alert(1)</script>"));
        // Another unit's asset may not be referred to, and the answer is the same as for one that does not exist.
        for target in [asset.id.to_string(), city.unit.to_string()] {
            let refused = city.create(city.stranger, "takeouts", json!({"name": "x", "asset": target})).await;
            assert_eq!(wrong_fields(refused), ["asset"]);
        }
    }
}

on_both_engines! {
    /// Nobody sees, edits or creates what the register does not give; a stale version changes nothing.
    async fn only_whom_the_register_names_may_act(fresh: Fresh) {
        let city = Section::new(&fresh).await;
        let asset = city.create(city.clerk, "assets", json!({"name": "台帳"})).await.unwrap();
        assert_eq!(city.edit(city.stranger, asset.id, 1, json!({"count": 1})).await.unwrap_err().kind(), Kind::NotFound);
        assert_eq!(city.edit(city.auditor, asset.id, 1, json!({"count": 1})).await.unwrap_err().kind(), Kind::Forbidden);
        let edited = city.edit(city.manager, asset.id, 1, json!({"count": 1})).await.unwrap();
        assert_eq!((edited.version, &edited.fields["count"]), (2, &json!(1)));
        assert_eq!(city.edit(city.manager, asset.id, 1, json!({"count": 2})).await.unwrap_err().kind(), Kind::Conflict);
        let cleared = city.edit(city.manager, asset.id, 2, json!({"count": null})).await.unwrap();
        assert!(!cleared.fields.contains_key("count"));
        assert_eq!(city.create(city.auditor, "assets", json!({"name": "x"})).await.unwrap_err().kind(), Kind::Forbidden);
        let (mut op, standing) = city.by(city.auditor).await;
        let new = NewRecord { unit: Some(city.unit), fields: fields(json!({"name": "x"})), ..NewRecord::default() };
        let refused = records::create(&mut op, &city.pack, Some(&standing), city.pack.register("assets").unwrap(), new).await;
        assert_eq!(refused.unwrap_err().kind(), Kind::Forbidden);
        let versions = records::versions(&mut op, &cleared).await.unwrap();
        let counts: Vec<_> = versions.iter().map(|v| v.fields.as_ref().unwrap().get("count").cloned()).collect();
        assert_eq!(counts, [None, Some(json!(1)), None]);
    }
}

on_both_engines! {
    /// Transitions go from their state, by their people, with their reason and fields, and nothing else.
    async fn a_record_moves_as_its_lifecycle_says(fresh: Fresh) {
        let city = Section::new(&fresh).await;
        let asset = city.create(city.clerk, "assets", json!({"name": "台帳"})).await.unwrap();
        let out = city.create(city.clerk, "takeouts", json!({"name": "会場", "asset": asset.id.to_string()})).await.unwrap();
        let register = city.pack.register("takeouts").unwrap();
        let step = async |person, name: &str, change: Change| {
            let (mut op, standing) = city.by(person).await;
            let transition = register.transition(name).unwrap();
            let moved = records::step(&mut op, &city.pack, Some(&standing), register, out.id, transition, change).await?;
            op.commit().await?;
            Ok::<_, Error>(moved)
        };
        // The manager does not see a draft.
        assert_eq!(step(city.manager, "hand_out", Change::default()).await.unwrap_err().kind(), Kind::NotFound);
        assert_eq!(step(city.clerk, "submit", Change::default()).await.unwrap().state, "asked");
        assert_eq!(step(city.clerk, "submit", Change::default()).await.unwrap_err().kind(), Kind::Refused);
        assert_eq!(step(city.clerk, "hand_out", Change::default()).await.unwrap_err().kind(), Kind::Forbidden);
        assert_eq!(step(city.manager, "hand_out", Change::default()).await.unwrap().state, "out");
        let change = |reason: Option<&str>, values| Change { version: None, fields: fields(values), reason: reason.map(str::to_owned) };
        let refused = step(city.clerk, "give_back", change(None, json!({"returned_on": "2026-11-22"}))).await;
        assert_eq!(wrong_fields(refused), ["reason"]);
        assert_eq!(wrong_fields(step(city.clerk, "give_back", change(Some("済"), json!({}))).await), ["returned_on"]);
        let other = step(city.clerk, "give_back", change(Some("済"), json!({"returned_on": "2026-11-22", "name": "x"}))).await;
        assert_eq!(wrong_fields(other), ["name"]);
        let back = step(city.clerk, "give_back", change(Some("済"), json!({"returned_on": "2026-11-22"}))).await.unwrap();
        assert_eq!((back.state.as_str(), back.ended), ("returned", Some(NOON.day())));
    }
}

on_both_engines! {
    /// Pages follow each other without gap or repetition in every order, by cursor and by offset.
    async fn pages_cover_a_list_exactly_once(fresh: Fresh) {
        let city = Section::new(&fresh).await;
        for i in 0..23_i64 {
            let kind = ["usb", "paper", "disk"][usize::try_from(i % 3).unwrap()];
            let values = json!({"name": format!("資産{:02}", i * 7 % 23), "count": (i % 5) - 2, "kind": kind});
            city.create(city.clerk, "assets", values).await.unwrap();
        }
        let (mut op, standing) = city.by(city.clerk).await;
        let register = city.pack.register("assets").unwrap();
        for field in ["number", "changed", "name", "count", "kind", "class"] {
            for descending in [false, true] {
                let mut query = Query { sort: Some(Sort { field: field.to_owned(), descending }), limit: 5, count: true, ..Query::default() };
                let mut seen = Vec::new();
                loop {
                    let page = records::list(&mut op, &city.pack, Some(&standing), register, &query).await.unwrap();
                    assert_eq!((page.total, page.total_capped), (23, false));
                    query.page = Page::Offset(u32::try_from(seen.len()).unwrap());
                    assert_eq!(records::list(&mut op, &city.pack, Some(&standing), register, &query).await.unwrap().items, page.items);
                    seen.extend(page.items);
                    match page.next {
                        Some(next) => query.page = Page::After(next),
                        None => break,
                    }
                }
                assert_eq!(seen.len(), 23, "{field}");
                let counts: Vec<i64> = seen.iter().map(|r| r.fields["count"].as_i64().unwrap()).collect();
                if field == "count" {
                    assert!(counts.is_sorted_by(|a, b| if descending { a >= b } else { a <= b }), "{counts:?}");
                }
                seen.sort_by_key(|r| r.id);
                seen.dedup_by_key(|r| r.id);
                assert_eq!(seen.len(), 23, "{field}");
            }
        }
        let query = Query { page: Page::After("x".to_owned()), limit: 5, ..Query::default() };
        assert!(records::list(&mut op, &city.pack, Some(&standing), register, &query).await.is_err());
        drop(op);
        let of = |filter| Query { filters: vec![filter], ..Query::default() };
        let is = |field: &str, value: &str| of(Filter::Is(field.to_owned(), vec![value.to_owned()]));
        assert_eq!(city.names(city.clerk, "assets", is("kind", "paper")).await.len(), 8);
        assert_eq!(city.names(city.clerk, "assets", is("count", "-2")).await.len(), 5);
        assert_eq!(city.names(city.clerk, "assets", is("name", "資産０３")).await, ["資産03"]);
        assert_eq!(city.names(city.clerk, "assets", of(Filter::From("count".to_owned(), "1".to_owned()))).await.len(), 8);
        assert_eq!(city.names(city.clerk, "assets", of(Filter::Empty("class".to_owned()))).await.len(), 23);
        assert_eq!(city.names(city.clerk, "assets", is("unit", &city.other.to_string())).await.len(), 0);
        assert_eq!(city.names(city.stranger, "assets", Query::default()).await.len(), 0);
    }
}

on_both_engines! {
    /// Search finds words of one character and more, variants of names, and puts the exact number or name first.
    async fn search_finds_what_people_type(fresh: Fresh) {
        let city = Section::new(&fresh).await;
        for name in ["監査調書", "情報資産の監査", "髙橋の端末", "渡邉文庫", "ＵＳＢメモリ", "高橋"] {
            city.create(city.clerk, "assets", json!({"name": name})).await.unwrap();
        }
        let find = async |person, question: &str| {
            let (mut op, standing) = city.by(person).await;
            let found = records::search(&mut op, &city.pack, Some(&standing), question, 10).await.unwrap();
            found.into_iter().map(|f| (f.record.name, f.exact)).collect::<Vec<_>>()
        };
        let names = |found: Vec<(String, bool)>| found.into_iter().map(|f| f.0).collect::<Vec<_>>();
        assert_eq!(names(find(city.clerk, "監査").await), ["情報資産の監査", "監査調書"]);
        assert_eq!(find(city.clerk, "髙橋").await, [("高橋".to_owned(), true), ("髙橋の端末".to_owned(), false)]);
        assert_eq!(names(find(city.clerk, "渡辺").await), ["渡邉文庫"]);
        assert_eq!(names(find(city.clerk, "usb").await), ["ＵＳＢメモリ"]);
        assert_eq!(names(find(city.clerk, "庫").await), ["渡邉文庫"]);
        assert_eq!(names(find(city.clerk, "監査 情報").await), ["情報資産の監査"]);
        assert_eq!(names(find(city.clerk, "査監").await), Vec::<String>::new());
        assert_eq!(find(city.clerk, "資産第2号").await[0], ("情報資産の監査".to_owned(), true));
        for question in ["", " ", "\"", "a OR b", "*", "監査*", "'; DROP TABLE record", "%", "\0"] {
            assert_eq!(names(find(city.clerk, question).await), Vec::<String>::new(), "{question}");
        }
        assert_eq!(names(find(city.stranger, "監査").await), Vec::<String>::new());
        assert_eq!(city.names(city.clerk, "assets", Query { search: "端末".to_owned(), ..Query::default() }).await, ["髙橋の端末"]);
    }
}

on_both_engines! {
    /// A search in a list finds what has the words, whether it goes through the search index or from text to text: rare and
    /// frequent words, pages large and small, in every order, with filters, in a register with few records beside one with many.
    async fn a_search_in_a_list_is_the_same_on_every_way(fresh: Fresh) {
        let city = Section::new(&fresh).await;
        let mut all: Vec<(&str, String)> = Vec::new();
        let mut asset = None;
        for i in 0..30_i64 {
            let rest = if i % 10 == 0 { "棚卸し" } else { "端末" };
            let name = format!("窓口の{rest}{:02}", i * 7 % 30);
            let kind = if i % 2 == 0 { "paper" } else { "usb" };
            let values = json!({"name": name, "count": i % 5, "kind": kind});
            asset = Some(city.create(city.clerk, "assets", values).await.unwrap().id);
            all.push(("assets", name));
        }
        for name in ["端末を窓口へ", "端末を会場へ", "棚卸しへ"] {
            let values = json!({"name": name, "asset": asset.unwrap().to_string()});
            city.create(city.clerk, "takeouts", values).await.unwrap();
            all.push(("takeouts", name.to_owned()));
        }
        city.create(city.stranger, "assets", json!({"name": "財政課の端末"})).await.unwrap();
        let (mut op, standing) = city.by(city.clerk).await;
        for question in ["端末", "末端", "棚", "窓口 端末", "窓口の端末0", "口の", "会場", "ないもの", "棚卸し 窓口"] {
            let fits = |register: &str| {
                let mine = all.iter().filter(|(of, name)| *of == register && question.split(' ').all(|word| name.contains(word)));
                mine.map(|(_, name)| name.clone()).collect::<Vec<_>>()
            };
            for (register, field, limit) in [
                ("assets", "number", 1), ("assets", "name", 2), ("assets", "count", 4), ("assets", "changed", 25), ("assets", "number", 100),
                ("takeouts", "number", 1), ("takeouts", "name", 25),
            ] {
                let place = format!("{question} {register} {field} {limit}");
                let fitting = fits(register);
                let register = city.pack.register(register).unwrap();
                let sort = Sort { field: field.to_owned(), descending: true };
                let mut query = Query { search: question.to_owned(), sort: Some(sort), limit, count: true, ..Query::default() };
                let mut found = Vec::new();
                loop {
                    let page = records::list(&mut op, &city.pack, Some(&standing), register, &query).await.unwrap();
                    assert_eq!((page.total, page.total_capped), (i64::try_from(fitting.len()).unwrap(), false), "{place}");
                    query.page = Page::Offset(u32::try_from(found.len()).unwrap());
                    let again = records::list(&mut op, &city.pack, Some(&standing), register, &query).await.unwrap();
                    assert_eq!(again.items, page.items, "{place}");
                    found.extend(page.items.into_iter().map(|record| record.name));
                    match page.next {
                        Some(next) => query.page = Page::After(next),
                        None => break,
                    }
                }
                if field == "number" {
                    let newest_first: Vec<String> = fitting.iter().rev().cloned().collect();
                    assert_eq!(found, newest_first, "{place}");
                }
                found.sort();
                let mut fitting = fitting;
                fitting.sort();
                assert_eq!(found, fitting, "{place}");
            }
            let filters = vec![Filter::Is("kind".to_owned(), vec!["usb".to_owned()])];
            let query = Query { search: question.to_owned(), filters, limit: 1, count: true, ..Query::default() };
            let page = records::list(&mut op, &city.pack, Some(&standing), city.pack.register("assets").unwrap(), &query).await.unwrap();
            let odd = all.iter().enumerate().filter(|(i, (of, name))| *of == "assets" && i % 2 == 1 && question.split(' ').all(|word| name.contains(word)));
            assert_eq!(page.total, i64::try_from(odd.count()).unwrap(), "{question}");
        }
    }
}

/// The expression `today`, as a pack would have it compiled.
fn today_expression() -> pack::expr::Expr {
    use pack::expr::{Expect, Schema, SchemaParts, Type};
    let classes = pack::model::Classes::default();
    let parts =
        SchemaParts { registers: &[], sources: &[], roles: &[], categories: &[], zones: &[], classes: &classes };
    let (schema, _) = Schema::new(&parts);
    let scope = schema.scope(&pack::model::Subjects::Municipality).unwrap();
    let site = pack::model::Site::default();
    pack::expr::Expr::compile("today", &site, &scope, Expect::exactly(Type::Day)).unwrap()
}

on_both_engines! {
    /// A day that had to be today or later when it was written stays right when the record goes on, days after.
    async fn a_limit_binds_when_its_field_is_written(fresh: Fresh) {
        let mut city = Section::new(&fresh).await;
        let assets = city.pack.registers.iter_mut().find(|register| register.id == "assets").unwrap();
        assets.fields.iter_mut().find(|field| field.id == "reviewed_on").unwrap().least = Some(today_expression());
        let early = city.create(city.clerk, "assets", json!({"name": "早すぎる日", "reviewed_on": "2026-11-21"})).await;
        assert_eq!(wrong_fields(early), ["reviewed_on"]);
        let made = city.create(city.clerk, "assets", json!({"name": "今日の日", "reviewed_on": "2026-11-22"})).await.unwrap();
        let later = ledger::Moment(NOON.0 + 3 * 86_400_000);
        let mut op = city.ledger.operation(Actor::Person(city.clerk), later).await.unwrap();
        let standing = Standing::of(&mut op, &city.pack, city.clerk).await.unwrap();
        let register = city.pack.register("assets").unwrap();
        let change = |values| Change { version: None, fields: fields(values), reason: None };
        let noted = records::edit(&mut op, &city.pack, Some(&standing), register, made.id, change(json!({"note": "済"}))).await;
        assert_eq!(noted.unwrap().fields["note"], "済");
        let again = json!({"reviewed_on": "2026-11-23"});
        assert_eq!(wrong_fields(records::edit(&mut op, &city.pack, Some(&standing), register, made.id, change(again)).await), ["reviewed_on"]);
    }
}
