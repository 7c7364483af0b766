//! What is judged of contracts: trees against a slow obvious model (rings and strays among them), the city's permission at every
//! level, the yearly check around year ends and leap days, measures, and the account of what was given out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

use ledger::kinds::contract::{
    Concern, Hangs, Judged, Link, NoLeave, Node, Permission, Phase, Step, Tree, Trouble, account, concerns,
    judge_subcontracts, phase, shortfall, tree, yearly,
};
use ledger::records::Record;
use ledger::{Day, Id, Moment};
use pack::Pack;
use pack::model::Register;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

fn read_folder(root: &Path, at: &Path, source: &mut pack::Source) {
    for entry in std::fs::read_dir(at).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_folder(root, &path, source);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            source.insert(name, std::fs::read(&path).unwrap());
        }
    }
}

/// The policy that ships: its registers are what the judgement is for.
fn policy() -> &'static Pack {
    static MADE: OnceLock<Pack> = OnceLock::new();
    MADE.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/sodegaura");
        let mut source = pack::Source::new();
        read_folder(&root, &root, &mut source);
        pack::compile(&source).pack.expect("the shipped pack compiles")
    })
}

pub(crate) fn register(id: &str) -> &'static Register {
    policy().register(id).unwrap()
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

pub(crate) fn id(number: usize) -> Id {
    Id::from_number(u128::try_from(number).unwrap() + 1)
}

const TODAY: &str = "2026-11-22";

pub(crate) fn record(register: &str, number: usize, state: &str, fields: Json) -> Record {
    let Json::Object(mut fields) = fields else { panic!("fields") };
    fields.retain(|_, value| !value.is_null());
    Record {
        id: id(number),
        register: register.to_owned(),
        number: format!("第{number}号"),
        name: String::new(),
        unit: id(0),
        state: state.to_owned(),
        applicant: None,
        entered_for: None,
        version: 1,
        pack: "1".to_owned(),
        // 2026-11-06 in Tokyo.
        created: Moment(1_793_930_400_000),
        changed: Moment(1_793_930_400_000),
        entered: day("2026-11-06"),
        ended: None,
        disposed: None,
        fields,
    }
}

pub(crate) fn contract(fields: Json) -> Record {
    let Json::Object(mut all) = fields else { panic!("fields") };
    let known = json!({
        "partner": "元請（架空）", "confidentiality": "3B", "personal": "my_number", "starts_on": "2025-04-01", "ends_on": "2027-03-31",
    });
    for (id, value) in known.as_object().unwrap() {
        all.entry(id.clone()).or_insert(value.clone());
    }
    record("contracts", 900, "live", Json::Object(all))
}

// Trees.

/// Where one hangs, by following the chain above it step by step.
fn slow_place(links: &[Link], of: Id) -> (Hangs, Option<usize>) {
    let above = |of: Id| links.iter().find(|link| link.id == of).map(|link| link.above);
    let (mut at, mut steps, mut on_way) = (of, 1, vec![of]);
    loop {
        match above(at) {
            None => return (Hangs::Elsewhere, None),
            Some(None) => return (Hangs::OnContract, Some(steps)),
            Some(Some(up)) if up == of => return (Hangs::InRing, None),
            Some(Some(up)) if on_way.contains(&up) => return (Hangs::OnRing, None),
            Some(Some(up)) => {
                on_way.push(up);
                at = up;
                steps += 1;
            }
        }
    }
}

/// Any sub-contracts: above each is nobody, another one (perhaps itself), or one of another contract.
fn any_links() -> impl Strategy<Value = Vec<Link>> {
    (0_usize..14).prop_flat_map(|count| {
        let above = prop_oneof![2 => Just(None), 6 => (0..count.max(1)).prop_map(Some), 1 => Just(Some(500))];
        prop::collection::vec(above, count).prop_map(|above| {
            let link = |(here, up): (usize, Option<usize>)| Link { id: id(here), above: up.map(id) };
            above.into_iter().enumerate().map(link).collect()
        })
    })
}

