//! An evaluator that follows the journal says what one that begins anew on the same day says, whatever happened.

use std::collections::BTreeMap;
use std::sync::Arc;

use assurance::{Assessment, Evaluator, load};
use ledger::{Actor, Sql};
use pack::Pack;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::city::{Chance, City, Event, policy};

const ACTOR: Actor = Actor::Machine("test");

fn events() -> impl Strategy<Value = Vec<(Event, u64)>> {
    let event = prop_oneof![
        6 => Just(Event::Create),
        8 => Just(Event::Edit),
        5 => Just(Event::Step),
        2 => Just(Event::Move),
        2 => Just(Event::Deliver),
        4 => Just(Event::Attest),
        2 => Just(Event::Plan),
        1 => Just(Event::Post),
        1 => Just(Event::Join),
        1 => Just(Event::Days),
    ];
    prop::collection::vec((event, any::<u64>()), 4..24)
}

/// What was seen over all cases, so that a test of nothing does not pass.
#[derive(Debug, Default)]
struct Seen {
    happened: BTreeMap<String, usize>,
    filled: usize,
    followed: usize,
    moved: usize,
}

/// Everything that is stored about the state of the controls.
async fn stored(city: &City) -> Vec<Vec<Option<String>>> {
    let mut reading = city.ledger.reading(ACTOR, city.now).await.unwrap();
    let queries = [
        ("SELECT control, subject, label, unit_id, state, reason_ja, reason_en FROM verdict", 7),
        ("SELECT control, subject, label, unit_id, state, reason_ja, reason_en FROM finding WHERE until IS NULL", 7),
        (
            "SELECT day, control, unit_id, CAST(holds AS TEXT), CAST(broken AS TEXT), CAST(covered AS TEXT), \
             CAST(unknown AS TEXT), CAST(not_started AS TEXT), CAST(out_of_scope AS TEXT) FROM control_day \
             WHERE day = (SELECT max(day) FROM control_day)",
            9,
        ),
    ];
    let mut all = Vec::new();
    for (query, columns) in queries {
        for row in reading.rows(Sql::new(query, [])).await.unwrap() {
            all.push((0..columns).map(|column| row.opt_text(column).unwrap()).collect());
        }
    }
    all.sort();
    all
}

async fn same_as_anew(city: &City, evaluator: &Evaluator, after: &str) {
    let mut reading = city.ledger.reading(ACTOR, city.now).await.unwrap();
    let (world, known) = load::everything(&mut reading, &city.pack).await.unwrap();
    let anew = Assessment::full(&city.pack, &world, &known, city.now.day());
    let followed = evaluator.assessment();
    assert_eq!(followed.day, anew.day);
    for (control, verdicts) in &anew.verdicts {
        assert_eq!(followed.verdicts.get(control), Some(verdicts), "{control} after {after}");
    }
    assert_eq!(followed.verdicts.len(), anew.verdicts.len());
}

async fn check(pack: Arc<Pack>, records: usize, events: &[(Event, u64)], seen: &mut Seen) {
    let mut city = City::new(Arc::clone(&pack)).await;
    let mut chance = Chance(events[0].1);
    for _ in 0..records {
        seen.filled += usize::from(city.happen(Event::Create, &mut chance).await);
    }
    let mut evaluator = Evaluator::start(&city.ledger, Arc::clone(&pack), city.now).await.unwrap();
    for (event, seed) in events {
        let happened = city.happen(*event, &mut Chance(*seed)).await;
        let round = evaluator.catch_up(&city.ledger, Arc::clone(&pack), city.now).await.unwrap();
        *seen.happened.entry(format!("{event:?}")).or_default() += usize::from(happened);
        seen.followed += usize::from(happened && !round.full);
        seen.moved += usize::from(!round.full && round.evaluated > 0);
        same_as_anew(&city, &evaluator, &format!("{event:?} of {seed}")).await;
    }
    let followed = stored(&city).await;
    Evaluator::start(&city.ledger, pack, city.now).await.unwrap();
    assert_eq!(followed, stored(&city).await, "what is stored after {events:?}");
}

fn run(folder: &str, cases: u32, records: usize) -> Seen {
    let pack = policy(folder);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let seen = std::cell::RefCell::new(Seen::default());
    runner
        .run(&events(), |events| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(check(Arc::clone(&pack), records, &events, &mut seen.borrow_mut()));
            Ok(())
        })
        .unwrap();
    let seen = seen.into_inner();
    println!("{seen:?}");
    seen
}

#[test]
fn following_equals_beginning_anew_under_a_small_policy() {
    let seen = run("crates/pack/tests/it/base", 40, 6);
    assert!(seen.followed > 60 && seen.moved > 40, "{seen:?}");
    assert!(seen.happened.values().filter(|count| **count > 3).count() >= 8, "{seen:?}");
}

#[test]
fn following_equals_beginning_anew_under_the_shipped_policy() {
    let seen = run("packs/sodegaura", 6, 300);
    assert!(seen.followed > 10 && seen.moved > 8, "{seen:?}");
}

#[tokio::test]
async fn looking_at_records_evaluates_nothing_anew() {
    let pack = policy("crates/pack/tests/it/base");
    let mut city = City::new(Arc::clone(&pack)).await;
    let mut chance = Chance(1);
    while !city.happen(Event::Create, &mut chance).await {}
    let mut evaluator = Evaluator::start(&city.ledger, Arc::clone(&pack), city.now).await.unwrap();
    let mut op = city.ledger.operation(ACTOR, city.now).await.unwrap();
    let before = ledger::findings::position(&mut op).await.unwrap();
    ledger::records::note_list(&mut op, &pack.registers[0], 3);
    op.commit().await.unwrap();
    let round = evaluator.catch_up(&city.ledger, Arc::clone(&pack), city.now).await.unwrap();
    assert_eq!((round.full, round.evaluated), (false, 0));
    let mut reading = city.ledger.reading(ACTOR, city.now).await.unwrap();
    assert_eq!(ledger::findings::position(&mut reading).await.unwrap(), before, "nothing is written for a look");
    reading.end().await.unwrap();
    // What happens after the look is followed as ever.
    while !city.happen(Event::Create, &mut chance).await {}
    assert!(!evaluator.catch_up(&city.ledger, Arc::clone(&pack), city.now).await.unwrap().full);
    same_as_anew(&city, &evaluator, "a look").await;
}
