//! A change of the policy: two people, a 施行日, and everything recorded follows.

use ledger::decisions::{self, Answer};
use ledger::findings;
use ledger::journal::verify;
use ledger::people::{Standing, posts};
use ledger::permission::{Office, office};
use ledger::records::{self, Change, NewRecord, Record};
use ledger::{Actor, Day, Id, Kind, Ledger, Moment, attestations, packs};
use pack::{Pack, Source};
use serde_json::{Map, Value as Json, json};

use crate::city::{NOON, add_person, add_unit, day, fields, give, operator};
use crate::engines::{Fresh, on_both_engines};

/// The files of the small pack that the checker's own tests use.
pub(crate) fn base() -> Source {
    fn read(dir: &std::path::Path, prefix: &str, source: &mut Source) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{prefix}{}", entry.file_name().to_str().unwrap());
            if entry.file_type().unwrap().is_dir() {
                read(&entry.path(), &format!("{path}/"), source);
            } else {
                source.insert(path, std::fs::read(entry.path()).unwrap());
            }
        }
    }
    let mut source = Source::new();
    read(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../pack/tests/it/base"), "", &mut source);
    source
}

/// One text for another, in every file.
pub(crate) fn replaced(source: &Source, from: &str, to: &str) -> Source {
    let mut found = false;
    let changed = source.files().map(|(path, bytes)| {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        found |= text.contains(from);
        (path.to_owned(), text.replace(from, to))
    });
    let changed = changed.collect();
    assert!(found, "no file holds {from:?}");
    changed
}

/// Renames and removals that a revision may make together, each as replacements in all files.
const CHANGES: [&[(&str, &str)]; 9] = [
    // A field.
    &[
        ("purpose = { type", "aim = { was = \"purpose\", type"),
        ("\"purpose\"", "\"aim\""),
        ("was = \"aim\"", "was = \"purpose\""),
    ],
    // A choice.
    &[("{ id = \"usb\",", "{ id = \"stick\", was = \"usb\",")],
    // A state.
    &[
        (
            "\"draft\", \"asked\", \"out\"",
            "\"draft\", \"asked\", { id = \"abroad\", was = \"gone\", label = { ja = \"持出し中\", en = \"Out\" } }",
        ),
        ("'out'", "'abroad'"),
        ("\"out\"", "\"abroad\""),
        ("was = \"gone\"", "was = \"out\""),
    ],
    // A role, which decides and holds posts.
    &[("section_manager", "head"), ("id = \"head\"\n", "id = \"head\"\nwas = \"section_manager\"\n")],
    // A class.
    &[("id = \"3\"\n", "id = \"3A\"\nwas = \"3\"\n"), ("class = \"3\"", "class = \"3A\""), (", '3')", ", '3A')")],
    // A control.
    &[("id = \"takeouts-returned\"", "id = \"takeouts-back\"\nwas = \"takeouts-returned\"")],
    // A state that is gone, and another that takes over its records.
    &[
        (
            "states = [\"live\", \"disposed\"]",
            "states = [\"live\", { id = \"over\", label = { ja = \"処分済み\", en = \"Over\" } }]",
        ),
        ("final = [\"disposed\"]", "final = [\"over\"]"),
        ("to = \"disposed\"", "to = \"over\""),
        (
            "[access]\nview = [\"staff@all\"]",
            "[lifecycle.retired]\ndisposed = \"over\"\n\n[access]\nview = [\"staff@all\"]",
        ),
    ],
    // Choices in another order.
    &[("choices = [\n", "choices = [\n  { id = \"first\", label = { ja = \"先\", en = \"First\" } },\n")],
    // A role that is gone, and one that takes over its posts.
    &[
        ("[[role]]\nid = \"auditor\"", "[[role]]\nid = \"inspector\""),
        ("auditor@all", "inspector@all"),
        ("[\"auditor\"", "[\"inspector\""),
        ("[retired]", "[retired]\nroles = { auditor = \"inspector\" }"),
    ],
];

/// The register of assets, renamed: a folder's name is its id.
fn goods(source: &Source) -> Source {
    let moved = source.files().map(|(path, bytes)| {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let text =
            text.replace("subjects = \"assets\"", "subjects = \"goods\"").replace("to = \"assets\"", "to = \"goods\"");
        let text = if path == "duties/assets/register.toml" { format!("was = \"assets\"\n{text}") } else { text };
        (path.replace("duties/assets/", "duties/goods/"), text)
    });
    moved.collect()
}

