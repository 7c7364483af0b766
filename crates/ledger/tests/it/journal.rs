//! The journal: whatever is changed behind sekimori's back is named.

use ledger::journal::{self, Fault, SignerKey, Verdict, VerifierKey};
use ledger::permission::{Office, office};
use ledger::{Actor, Engine, Ledger, SystemEntropy, backup, files};
use serde_json::json;

use crate::city::{NOON, operator};
use crate::engines::{Fresh, behind, fresh, on_both_engines};
use crate::records::Section;

/// A few records with versions, links and a file.
async fn filled(fresh: &Fresh) -> Section {
    let city = Section::new(fresh).await;
    let (mut op, standing) = city.by(city.clerk).await;
    let permit = ledger::permission::attach(&op, Some(&standing)).unwrap();
    let file = files::add(&mut op, permit, "図面.pdf", "application/pdf", &vec![7_u8; 600_000][..]).await.unwrap();
    op.commit().await.unwrap();
    let asset =
        city.create(city.clerk, "assets", json!({"name": "台帳", "scan": file.id.to_string(), "serial": "S1"})).await;
    let asset = asset.unwrap();
    city.edit(city.manager, asset.id, 1, json!({"count": 5, "readers": [city.stranger.to_string()]})).await.unwrap();
    city.create(city.clerk, "takeouts", json!({"name": "会場", "asset": asset.id.to_string()})).await.unwrap();
    city.create(city.clerk, "assets", json!({"name": "二つ目", "count": 1})).await.unwrap();
    city
}

pub(crate) async fn verdict(ledger: &Ledger) -> Verdict {
    let mut reading = ledger.reading(Actor::Operator("audit".to_owned()), NOON).await.unwrap();
    journal::verify(&mut reading, None).await.unwrap()
}

/// Every way of changing the store that the test tries, with the faults that may be named for it.
const MUTATIONS: &[(&str, &[Fault])] = &[
    ("UPDATE record SET state = 'returned' WHERE number = '資産第1号'", &[Fault::RowAltered]),
    ("UPDATE record SET unit_id = applicant WHERE number = '資産第1号'", &[Fault::RowAltered]),
    ("UPDATE record_version SET fields = replace(fields, '5', '6') WHERE version = 2", &[Fault::RowAltered]),
    ("UPDATE record_version SET actor = 'machine:x' WHERE version = 1", &[Fault::RowAltered]),
    ("UPDATE record_version SET fields = NULL WHERE version = 1", &[Fault::RowAltered]),
    ("DELETE FROM record_version WHERE version = 2", &[Fault::RowDeleted]),
    ("DELETE FROM record WHERE number = '資産第2号'", &[Fault::RowDeleted, Fault::RowInserted]),
    ("UPDATE record_key SET key = 'x' WHERE field = 'name'", &[Fault::RowAltered]),
    ("DELETE FROM record_key WHERE field = 'count'", &[Fault::RowAltered]),
    ("DELETE FROM record_link", &[Fault::RowAltered]),
    ("DELETE FROM record_unique", &[Fault::RowAltered]),
    ("UPDATE record_text SET text = 'x'", &[Fault::RowAltered]),
    ("INSERT INTO record_link VALUES ('nobody', 'f', 0, 'person', 'x')", &[Fault::RowInserted]),
    ("INSERT INTO unit_successor VALUES ('a', 'b', 'SALT')", &[Fault::RowInserted]),
    ("UPDATE post SET to_day = NULL, role = 'ciso' WHERE role = 'auditor'", &[Fault::RowAltered]),
    ("UPDATE person SET name = 'x' WHERE name = '課長'", &[Fault::RowAltered]),
    ("DELETE FROM post WHERE role = 'section_manager'", &[Fault::RowDeleted]),
    ("UPDATE file SET name = 'x'", &[Fault::RowAltered]),
    ("DELETE FROM file_part WHERE part = 1", &[Fault::FileAltered]),
    ("INSERT INTO file_part SELECT file_id, 99, bytes FROM file_part WHERE part = 0", &[Fault::FileAltered]),
    ("INSERT INTO file_part SELECT file_id, -1, bytes FROM file_part WHERE part = 0", &[Fault::FileAltered]),
    ("INSERT INTO file_part SELECT 'x', 0, bytes FROM file_part WHERE part = 0", &[Fault::RowInserted]),
    ("UPDATE file_part SET part = part + 10 WHERE part = 2", &[Fault::FileAltered]),
    ("UPDATE journal SET act = 'x' WHERE seq = 3", &[Fault::ColumnsAltered]),
    ("UPDATE journal SET at = at + 1 WHERE seq = 3", &[Fault::ColumnsAltered]),
    ("UPDATE journal SET subject = 'x' WHERE seq = 3", &[Fault::ColumnsAltered]),
    ("UPDATE journal SET bytes = (SELECT bytes FROM journal WHERE seq = 4) WHERE seq = 3", &[Fault::EntryAltered]),
    ("UPDATE journal SET hash = (SELECT hash FROM journal WHERE seq = 4) WHERE seq = 3", &[Fault::EntryAltered]),
    ("DELETE FROM journal WHERE seq = 3", &[Fault::EntryMissing]),
    ("DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)", &[Fault::HeadWrong]),
    (
        "INSERT INTO journal SELECT seq + 1, at, actor, act, kind, subject, bytes, hash FROM journal WHERE seq = (SELECT max(seq) FROM journal)",
        &[Fault::ChainBroken],
    ),
    (
        "UPDATE journal SET seq = -seq WHERE seq IN (3, 4); UPDATE journal SET seq = seq + 7 WHERE seq < 0",
        &[Fault::ChainBroken],
    ),
    ("UPDATE journal_head SET seq = seq - 1", &[Fault::HeadWrong]),
    ("DELETE FROM journal_head", &[Fault::HeadWrong]),
    ("UPDATE journal_head SET hash = (SELECT hash FROM journal WHERE seq = 3)", &[Fault::HeadWrong]),
];