fn check_tree(links: &[Link], Tree { places, rings }: &Tree) {
    let shown: Vec<Id> = places.iter().map(|place| place.id).collect();
    let mut once: Vec<Id> = shown.clone();
    once.sort_unstable();
    let mut all: Vec<Id> = links.iter().map(|link| link.id).collect();
    all.sort_unstable();
    assert_eq!(once, all, "every one has one place");
    for place in places {
        let (hangs, depth) = slow_place(links, place.id);
        assert_eq!(place.hangs, hangs, "{:?}", place.id);
        if let Some(depth) = depth {
            assert_eq!(place.depth, depth, "{:?}", place.id);
        }
        let above = links.iter().find(|link| link.id == place.id).unwrap().above;
        let before = above.and_then(|up| shown.iter().position(|id| *id == up));
        if matches!(place.hangs, Hangs::OnContract | Hangs::Elsewhere | Hangs::OnRing) {
            let here = shown.iter().position(|id| *id == place.id);
            assert!(before.is_none() || before < here, "what stands above is shown before");
        }
    }
    let in_rings: BTreeSet<Id> = rings.iter().flatten().copied().collect();
    let said: BTreeSet<Id> = places.iter().filter(|place| place.hangs == Hangs::InRing).map(|place| place.id).collect();
    assert_eq!(in_rings, said);
    for ring in rings {
        for (at, one) in ring.iter().enumerate() {
            let next = ring[(at + 1) % ring.len()];
            let above = links.iter().find(|link| link.id == *one).unwrap().above;
            assert_eq!(above, Some(next), "each is followed by the one above it");
        }
    }
}

proptest! {
    #[test]
    fn every_sub_contract_has_the_place_that_following_its_chain_gives(links in any_links()) {
        check_tree(&links, &tree(&links));
    }
}

#[test]
fn a_chain_of_ten_thousand_levels_is_a_tree_and_so_is_a_ring_of_them() {
    let count = 10_000;
    let mut links: Vec<Link> =
        (0..count).map(|here| Link { id: id(here), above: here.checked_sub(1).map(id) }).collect();
    let deep = tree(&links);
    assert_eq!(deep.places.last().unwrap().depth, count);
    links[0].above = Some(id(count - 1));
    let ring = tree(&links);
    assert_eq!((ring.rings.len(), ring.rings[0].len()), (1, count));
}

// Permission.

/// One sub-contract as it may be entered.
#[derive(Debug, Clone)]
pub(crate) struct Entered {
    pub(crate) above: Option<usize>,
    pub(crate) state: &'static str,
    pub(crate) personal: &'static str,
    pub(crate) began: Option<&'static str>,
    pub(crate) permitted: Option<&'static str>,
    pub(crate) number: bool,
    pub(crate) found: &'static str,
    pub(crate) back: bool,
}

fn any_entered() -> impl Strategy<Value = Vec<Entered>> {
    (1_usize..9).prop_flat_map(|count| {
        let above = prop_oneof![2 => Just(None), 5 => (0..count).prop_map(Some), 1 => Just(Some(500))];
        let state = prop::sample::select(vec!["draft", "asked", "granted", "granted", "refused", "closed"]);
        let personal = prop::sample::select(vec!["none", "personal", "my_number"]);
        let began = prop::sample::select(vec![None, Some("2026-01-10"), Some("2026-03-01"), Some("2026-11-23")]);
        let permitted = prop::sample::select(vec![None, Some("2026-02-01")]);
        let found = prop::sample::select(vec!["asked", "discovered"]);
        let one = (above, state, personal, began, permitted, any::<bool>(), found, any::<bool>());
        let one = one.prop_map(|(above, state, personal, began, permitted, number, found, back)| Entered {
            above,
            state,
            personal,
            began,
            permitted,
            number,
            found,
            back,
        });
        prop::collection::vec(one, count)
    })
}

pub(crate) fn stored(here: usize, entered: &Entered) -> Record {
    let fields = json!({
        "partner": format!("下請{here}"), "above": entered.above.map(|up| id(up).to_string()), "personal": entered.personal,
        "confidentiality": "3B", "began_on": entered.began, "permitted_on": entered.permitted, "found": entered.found,
        "permission_number": entered.number.then_some("第1号"), "returned_on": entered.back.then_some("2026-10-01"),
    });
    record("subcontracts", here, entered.state, fields)
}