fn version(source: &Source, version: &str) -> Source {
    replaced(source, "id = \"small\"\nversion = \"1\"", &format!("id = \"small\"\nversion = \"{version}\""))
}

fn compiled(source: &Source) -> Pack {
    let checked = pack::compile(source);
    checked.pack.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics))
}

pub(crate) fn on(days: i64) -> Moment {
    NOON.plus_ms(days * 86_400_000)
}

pub(crate) async fn propose(ledger: &Ledger, source: &Source, effective: Day) -> ledger::Result<Id> {
    let mut op = ledger.operation(Actor::Operator("起案".to_owned()), NOON).await.unwrap();
    let permit = office(&op, None, Office::Packs, "propose", "pack", "").unwrap();
    let proposal = packs::Proposal { source: packs::to_bytes(source.files()), note: "改正".to_owned(), effective };
    let id = packs::propose(&mut op, permit, proposal).await?;
    op.commit().await.map(|_| id)
}

pub(crate) async fn decide(ledger: &Ledger, by: &str, id: Id) -> ledger::Result<()> {
    let mut op = ledger.operation(Actor::Operator(by.to_owned()), NOON).await.unwrap();
    let permit = office(&op, None, Office::Approval, "decide", "pack", id).unwrap();
    packs::decide(&mut op, permit, id, true).await?;
    op.commit().await.map(|_| ())
}

pub(crate) async fn take_force(ledger: &Ledger, id: Id, at: Moment) -> ledger::Result<Pack> {
    let mut op = ledger.operation(Actor::Machine("adoption"), at).await.unwrap();
    let permit = office(&op, None, Office::Packs, "take-force", "pack", id).unwrap();
    let (pack, _) = packs::take_force(&mut op, permit, id).await?;
    op.commit().await.map(|_| pack)
}

/// A section with a manager and a clerk, an asset, one take-out that was decided and one that waits, under the small pack.
struct Town {
    ledger: Ledger,
    pack: Pack,
    unit: Id,
    manager: Id,
    asset: Id,
    out: Id,
    asked: Id,
}

impl Town {
    async fn new(fresh: &Fresh) -> Self {
        let ledger = fresh.ledger.clone();
        let first = propose(&ledger, &base(), NOON.day()).await.unwrap();
        decide(&ledger, "決裁", first).await.unwrap();
        let mut op = operator(&ledger).await;
        let unit = add_unit(&mut op, "総務課", None, "2020-04-01").await;
        let manager = add_person(&mut op, "課長", "full_time", unit).await;
        let clerk = add_person(&mut op, "係員", "full_time", unit).await;
        give(&mut op, manager, "section_manager", unit, "2024-04-01", None).await;
        give(&mut op, clerk, "auditor", unit, "2024-04-01", None).await;
        op.commit().await.unwrap();
        let mut town = Self { ledger, pack: compiled(&base()), unit, manager, asset: unit, out: unit, asked: unit };
        let secret = town.create(None, "assets", json!({"name": "住民データ", "confidentiality": "3"})).await;
        let plain = town.create(None, "assets", json!({"name": "広報", "confidentiality": "1"})).await;
        town.asset = secret.id;
        let out = |asset: Id| json!({"asset": asset.to_string(), "purpose": "会場で使う", "how": "usb"});
        let (first, second) = (
            town.create(Some(clerk), "takeouts", out(plain.id)).await,
            town.create(Some(clerk), "takeouts", out(secret.id)).await,
        );
        town.submit(clerk, first.id).await;
        town.submit(clerk, second.id).await;
        (town.out, town.asked) = (first.id, second.id);
        assert_eq!(town.agree(town.out).await.unwrap().state, "out");
        town.report(clerk).await;
        town
    }

    async fn by(&self, person: Id, at: Moment) -> (ledger::Operation, Standing) {
        let mut op = self.ledger.operation(Actor::Person(person), at).await.unwrap();
        let standing = Standing::of(&mut op, &self.pack, person).await.unwrap();
        (op, standing)
    }