/// Whole-store copies are made by backup and restore, which the test thereby tests too.
async fn mutated(engine: Engine) {
    let original = fresh(engine).await;
    filled(&original).await;
    let clean = verdict(&original.ledger).await;
    assert_eq!(clean.problems, []);
    assert!(clean.entries > 10 && clean.rows > 20, "{clean:?}");
    let mut copy = Vec::new();
    let mut reading = original.ledger.reading(Actor::Machine("test"), NOON).await.unwrap();
    backup::write(&mut reading, &mut copy).await.unwrap();
    for (mutation, faults) in MUTATIONS {
        let fresh = fresh(engine).await;
        let mut op = operator(&fresh.ledger).await;
        let restored = backup::restore(&mut op, &copy[..], None).await.unwrap();
        assert_eq!(restored.problems, []);
        op.commit().await.unwrap();
        let salt = if engine == Engine::Sqlite { "x'00'" } else { "'\\x00'::bytea" };
        let mut changed = 0;
        for statement in mutation.replace("'SALT'", salt).split("; ") {
            changed += behind(&fresh.location, statement).await;
        }
        assert!(changed > 0, "{mutation} changes nothing");
        let named = verdict(&fresh.ledger).await;
        assert!(named.problems.iter().any(|p| faults.contains(&p.fault)), "{mutation}: {named:?}");
        assert!(named.problems.iter().all(|p| p.seq > 0 || p.fault == Fault::RowInserted), "{mutation}: {named:?}");
        fresh.ledger.close().await;
    }
}

#[test]
fn whatever_is_changed_is_named_on_sqlite() {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(mutated(Engine::Sqlite));
}

#[test]
fn whatever_is_changed_is_named_on_postgresql() {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(mutated(Engine::Postgres));
}

on_both_engines! {
    /// A tail that was cut and patched to look whole, or rewritten, disagrees with the checkpoint made before.
    async fn a_checkpoint_catches_a_forged_tail(fresh: Fresh) {
        let city = filled(&fresh).await;
        let key = SignerKey::new("test", [3; 32]);
        let public = VerifierKey::from_text(&key.public_text()).unwrap();
        let mut reading = city.ledger.reading(Actor::Machine("test"), NOON).await.unwrap();
        let (size, root) = journal::root(&mut reading).await.unwrap();
        let note = key.sign(size, &root);
        let covered = journal::verify(&mut reading, Some(public.open(&note).unwrap())).await.unwrap();
        assert_eq!((covered.problems.len(), covered.uncovered), (0, 0));
        drop(reading);
        city.create(city.clerk, "assets", json!({"name": "後から"})).await.unwrap();
        let mut reading = city.ledger.reading(Actor::Machine("test"), NOON).await.unwrap();
        let more = journal::verify(&mut reading, Some(public.open(&note).unwrap())).await.unwrap();
        assert_eq!((more.problems.len(), more.uncovered), (0, 1));
        drop(reading);
        // Cut back to before the checkpoint, the head patched so that the chain looks whole.
        behind(&fresh.location, &format!("DELETE FROM journal WHERE seq > {}", size - 2)).await;
        let patch = "UPDATE journal_head SET seq = (SELECT max(seq) FROM journal), hash = (SELECT hash FROM journal ORDER BY seq DESC LIMIT 1)";
        behind(&fresh.location, patch).await;
        let mut reading = city.ledger.reading(Actor::Machine("test"), NOON).await.unwrap();
        let cut = journal::verify(&mut reading, Some(public.open(&note).unwrap())).await.unwrap();
        assert!(cut.problems.iter().any(|p| p.fault == Fault::TailMissing), "{cut:?}");
        drop(reading);
    }
}

