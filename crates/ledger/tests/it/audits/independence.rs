//! Independence, against a model that follows every chain and looks at every day.

use ledger::kinds::audit::{Because, Judgement, Post, Window, judge};
use ledger::people::AFFILIATION;
use ledger::{Day, Id};
use proptest::prelude::*;

use crate::city::day;

fn id(number: u128) -> Id {
    Id::from_number(number)
}

/// A city: 1 市; 2, 3 部; 4, 5 課 of 2; 6 課 of 3; 7 was 4 before.
fn some_city(audited: &[u128]) -> Judgement {
    let units = [(1, None, true), (2, Some(1), false), (3, Some(1), false), (4, Some(2), false), (5, Some(2), false)];
    let more = [(6, Some(3), false), (7, Some(3), false)];
    Judgement {
        audited: audited.iter().map(|unit| id(*unit)).collect(),
        units: units.into_iter().chain(more).map(|(unit, above, body)| (id(unit), (above.map(id), body))).collect(),
        successions: vec![(id(7), id(4))],
        audit_roles: ["auditor".to_owned()].into(),
    }
}

/// Whether a post in a unit is a tie to an audited one, by following every chain.
fn slow_tie(judgement: &Judgement, unit: Id) -> bool {
    let chain = |mut at: Id| {
        let mut chain = vec![at];
        while let Some((Some(above), _)) = judgement.units.get(&at) {
            chain.push(*above);
            at = *above;
        }
        chain
    };
    let mut audited: Vec<Id> = judgement.audited.iter().copied().collect();
    audited
        .extend(judgement.successions.iter().filter(|(_, new)| judgement.audited.contains(new)).map(|(old, _)| *old));
    audited.iter().any(|audited| {
        let body = judgement.units.get(audited).is_some_and(|(_, body)| *body);
        chain(*audited).contains(&unit) || (!body && chain(unit).contains(audited))
    })
}

/// Whether a post counts, by looking at every day.
fn slow_counts(post: &Post, window: Window) -> Option<bool> {
    let held = |day: i32| post.from.number() <= day && post.to.is_none_or(|to| day < to.number());
    let any = |(from, to): (Day, Day)| (from.number()..=to.number()).any(held);
    if any(window.now) { Some(true) } else { window.period.is_some_and(any).then_some(false) }
}

fn some_day(offset: i32) -> Day {
    Day::new(day("2025-01-01").number() + offset).unwrap()
}

proptest! {
    #[test]
    fn independence_is_what_looking_day_by_day_says(
        audited in prop::collection::btree_set(1_u128..8, 1..3),
        posts in prop::collection::vec((1_u128..4, 0_usize..4, 1_u128..8, 0_i32..900, prop::option::of(1_i32..500)), 0..12),
        period in prop::option::of((0_i32..700, 0_i32..400)),
        now in (0_i32..900, 0_i32..60),
    ) {
        let roles = [AFFILIATION, "section_manager", "auditor", "system_manager"];
        let judgement = some_city(&audited.into_iter().collect::<Vec<_>>());
        let posts: Vec<Post> = posts.into_iter().map(|(person, role, unit, from, length)| Post {
            person: id(person),
            role: roles[role].to_owned(),
            unit: id(unit),
            from: some_day(from),
            to: length.map(|length| some_day(from + length)),
        }).collect();
        let window = Window {
            period: period.map(|(from, length)| (some_day(from), some_day(from + length))),
            now: (some_day(now.0), some_day(now.0 + now.1)),
        };
        let mut slow = Vec::new();
        for post in posts.iter().filter(|post| post.role != "auditor" && slow_tie(&judgement, post.unit)) {
            if let Some(now) = slow_counts(post, window) {
                slow.push((post.person, post.role.clone(), post.unit, post.from, post.to, now));
            }
        }
        let fast: Vec<_> = judge(&judgement, &posts, window)
            .into_iter()
            .map(|v| (v.person, v.role, v.unit.unwrap(), v.from, v.to, v.now))
            .collect();
        prop_assert_eq!(fast, slow);
    }
}

#[test]
fn a_tie_says_where_and_the_last_day_is_held_to_its_end() {
    let judgement = some_city(&[4]);
    let post = |unit: u128, from: &str, to: Option<&str>| Post {
        person: id(1),
        role: AFFILIATION.to_owned(),
        unit: id(unit),
        from: day(from),
        to: to.map(day),
    };
    let window =
        Window { period: Some((day("2025-04-01"), day("2026-03-31"))), now: (day("2026-10-01"), day("2026-11-22")) };
    let because = |post: Post| judge(&judgement, &[post], window).into_iter().map(|v| (v.because, v.now)).next();
    assert_eq!(because(post(4, "2020-04-01", None)), Some((Because::Same, true)));
    assert_eq!(because(post(2, "2020-04-01", None)), Some((Because::Above, true)), "its bureau");
    assert_eq!(because(post(5, "2020-04-01", None)), None, "a section beside it");
    assert_eq!(because(post(7, "2020-04-01", Some("2026-04-01"))), Some((Because::Same, false)), "what it came out of");
    // Until 31 March 2025 is before the period; until 1 April is in it.
    assert_eq!(because(post(4, "2020-04-01", Some("2025-04-01"))), None);
    assert_eq!(because(post(4, "2020-04-01", Some("2025-04-02"))), Some((Because::Same, false)));
    assert_eq!(because(post(4, "2026-03-31", Some("2026-04-01"))), Some((Because::Same, false)), "for one day");
    // From 1 April until the audit began: neither in the period nor at the audit.
    assert_eq!(because(post(4, "2026-04-01", Some("2026-10-01"))), None);
    assert_eq!(because(post(4, "2026-04-01", Some("2026-10-02"))), Some((Because::Same, true)));
    // Who audits a whole body is not in its line by working below it.
    let whole = some_city(&[1]);
    assert_eq!(judge(&whole, &[post(4, "2020-04-01", None)], window), []);
    assert_eq!(judge(&whole, &[post(1, "2020-04-01", None)], window).len(), 1);
}