    async fn create(&self, by: Option<Id>, register: &str, json: Json) -> Record {
        let new = NewRecord { unit: Some(self.unit), paper: None, fields: fields(json) };
        let (mut op, standing) = match by {
            Some(person) => {
                let (op, standing) = self.by(person, NOON).await;
                (op, Some(standing))
            }
            None => (operator(&self.ledger).await, None),
        };
        let register = self.pack.register(register).unwrap();
        let record = records::create(&mut op, &self.pack, standing.as_ref(), register, new).await.unwrap();
        op.commit().await.unwrap();
        record
    }

    async fn submit(&self, by: Id, id: Id) {
        let (mut op, standing) = self.by(by, NOON).await;
        let register = self.pack.register("takeouts").unwrap();
        let submit = register.transition("submit").unwrap();
        let change = Change::default();
        records::step(&mut op, &self.pack, Some(&standing), register, id, submit, change).await.unwrap();
        op.commit().await.unwrap();
    }

    async fn agree(&self, id: Id) -> ledger::Result<Record> {
        let (mut op, standing) = self.by(self.manager, NOON).await;
        let register = self.pack.register("takeouts").unwrap();
        let answer = Answer { version: None, remark: None, fields: Map::new() };
        let record = decisions::agree(&mut op, &self.pack, &standing, register, id, answer).await?;
        op.commit().await.map(|_| record)
    }

    /// What assurance keeps: a report, a finding.
    async fn report(&self, by: Id) {
        let mut op = self.ledger.operation(Actor::Person(by), NOON).await.unwrap();
        let permit = office(&op, None, Office::People, "x", "control", "");
        assert!(permit.is_err(), "a person without an office gets none");
        drop(op);
        op = operator(&self.ledger).await;
        let permit = office(&op, None, Office::Packs, "plan", "control", "takeouts-returned").unwrap();
        attestations::plan(&mut op, permit, "takeouts-returned", Some(day("2027-04-01")), "計画").await.unwrap();
        let verdict = findings::OpenVerdict {
            control: "assets-reviewed".to_owned(),
            subject: format!("record:assets:{}", self.asset),
            label: "住民データ".to_owned(),
            unit: Some(self.unit),
            state: "broken".to_owned(),
            reason_ja: "棚卸し".to_owned(),
            reason_en: "review".to_owned(),
        };
        findings::add(&mut op, &verdict, 2, day("2026-10-01"), day("2026-12-01")).await.unwrap();
        for (units, seen) in [(None, 1), (Some(vec![self.unit]), 1), (Some(Vec::new()), 0)] {
            let filter = findings::Filter { units, ..findings::Filter::default() };
            assert_eq!(findings::count(&mut op, &filter).await.unwrap(), seen, "{filter:?}");
        }
        op.commit().await.unwrap();
    }

    async fn record(&self, pack: &Pack, register: &str, id: Id, at: Moment) -> Record {
        let mut reading = self.ledger.reading(Actor::Machine("test"), at).await.unwrap();
        records::get(&mut reading, None, pack.register(register).unwrap(), id).await.unwrap()
    }

    async fn faults(&self) -> Vec<ledger::journal::Problem> {
        let mut reading = self.ledger.reading(Actor::Machine("test"), NOON).await.unwrap();
        verify(&mut reading, None).await.unwrap().problems
    }
}