on_both_engines! {
    /// An export verifies without the store, and names the line that was altered.
    async fn an_export_verifies_by_itself(fresh: Fresh) {
        let city = filled(&fresh).await;
        let key = SignerKey::new("test", [3; 32]);
        let public = VerifierKey::from_text(&key.public_text()).unwrap();
        let mut reading = city.ledger.reading(Actor::Machine("test"), NOON).await.unwrap();
        let (size, root) = journal::root(&mut reading).await.unwrap();
        let checkpoint = public.open(&key.sign(size, &root)).unwrap();
        let mut out = Vec::new();
        let export = journal::Export::write(&mut reading, &mut out).await.unwrap();
        assert_eq!(export.entries, size);
        let good = journal::verify_export(&out[..], Some(checkpoint.clone())).unwrap();
        assert_eq!((good.problems.len(), good.entries, good.uncovered), (0, size, 0));
        let lines: Vec<&[u8]> = out.split_inclusive(|b| *b == b'\n').collect();
        let altered = String::from_utf8(out.clone()).unwrap().replacen("\"act\":\"create\"", "\"act\":\"delete\"", 1);
        let named = journal::verify_export(altered.as_bytes(), None).unwrap();
        let first = lines.iter().position(|l| String::from_utf8_lossy(l).contains("\"act\":\"create\"")).unwrap();
        assert_eq!(named.problems.first().map(|p| (p.seq, p.fault)), Some((i64::try_from(first).unwrap(), Fault::EntryAltered)));
        let without: Vec<u8> = lines.iter().enumerate().filter(|(i, _)| *i != 3).flat_map(|(_, l)| l.to_vec()).collect();
        assert_eq!(journal::verify_export(&without[..], None).unwrap().problems[0].seq, 3);
        let cut: Vec<u8> = lines[..lines.len() - 2].concat();
        assert_eq!(journal::verify_export(&cut[..], None).unwrap().problems, []);
        let cut = journal::verify_export(&cut[..], Some(checkpoint)).unwrap();
        assert_eq!(cut.problems[0].fault, Fault::TailMissing);
        assert!(journal::verify_export(&b""[..], None).is_err() && journal::verify_export(&b"PK"[..], None).is_err());
    }
}

on_both_engines! {
    /// A backup restores into the other engine too; a damaged one is refused, and so is a place with data.
    async fn a_backup_restores_anywhere(fresh: Fresh) {
        let city = filled(&fresh).await;
        let mut reading = city.ledger.reading(Actor::Machine("test"), NOON).await.unwrap();
        let mut copy = Vec::new();
        backup::write(&mut reading, &mut copy).await.unwrap();
        drop(reading);
        let other = match fresh.ledger.engine() {
            Engine::Sqlite => Engine::Postgres,
            Engine::Postgres => Engine::Sqlite,
        };
        let there = crate::engines::fresh(other).await;
        let mut op = operator(&there.ledger).await;
        assert_eq!(backup::restore(&mut op, &copy[..], None).await.unwrap().problems, []);
        op.commit().await.unwrap();
        let moved = Section { ledger: there.ledger.clone(), ..filled_names(&city) };
        assert_eq!(moved.names(moved.clerk, "assets", ledger::records::Query { search: "台帳".to_owned(), ..Default::default() }).await, ["台帳"]);
        moved.create(moved.clerk, "assets", json!({"name": "三つ目"})).await.unwrap();
        assert_eq!(verdict(&there.ledger).await.problems, []);
        let mut op = operator(&there.ledger).await;
        assert!(backup::restore(&mut op, &copy[..], None).await.is_err());
        drop(op);
        for damage in [0, 17, copy.len() / 2, copy.len() - 1] {
            let mut damaged = copy.clone();
            damaged[damage] ^= 1;
            let empty = crate::engines::fresh(other).await;
            let mut op = operator(&empty.ledger).await;
            assert!(backup::restore(&mut op, &damaged[..], None).await.is_err(), "byte {damage}");
            let mut op2 = damaged;
            op2.truncate(damage);
            assert!(backup::restore(&mut op, &op2[..], None).await.is_err(), "cut at {damage}");
        }
    }
}

fn filled_names(city: &Section) -> Section {
    Section { ledger: city.ledger.clone(), pack: city.pack.clone(), ..*city }
}

on_both_engines! {
    /// Sensitive reads are entries; a refused request leaves none.
    async fn a_refused_request_leaves_no_entry(fresh: Fresh) {
        let city = filled(&fresh).await;
        let before = verdict(&city.ledger).await.entries;
        city.create(city.clerk, "assets", json!({"name": ""})).await.unwrap_err();
        let (mut op, standing) = city.by(city.clerk).await;
        assert!(office(&op, Some(&standing), Office::Packs, "propose", "pack", "").is_err());
        let refused = ledger::records::edit(&mut op, &city.pack, Some(&standing), &city.pack.registers[0], city.unit, Default::default()).await;
        assert!(refused.is_err());
        op.commit().await.unwrap();
        assert_eq!(verdict(&city.ledger).await.entries, before);
        let again = Ledger::open(&fresh.location, std::sync::Arc::new(SystemEntropy)).await.unwrap();
        assert_eq!(verdict(&again).await.problems, []);
    }
}