/// The day on which each record of the tests first was in force, where nothing else is entered.
const FIRST: &str = "2026-02-15";

/// Whether somebody works, or has worked, for the city: in the words of the procedure.
fn slow_at_work(entered: &Entered) -> bool {
    let begun = entered.began.is_some_and(|began| day(began) <= day(TODAY));
    match entered.state {
        "granted" | "closed" => true,
        "refused" => begun && !entered.back,
        _ => begun || entered.found == "discovered",
    }
}

/// The nearest above that the city has not permitted.
fn slow_lack(all: &[Entered], here: usize) -> Option<usize> {
    let mut at = all[here].above;
    for _ in 0..=all.len() {
        let up = at.filter(|up| *up < all.len())?;
        if !matches!(all[up].state, "granted" | "closed") {
            return Some(up);
        }
        at = all[up].above;
    }
    None
}

/// Everything grave about one that hangs on the contract.
fn slow_grave(all: &[Entered], here: usize) -> Vec<Trouble> {
    let one = &all[here];
    let began = one.began.map(day).filter(|began| *began <= day(TODAY));
    let given = matches!(one.state, "granted" | "closed");
    let mut found = Vec::new();
    if !slow_at_work(one) {
        return found;
    }
    let permitted = day(one.permitted.unwrap_or(FIRST));
    match began {
        Some(began) if given && began < permitted => found.push(Trouble::Early { began, permitted }),
        Some(began) if !given => found.push(Trouble::AtWork(began)),
        None if !given => found.push(Trouble::FoundOut(day("2026-11-06"))),
        _ => {}
    }
    let lack = slow_lack(all, here).map(id);
    found.extend(lack.map(Trouble::NotPermittedAbove));
    if one.personal == "my_number" {
        found.extend(match (given, lack, one.number) {
            (false, _, _) => Some(Trouble::MyNumber(NoLeave::Here)),
            (true, Some(above), _) => Some(Trouble::MyNumber(NoLeave::Above(above))),
            (true, None, false) => Some(Trouble::MyNumber(NoLeave::NoNumber)),
            (true, None, true) => None,
        });
    }
    found
}

pub(crate) fn judged(records: Vec<Record>) -> Vec<Node> {
    let first: BTreeMap<Id, Day> = records.iter().map(|record| (record.id, day(FIRST))).collect();
    let contract = contract(json!({}));
    judge_subcontracts(policy(), register("subcontracts"), &contract, records, &first, day(TODAY)).0
}

proptest! {
    #[test]
    fn who_works_without_permission_is_found_at_every_depth(all in any_entered()) {
        let records: Vec<Record> = all.iter().enumerate().map(|(here, entered)| stored(here, entered)).collect();
        let links: Vec<Link> =
            all.iter().enumerate().map(|(here, one)| Link { id: id(here), above: one.above.map(id) }).collect();
        let nodes = judged(records);
        prop_assert_eq!(nodes.len(), all.len());
        for (here, entered) in all.iter().enumerate() {
            let node = nodes.iter().find(|node| node.record.id == id(here)).unwrap();
            prop_assert_eq!(node.at_work, slow_at_work(entered));
            let (hangs, _) = slow_place(&links, id(here));
            prop_assert_eq!(node.troubles.contains(&Trouble::InRing), hangs == Hangs::InRing);
            if matches!(hangs, Hangs::OnContract | Hangs::Elsewhere) {
                let grave: Vec<Trouble> = node.troubles.iter().copied().filter(|trouble| trouble.is_grave()).collect();
                prop_assert_eq!(grave, slow_grave(&all, here), "{:?}", entered);
            }
        }
    }
}