/// Revises the policy by some of the changes, and checks everything recorded against what the changes say.
async fn revise(fresh: &Fresh, chosen: &[usize], renamed: bool) {
    let town = Town::new(fresh).await;
    let has = |change: usize| chosen.contains(&change);
    let mut source = version(&base(), "2");
    for (from, to) in chosen.iter().flat_map(|change| CHANGES[*change]) {
        source = replaced(&source, from, to);
    }
    if renamed {
        source = goods(&source);
    }
    let id =
        propose(&town.ledger, &source, on(3).day()).await.unwrap_or_else(|e| panic!("{chosen:?} {:#?}", e.fields()));
    decide(&town.ledger, "決裁", id).await.unwrap();
    assert_eq!(take_force(&town.ledger, id, on(2)).await.unwrap_err().kind(), Kind::Refused, "before its day");
    let pack = take_force(&town.ledger, id, on(3)).await.unwrap();
    assert_eq!(town.faults().await, [], "{chosen:?}");

    let pick = |change: usize, new: &'static str, old: &'static str| if has(change) { new } else { old };
    let aim = pick(0, "aim", "purpose");
    let assets = if renamed { "goods" } else { "assets" };
    let out = town.record(&pack, "takeouts", town.out, on(3)).await;
    assert_eq!(out.state, pick(2, "abroad", "out"));
    assert_eq!(out.fields[aim], "会場で使う");
    assert_eq!(out.fields["how"], pick(1, "stick", "usb"));
    let asset = town.record(&pack, assets, town.asset, on(3)).await;
    assert_eq!(asset.fields["confidentiality"], pick(4, "3A", "3"));
    assert_eq!(asset.state, "live");

    // Found by what it is, sorted by what it says, referred to.
    let mut reading = town.ledger.reading(Actor::Machine("test"), on(3)).await.unwrap();
    let register = pack.register("takeouts").unwrap();
    let query = records::Query {
        sort: Some(records::Sort { field: "how".to_owned(), descending: false }),
        limit: 25,
        ..records::Query::default()
    };
    let listed = records::list(&mut reading, &pack, None, register, &query).await.unwrap();
    assert_eq!(listed.items.len(), 2, "{chosen:?}");
    let referring = records::references_to(&mut reading, None, &asset, register).await.unwrap();
    assert_eq!(referring.len(), 1, "{chosen:?}");

    // Posts, the waiting decision, reports and findings.
    let held = posts::of_person(&mut reading, town.manager).await.unwrap();
    assert!(held.iter().any(|post| post.role == pick(3, "head", "section_manager")));
    let planned = attestations::planned(&mut reading).await.unwrap();
    assert_eq!(planned[0].0, pick(5, "takeouts-back", "takeouts-returned"));
    let found = findings::list(&mut reading, &findings::Filter::default(), 0, 10).await.unwrap();
    assert_eq!(found[0].verdict.subject, format!("record:{assets}:{}", town.asset));
    reading.end().await.unwrap();
    let after = Town { pack, ledger: town.ledger.clone(), ..town };
    assert_eq!(after.agree(after.asked).await.unwrap().state, "asked", "the CISO is still to decide");
    assert_eq!(after.faults().await, []);
}

on_both_engines! {
    /// A revision without any rename leaves everything as it is, and is in force.
    async fn a_revision_without_renames(fresh: Fresh) {
        revise(&fresh, &[], false).await;
    }
}

on_both_engines! {
    /// All kinds of rename and removal at once.
    async fn every_rename_at_once(fresh: Fresh) {
        revise(&fresh, &[0, 1, 2, 3, 4, 5, 6, 7, 8], true).await;
    }
}

on_both_engines! {
    /// Any combination of renames: every record stays readable under its new ids, and the journal agrees.
    async fn any_combination_of_renames(fresh: Fresh) {
        let engine = fresh.ledger.engine();
        drop(fresh);
        // A fixed walk through the combinations, in steps that reach all of them in the end.
        for step in 1..=6_usize {
            let bits = step * 389 % 1024;
            let chosen: Vec<usize> = (0..CHANGES.len()).filter(|change| bits & (1 << change) != 0).collect();
            let fresh = crate::engines::fresh(engine).await;
            revise(&fresh, &chosen, bits & (1 << CHANGES.len()) != 0).await;
        }
    }
}

on_both_engines! {
    /// A version that would lose something recorded is refused with the places, and nothing changes.
    async fn what_would_be_lost_refuses_the_version(fresh: Fresh) {
        let town = Town::new(&fresh).await;
        let without = replaced(&version(&base(), "2"), "  { id = \"usb\", label = { ja = \"USBメモリ\", en = \"USB memory\" } },\n", "");
        let refused = propose(&town.ledger, &without, on(3).day()).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Invalid);
        assert_eq!(refused.fields()[0].field, "duties/takeouts/register.toml:9");
        assert!(refused.fields()[0].message.ja.contains("usb"), "{:?}", refused.fields());
        let mut reading = town.ledger.reading(Actor::Machine("test"), NOON).await.unwrap();
        assert_eq!(packs::versions(&mut reading).await.unwrap().len(), 1);
    }
}

