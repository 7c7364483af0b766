//! Units, persons, posts, absence, accounts.

use ledger::people::{Standing, absences, accounts, sessions, tokens, units};
use ledger::permission::{Office, office, own};
use ledger::{Actor, Kind, Ledger, SystemEntropy};

use crate::city::{NOON, add_person, add_unit, bare_pack, day, give, operator};
use crate::engines::on_both_engines;

on_both_engines! {
    /// What an operation did is there after commit, and nothing of it without.
    async fn an_operation_happens_whole_or_not_at_all(fresh: Fresh) {
        let mut op = operator(&fresh.ledger).await;
        let unit = add_unit(&mut op, "総務課", None, "2020-04-01").await;
        let receipt = op.commit().await.unwrap();
        assert_eq!((receipt.first, receipt.last), (1, 1));
        let mut dropped = operator(&fresh.ledger).await;
        add_unit(&mut dropped, "財政課", None, "2020-04-01").await;
        drop(dropped);
        let mut reading = fresh.ledger.reading(Actor::Machine("test"), NOON).await.unwrap();
        let all = units::all(&mut reading).await.unwrap();
        assert_eq!(all.iter().map(|u| u.id).collect::<Vec<_>>(), [unit]);
        reading.end().await.unwrap();
        fresh.ledger.close().await;
        let again = Ledger::open(&fresh.location, std::sync::Arc::new(SystemEntropy)).await.unwrap();
        let mut reading = again.reading(Actor::Machine("test"), NOON).await.unwrap();
        assert_eq!(units::get(&mut reading, unit).await.unwrap().name, "総務課");
    }
}

on_both_engines! {
    /// A reorganisation moves a unit's records under its successor from that day on, and away from its old bureau.
    async fn a_successor_stands_above_the_unit_it_succeeds(fresh: Fresh) {
        let mut op = operator(&fresh.ledger).await;
        let old_bureau = add_unit(&mut op, "総務部", None, "2020-04-01").await;
        let new_bureau = add_unit(&mut op, "企画部", None, "2020-04-01").await;
        let old = add_unit(&mut op, "情報課", Some(old_bureau), "2020-04-01").await;
        let new = add_unit(&mut op, "デジタル課", Some(new_bureau), "2026-04-01").await;
        let permit = office(&op, None, Office::People, "close", "unit", old).unwrap();
        units::close(&mut op, permit, old, day("2026-04-01"), &[new]).await.unwrap();
        let sorted = |mut ids: Vec<_>| { ids.sort_unstable(); ids };
        let before = units::above(&mut op, old, day("2026-03-31")).await.unwrap();
        assert_eq!(sorted(before), sorted(vec![old, old_bureau]));
        let after = units::above(&mut op, old, day("2026-04-01")).await.unwrap();
        assert_eq!(sorted(after), sorted(vec![old, new, new_bureau]));
    }
}

on_both_engines! {
    /// While a section manager is away, the first free substitute stands in, and only then.
    async fn a_deputy_stands_in_while_the_holder_is_away(fresh: Fresh) {
        let pack = bare_pack();
        let mut op = operator(&fresh.ledger).await;
        let unit = add_unit(&mut op, "総務課", None, "2020-04-01").await;
        let head = add_person(&mut op, "課長", "full_time", unit).await;
        let deputy = add_person(&mut op, "補佐", "full_time", unit).await;
        let clerk = add_person(&mut op, "係長", "full_time", unit).await;
        give(&mut op, head, "section_manager", unit, "2024-04-01", None).await;
        give(&mut op, deputy, "deputy_manager", unit, "2024-04-01", None).await;
        assert!(!Standing::of(&mut op, &pack, deputy).await.unwrap().holds("section_manager"));
        let permit = office(&op, None, Office::People, "absence", "person", head).unwrap();
        let absence = absences::set(&mut op, permit, head, NOON, None).await.unwrap();
        let standing = Standing::of(&mut op, &pack, deputy).await.unwrap();
        assert!(standing.holds("section_manager") && !standing.holds_itself("section_manager"));
        assert!(!Standing::of(&mut op, &pack, clerk).await.unwrap().holds("section_manager"));
        let permit = office(&op, None, Office::People, "substitutes", "unit", unit).unwrap();
        absences::set_substitutes(&mut op, permit, unit, "section_manager", &[clerk, deputy]).await.unwrap();
        assert!(Standing::of(&mut op, &pack, clerk).await.unwrap().holds("section_manager"));
        assert!(!Standing::of(&mut op, &pack, deputy).await.unwrap().holds("section_manager"));
        let permit = office(&op, None, Office::People, "absence", "person", head).unwrap();
        absences::end(&mut op, permit, absence, NOON).await.unwrap();
        assert!(!Standing::of(&mut op, &pack, clerk).await.unwrap().holds("section_manager"));
        op.commit().await.unwrap();
    }
}