#[test]
fn an_unknown_fourth_level_of_my_number_work_is_named_with_its_days() {
    let granted = |above: Option<usize>| Entered {
        above,
        state: "granted",
        personal: "my_number",
        began: Some("2026-03-01"),
        permitted: None,
        number: true,
        found: "asked",
        back: false,
    };
    let mut all = [granted(None), granted(Some(0)), granted(Some(1)), granted(Some(2))];
    all[2] = Entered { state: "asked", found: "discovered", ..all[2].clone() };
    let nodes = judged(all.iter().enumerate().map(|(here, entered)| stored(here, entered)).collect());
    let of = |here: usize| &nodes.iter().find(|node| node.record.id == id(here)).unwrap().troubles;
    assert!(of(0).iter().chain(of(1)).all(|trouble| !trouble.is_grave()));
    assert_eq!(of(2)[..2], [Trouble::AtWork(day("2026-03-01")), Trouble::MyNumber(NoLeave::Here)]);
    assert_eq!(of(3)[..2], [Trouble::NotPermittedAbove(id(2)), Trouble::MyNumber(NoLeave::Above(id(2)))]);
    assert_eq!(nodes[3].permission, Permission::Given(Some(day(FIRST))));
}

#[test]
fn more_than_the_one_above_has_and_a_wrong_level_are_to_be_put_right() {
    let contract = contract(json!({ "confidentiality": "2", "personal": "none" }));
    let fields = json!({
        "partner": "下請", "level": 3, "confidentiality": "3B", "personal": "personal", "permission_number": "第1号", "found": "asked",
    });
    let records = vec![record("subcontracts", 1, "granted", fields)];
    let (nodes, _) =
        judge_subcontracts(policy(), register("subcontracts"), &contract, records, &BTreeMap::new(), day(TODAY));
    assert_eq!(nodes[0].troubles, [Trouble::MoreThanAbove, Trouble::Level { entered: 3, real: 1 }]);
    assert_eq!(nodes[0].permission, Permission::Given(None), "the day is not known");
}

// Yearly checks.

#[test]
fn a_check_is_due_twelve_months_after_the_last_one_or_the_start() {
    let due = |fields: Json, checks: &[&str]| {
        let contract = contract(fields);
        let made: Vec<Record> = checks
            .iter()
            .enumerate()
            .map(|(at, on)| record("contractor-checks", at, "closed", json!({ "checked_on": on, "result": "good" })))
            .collect();
        yearly(policy(), &contract, &made.iter().collect::<Vec<_>>()).map(|yearly| yearly.due)
    };
    for (start, checks, last) in [
        // From the start; over the year's end; from 29 February of a leap year, and to one.
        ("2025-04-01", vec![], "2026-04-01"),
        ("2025-12-31", vec![], "2026-12-31"),
        ("2026-01-01", vec![], "2027-01-01"),
        ("2024-02-29", vec![], "2025-02-28"),
        ("2027-02-28", vec![], "2028-02-28"),
        // The latest check counts, in whatever order they were entered.
        ("2024-04-01", vec!["2026-03-31", "2025-03-31"], "2027-03-31"),
        ("2024-04-01", vec!["2028-02-29"], "2029-02-28"),
    ] {
        assert_eq!(due(json!({ "starts_on": start }), &checks), Some(day(last)), "{start} {checks:?}");
    }
    let both = json!({ "starts_on": "2024-04-01", "checked_on": "2026-06-01" });
    assert_eq!(due(both, &["2026-05-01"]), Some(day("2027-06-01")), "the day on the contract counts as well");
    assert_eq!(due(json!({ "confidentiality": "1" }), &[]), None, "public information only");
    let left = yearly(policy(), &contract(json!({ "starts_on": "2025-11-22" })), &[]).unwrap().left(day(TODAY));
    assert_eq!(left, 0, "on the last day it is not late");
}

// Where a contract stands.

#[test]
fn a_contract_is_before_running_overrun_ended_or_refused() {
    for (state, ends, wanted) in [
        ("draft", "2026-11-21", Phase::Before),
        ("asked", "2027-03-31", Phase::Before),
        ("live", "2026-11-22", Phase::Running),
        ("live", "2026-11-21", Phase::Overrun),
        ("ending", "2026-11-21", Phase::Ended),
        ("closed", "2026-11-21", Phase::Ended),
        ("refused", "2026-11-21", Phase::Refused),
    ] {
        let contract = Record { state: state.to_owned(), ..contract(json!({ "ends_on": ends })) };
        assert_eq!(phase(register("contracts"), &contract, day(TODAY)), wanted, "{state} {ends}");
    }
}