on_both_engines! {
    /// What is recorded after the decision counts too: on its day the version is refused and the one before stays.
    async fn what_is_recorded_after_the_decision_counts_on_the_day(fresh: Fresh) {
        let town = Town::new(&fresh).await;
        let without = replaced(&version(&base(), "2"), "  { id = \"paper\", label = { ja = \"紙\", en = \"Paper\" } },\n", "");
        let id = propose(&town.ledger, &without, on(3).day()).await.unwrap();
        decide(&town.ledger, "決裁", id).await.unwrap();
        let asset = town.asset.to_string();
        town.create(Some(town.manager), "takeouts", json!({"asset": asset, "purpose": "会議", "how": "paper"})).await;
        let refused = take_force(&town.ledger, id, on(3)).await.unwrap_err();
        assert!(refused.fields()[0].message.ja.contains("paper"));
        let mut reading = town.ledger.reading(Actor::Machine("test"), on(3)).await.unwrap();
        assert_eq!(packs::in_force(&mut reading, on(3).day()).await.unwrap().unwrap().version, "1");
        assert_eq!(packs::waiting(&mut reading).await.unwrap().unwrap().id, id);
        reading.end().await.unwrap();
        let mut op = operator(&town.ledger).await;
        let permit = office(&op, None, Office::Packs, "withdraw", "pack", id).unwrap();
        packs::withdraw(&mut op, permit, id).await.unwrap();
        op.commit().await.unwrap();
        assert_eq!(town.faults().await, []);
    }
}

on_both_engines! {
    /// Two people, one version waiting at a time, a version's name once.
    async fn a_version_is_decided_by_another_person(fresh: Fresh) {
        let town = Town::new(&fresh).await;
        let id = propose(&town.ledger, &version(&base(), "2"), on(3).day()).await.unwrap();
        assert_eq!(decide(&town.ledger, "起案", id).await.unwrap_err().kind(), Kind::Forbidden);
        assert_eq!(propose(&town.ledger, &version(&base(), "2"), on(4).day()).await.unwrap_err().fields()[0].field, "version");
        assert_eq!(propose(&town.ledger, &version(&base(), "3"), on(-1).day()).await.unwrap_err().fields()[0].field, "effective");
        let other = propose(&town.ledger, &version(&base(), "3"), on(3).day()).await.unwrap();
        decide(&town.ledger, "決裁", id).await.unwrap();
        assert_eq!(decide(&town.ledger, "決裁", other).await.unwrap_err().kind(), Kind::Refused);
        take_force(&town.ledger, id, on(3)).await.unwrap();
        decide(&town.ledger, "決裁", other).await.unwrap();
        // Every version that ever was stays readable.
        let mut reading = town.ledger.reading(Actor::Machine("test"), on(3)).await.unwrap();
        for version in packs::versions(&mut reading).await.unwrap() {
            let source = packs::source(&mut reading, version.id).await.unwrap();
            assert_eq!(packs::compile(&source).unwrap().version, version.version);
        }
        // A person decides by role: the CISO, not the secretariat that proposes.
        assert_eq!(Office::Approval.roles(), ["ciso", "chief_security_officer"]);
    }
}

on_both_engines! {
    /// A field that becomes required binds when the record is written the next time.
    async fn a_newly_required_field_binds_at_the_next_write(fresh: Fresh) {
        let town = Town::new(&fresh).await;
        let required = replaced(&version(&base(), "2"), "reviewed_on = { type = \"date?\"", "reviewed_on = { type = \"date\"");
        let required = replaced(&required, "has(record.reviewed_on) && ", "");
        let id = propose(&town.ledger, &required, NOON.day()).await.unwrap();
        decide(&town.ledger, "決裁", id).await.unwrap();
        let pack = take_force(&town.ledger, id, NOON).await.unwrap();
        let before = town.record(&pack, "assets", town.asset, NOON).await;
        assert!(!before.fields.contains_key("reviewed_on"), "it stays readable without the value");
        let mut op = operator(&town.ledger).await;
        let change = Change { fields: fields(json!({"name": "住民記録"})), ..Change::default() };
        let register = pack.register("assets").unwrap();
        let refused = records::edit(&mut op, &pack, None, register, town.asset, change).await.unwrap_err();
        assert_eq!(refused.fields()[0].field, "reviewed_on");
    }
}