on_both_engines! {
    /// Somebody who left, or whose post has not begun, holds nothing; a contractor has no staff role.
    async fn roles_are_held_from_their_first_day_to_their_last(fresh: Fresh) {
        let pack = bare_pack();
        let mut op = operator(&fresh.ledger).await;
        let unit = add_unit(&mut op, "総務課", None, "2020-04-01").await;
        let person = add_person(&mut op, "甲", "full_time", unit).await;
        let vendor = add_person(&mut op, "乙", "vendor", unit).await;
        give(&mut op, person, "ciso", unit, "2026-11-23", None).await;
        give(&mut op, person, "auditor", unit, "2026-04-01", Some("2026-11-22")).await;
        give(&mut op, person, "section_manager", unit, "2026-11-22", Some("2026-11-23")).await;
        let standing = Standing::of(&mut op, &pack, person).await.unwrap();
        assert!(standing.holds("section_manager") && standing.holds("staff"));
        assert!(!standing.holds("ciso") && !standing.holds("auditor"));
        assert_eq!(Standing::of(&mut op, &pack, vendor).await.unwrap().held, []);
    }
}

on_both_engines! {
    /// A replayed code is refused; failures lock a login for a while; a token is found by its text only.
    async fn accounts_guard_against_replay_and_guessing(fresh: Fresh) {
        let mut op = operator(&fresh.ledger).await;
        let unit = add_unit(&mut op, "総務課", None, "2020-04-01").await;
        let person = add_person(&mut op, "甲", "full_time", unit).await;
        let permit = |op: &ledger::Operation| office(op, None, Office::Accounts, "add", "account", person).unwrap();
        let p = permit(&op);
        let account = accounts::add(&mut op, p, person, "kou").await.unwrap();
        let p = permit(&op);
        assert_eq!(accounts::add(&mut op, p, person, "kou").await.unwrap_err().kind(), Kind::Conflict);
        let p = permit(&op);
        let totp = accounts::add_credential(&mut op, p, account, "totp", "", vec![1, 2]).await.unwrap();
        assert!(accounts::mark_used(&mut op, totp, 100).await.unwrap());
        assert!(!accounts::mark_used(&mut op, totp, 100).await.unwrap());
        assert!(!accounts::mark_used(&mut op, totp, 99).await.unwrap());
        assert!(accounts::mark_used(&mut op, totp, 101).await.unwrap());
        let p = permit(&op);
        let key = accounts::add_credential(&mut op, p, account, "webauthn", "", vec![3]).await.unwrap();
        // A key that does not count says 0 each time; one that counts only rises.
        for (counter, fits) in [(0, true), (0, true), (5, true), (5, false), (4, false), (0, false), (6, true)] {
            assert_eq!(accounts::mark_signed(&mut op, key, counter).await.unwrap(), fits, "{counter}");
        }
        assert_eq!(accounts::all_of_kind(&mut op, "webauthn").await.unwrap(), vec![(account, vec![3])]);
        for _ in 0..4 {
            accounts::count_failure(&mut op, "kou").await.unwrap();
        }
        assert_eq!(accounts::locked_until(&mut op, "kou").await.unwrap(), None);
        accounts::count_failure(&mut op, "kou").await.unwrap();
        assert_eq!(accounts::locked_until(&mut op, "kou").await.unwrap(), Some(NOON.plus_ms(60_000)));
        let p = permit(&op);
        let token = tokens::create(&mut op, p, account, "backup", &[], None).await.unwrap();
        assert_eq!(tokens::find(&mut op, &token).await.unwrap().unwrap().account, account);
        assert!(tokens::find(&mut op, "skm_x").await.unwrap().is_none());
        sessions::save(&mut op, b"name", Some(account), "{}", NOON.plus_ms(1)).await.unwrap();
        assert!(sessions::swap(&mut op, b"name", "{}", "{1}").await.unwrap());
        assert!(!sessions::swap(&mut op, b"name", "{}", "{2}").await.unwrap(), "only the first takes what it held");
        sessions::touch(&mut op, b"name", NOON.plus_ms(2)).await.unwrap();
        let session = sessions::load(&mut op, b"name").await.unwrap().unwrap();
        assert_eq!((session.data.as_str(), session.expires), ("{1}", NOON.plus_ms(2)));
        let p = permit(&op);
        accounts::set_open(&mut op, p, account, false).await.unwrap();
        assert!(sessions::load(&mut op, b"name").await.unwrap().is_none());
        assert!(tokens::find(&mut op, &token).await.unwrap().is_none());
        op.commit().await.unwrap();
    }
}

on_both_engines! {
    /// A person without the role may not do an office's work, and only the person may do what is the person's own.
    async fn an_office_is_done_by_its_roles_only(fresh: Fresh) {
        let pack = bare_pack();
        let mut op = operator(&fresh.ledger).await;
        let unit = add_unit(&mut op, "総務課", None, "2020-04-01").await;
        let clerk = add_person(&mut op, "甲", "full_time", unit).await;
        let secretary = add_person(&mut op, "乙", "full_time", unit).await;
        give(&mut op, secretary, "secretariat", unit, "2020-04-01", None).await;
        op.commit().await.unwrap();
        for (person, allowed) in [(clerk, false), (secretary, true)] {
            let mut reading = fresh.ledger.reading(Actor::Person(person), NOON).await.unwrap();
            let standing = Standing::of(&mut reading, &pack, person).await.unwrap();
            let permit = office(&reading, Some(&standing), Office::People, "add", "person", "");
            assert_eq!(permit.is_ok(), allowed);
            assert!(own(&reading, person, "absence", "person", person).is_ok());
            assert_eq!(own(&reading, unit, "absence", "person", unit).unwrap_err().kind(), Kind::Forbidden);
        }
    }
}