// Measures.

#[test]
fn a_shortfall_is_followed_from_the_request_to_the_end() {
    let measures = Some(register("contractor-measures"));
    let check = |fields: Json| record("contractor-checks", 1, "open", fields);
    let open = check(json!({ "checked_on": "2026-11-20", "result": "shortfall", "due_on": "2026-12-20" }));
    let step = |number: usize, step: &str, due: &str, done: Option<&str>| {
        let state = if done.is_some() { "done" } else { "open" };
        record("contractor-measures", number, state, json!({ "step": step, "due_on": due, "done_on": done }))
    };
    let next = |all: &[Record]| {
        let all: Vec<&Record> = all.iter().collect();
        let shortfall = shortfall(measures, &open, &all, day(TODAY)).unwrap();
        shortfall.next.map(|next| (next.step, next.due))
    };
    assert_eq!(next(&[]), Some((Step::Request, day("2026-12-04"))), "fourteen days after the check");
    let request = step(10, "request", "2026-11-21", Some("2026-11-21"));
    assert_eq!(next(&[step(10, "request", "2026-11-25", None)]), None, "it waits for the open one");
    assert_eq!(next(std::slice::from_ref(&request)), Some((Step::Answer, day("2026-12-05"))));
    let confirm = step(12, "confirm", "2026-11-22", Some("2026-11-22"));
    assert_eq!(next(&[confirm.clone(), request.clone()]), Some((Step::Visit, day("2026-12-06"))), "not put right");
    let stopped = step(13, "stop", "2026-06-01", Some("2026-06-01"));
    assert_eq!(next(&[stopped]), Some((Step::Cancel, day(TODAY))), "what is due is never in the past");
    let dropped = Record { state: "dropped".to_owned(), ..step(14, "answer", "2026-11-01", None) };
    let all = [&request, &dropped];
    let kept = shortfall(measures, &open, &all, day(TODAY)).unwrap();
    assert_eq!(kept.measures.len(), 1, "what was dropped is not waited for");
    assert!(!kept.is_late(day("2026-12-20")) && kept.is_late(day("2026-12-21")));
    let late = step(15, "answer", "2026-11-21", None);
    assert!(shortfall(measures, &open, &[&late], day(TODAY)).unwrap().is_late(day(TODAY)));

    let serious = check(json!({ "checked_on": "2026-11-20", "result": "serious", "told_chief_on": "2026-11-20" }));
    assert_eq!(shortfall(measures, &serious, &[], day(TODAY)).unwrap().untold, ["told_ciso_on"]);
    let fixed = check(json!({ "checked_on": "2026-11-20", "result": "serious", "fixed_on": "2026-11-21" }));
    assert!(shortfall(measures, &fixed, &[], day(TODAY)).unwrap().next.is_none());
    assert!(shortfall(measures, &check(json!({ "result": "good" })), &[], day(TODAY)).is_none());
}

#[test]
fn concerns_name_the_gravest_first() {
    let contract = contract(json!({ "starts_on": "2025-10-01", "ends_on": "2026-12-31" }));
    let nodes = judged(vec![stored(
        1,
        &Entered {
            above: None,
            state: "asked",
            personal: "none",
            began: Some("2026-03-01"),
            permitted: None,
            number: false,
            found: "discovered",
            back: false,
        },
    )]);
    let judged = Judged {
        phase: Phase::Running,
        clauses: Vec::new(),
        account: account(&contract, false, &nodes, &[]),
        nodes,
        rings: Vec::new(),
        yearly: yearly(policy(), &contract, &[]),
        checks: Vec::new(),
        shortfalls: Vec::new(),
        hidden: 0,
    };
    let found = concerns(&contract, &judged, day(TODAY));
    assert_eq!(found, [Concern::Unpermitted(1), Concern::Unchecked(52), Concern::Ends(39)]);
    let refused = Judged { phase: Phase::Refused, ..judged };
    assert!(concerns(&contract, &refused, day(TODAY)).is_empty());
}
