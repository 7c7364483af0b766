//! Decisions: routes, 代決 and 後閲, 差戻し, 引戻し, 不承認, 引上げ, and the inbox.

use ledger::decisions::{self, Answer, Back, Capacity, RouteState, Way};
use ledger::people::{Standing, absences, persons};
use ledger::permission::{Office, office};
use ledger::records::{self, Record};
use ledger::{Actor, Error, Id, Kind, Moment, oversight};
use pack::Pack;
use pack::model::{Need, Site, State, Term, Text, Transition, TransitionRole};
use serde_json::json;

use crate::city::{NOON, add_person, add_unit_of, anywhere, at_unit, give, joint_body, operator, rule};
use crate::engines::{Fresh, on_both_engines};
use crate::records::Section;

/// Take-outs are decided by the section's manager and, after that, by the CISO.
pub(crate) fn with_route(mut pack: Pack) -> Pack {
    for (role, rank) in [("ciso", 100), ("section_manager", 40), ("deputy_manager", 30)] {
        pack.roles.iter_mut().find(|r| r.id == role).unwrap().rank = rank;
    }
    let takeouts = pack.registers.iter_mut().find(|register| register.id == "takeouts").unwrap();
    let text = |ja: &str| Text { ja: ja.to_owned(), en: None };
    takeouts.access.view.push(rule(Term::Assigned, &[]));
    takeouts.access.view.push(rule(anywhere("ciso"), &[]));
    let refused =
        State { id: "refused".to_owned(), label: text("不承認"), is_final: true, was: None, site: Site::default() };
    takeouts.lifecycle.states.push(refused);
    let transitions = &mut takeouts.lifecycle.transitions;
    let approve = transitions.iter_mut().find(|t| t.id == "hand_out").unwrap();
    approve.role = TransitionRole::Decides;
    approve.by = vec![at_unit("section_manager")];
    approve.need = vec![Need { by: anywhere("ciso"), when: None }];
    let other = |id: &str, to: &str, role: TransitionRole| Transition {
        id: id.to_owned(),
        label: text(id),
        from: vec!["asked".to_owned()],
        to: to.to_owned(),
        by: Vec::new(),
        when: None,
        role,
        need: Vec::new(),
        route: None,
        fills: Vec::new(),
        reason: role != TransitionRole::Withdraws,
        site: Site::default(),
    };
    transitions.push(other("refuse", "refused", TransitionRole::Refuses));
    transitions.push(other("send_back", "draft", TransitionRole::Returns));
    transitions.push(other("withdraw", "draft", TransitionRole::Withdraws));
    pack
}

struct Bench {
    city: Section,
    ciso: Id,
    deputy: Id,
}

impl Bench {
    async fn new(fresh: &Fresh) -> Self {
        let mut city = Section::new(fresh).await;
        city.pack = with_route(city.pack);
        let mut op = operator(&fresh.ledger).await;
        let ciso = add_person(&mut op, "副市長", "full_time", city.other).await;
        let deputy = add_person(&mut op, "課長代理", "full_time", city.unit).await;
        give(&mut op, ciso, "ciso", city.other, "2024-04-01", None).await;
        give(&mut op, deputy, "deputy_manager", city.unit, "2024-04-01", None).await;
        op.commit().await.unwrap();
        Self { city, ciso, deputy }
    }

    /// A take-out of an asset of this class, asked for by the person.
    async fn asked(&self, by: Id, class: &str) -> Record {
        let asset = json!({"name": "住民データ", "class": class});
        let asset = self.city.create(self.city.clerk, "assets", asset).await.unwrap();
        let out = json!({"name": "会場で使う", "asset": asset.id.to_string()});
        let record = self.city.create(by, "takeouts", out).await.unwrap();
        let (mut op, standing) = self.city.by(by).await;
        let register = self.city.pack.register("takeouts").unwrap();
        let submit = register.transition("submit").unwrap();
        let asked = records::step(
            &mut op,
            &self.city.pack,
            Some(&standing),
            register,
            record.id,
            submit,
            records::Change::default(),
        );
        let asked = asked.await.unwrap();
        op.commit().await.unwrap();
        asked
    }

    async fn answer(&self, by: Id, id: Id, what: Way, remark: Option<&str>) -> Result<Record, Error> {
        let (mut op, standing) = self.city.by(by).await;
        let (pack, register) = (&self.city.pack, self.city.pack.register("takeouts").unwrap());
        let answer = Answer { version: None, remark: remark.map(str::to_owned), fields: serde_json::Map::new() };
        let record = match what {
            Way::Agree => decisions::agree(&mut op, pack, &standing, register, id, answer).await?,
            Way::Refuse => decisions::refuse(&mut op, pack, &standing, register, id, answer).await?,
            Way::SendBack => {
                decisions::send_back(&mut op, pack, &standing, register, id, Back::Applicant, answer).await?
            }
            Way::Withdraw => decisions::withdraw(&mut op, pack, &standing, register, id, answer).await?,
            Way::Step => panic!("steps are not answers"),
        };
        op.commit().await.unwrap();
        Ok(record)
    }

    async fn waiting(&self, person: Id) -> Vec<(String, String, bool)> {
        let (mut op, standing) = self.city.by(person).await;
        let waiting = decisions::inbox(&mut op, &standing, 0, 25).await.unwrap();
        assert_eq!(decisions::count(&mut op, &standing).await.unwrap(), i64::try_from(waiting.len()).unwrap());
        waiting.into_iter().map(|task| (task.number, task.task.kind, task.own)).collect()
    }

    async fn ways(&self, person: Id, id: Id) -> Vec<Way> {
        let (mut op, standing) = self.city.by(person).await;
        let register = self.city.pack.register("takeouts").unwrap();
        let record = records::stored(&mut op, id).await.unwrap().unwrap();
        let possible = decisions::possible(&mut op, &self.city.pack, &standing, register, &record).await.unwrap();
        possible.into_iter().map(|possible| possible.way).collect()
    }

    async fn away(&self, person: Id) {
        let mut op = self.city.ledger.operation(Actor::Operator("root".to_owned()), NOON).await.unwrap();
        let permit = office(&op, None, Office::People, "set", "absence", "").unwrap();
        absences::set(&mut op, permit, person, Moment(NOON.0 - 1000), None).await.unwrap();
        op.commit().await.unwrap();
    }
}

on_both_engines! {
    /// One after the other is asked, and the record moves with the last answer, in the same operation.
    async fn a_route_asks_one_after_the_other(fresh: Fresh) {
        let office = Bench::new(&fresh).await;
        let (clerk, manager, ciso) = (office.city.clerk, office.city.manager, office.ciso);
        let asked = office.asked(clerk, "2").await;
        let number = asked.number.clone();
        assert_eq!(office.waiting(manager).await, [(number.clone(), "approve".to_owned(), true)]);
        assert!(office.waiting(ciso).await.is_empty() && office.waiting(clerk).await.is_empty());
        assert_eq!(office.ways(manager, asked.id).await, [Way::Agree, Way::Refuse, Way::SendBack]);
        assert_eq!(office.ways(clerk, asked.id).await, [Way::Withdraw]);
        assert_eq!(office.answer(manager, asked.id, Way::Agree, Some("気を付けて")).await.unwrap().state, "asked");
        assert!(office.waiting(manager).await.is_empty());
        assert_eq!(office.waiting(ciso).await, [(number, "decide".to_owned(), true)]);
        assert_eq!(office.answer(ciso, asked.id, Way::Agree, None).await.unwrap().state, "out");
        let (mut op, _) = office.city.by(ciso).await;
        let routes = decisions::routes(&mut op, asked.id).await.unwrap();
        assert_eq!(routes.iter().map(|route| route.state).collect::<Vec<_>>(), [RouteState::Decided]);
        let said = routes[0].course.steps[0].seats[0].said.clone().unwrap();
        assert_eq!((said.remark.as_deref(), said.capacity), (Some("気を付けて"), Capacity::Own));
        drop(op);
        let late = office.answer(ciso, asked.id, Way::Agree, None).await.unwrap_err();
        assert_eq!(late.kind(), Kind::Refused);
    }
}

on_both_engines! {
    /// A body beside the municipality has its own CISO: each decides, sees and rules in the own body, none in the other.
    async fn the_ciso_of_a_joint_body_decides_for_that_body_alone(fresh: Fresh) {
        let mut office = Bench::new(&fresh).await;
        office.city.pack.bodies.push(joint_body("water"));
        let mut op = operator(&fresh.ledger).await;
        let water = add_unit_of(&mut op, "water", "企業団", None, "2020-04-01").await;
        let theirs = add_person(&mut op, "企業長", "full_time", water).await;
        let (their_head, their_clerk) =
            (add_person(&mut op, "企業団課長", "full_time", water).await, add_person(&mut op, "企業団員", "full_time", water).await);
        give(&mut op, theirs, "ciso", water, "2024-04-01", None).await;
        give(&mut op, their_head, "section_manager", water, "2024-04-01", None).await;
        op.commit().await.unwrap();
        let city_asked = office.asked(office.city.clerk, "2").await;
        office.answer(office.city.manager, city_asked.id, Way::Agree, None).await.unwrap();
        let water_asset = office.city.create(their_clerk, "assets", json!({"name": "管路図", "class": "2"})).await.unwrap();
        let out = json!({"name": "現場で使う", "asset": water_asset.id.to_string()});
        let out = office.city.create(their_clerk, "takeouts", out).await.unwrap();
        let (mut op, standing) = office.city.by(their_clerk).await;
        let register = office.city.pack.register("takeouts").unwrap();
        let submit = register.transition("submit").unwrap();
        let change = records::Change::default();
        let asked = records::step(&mut op, &office.city.pack, Some(&standing), register, out.id, submit, change).await.unwrap();
        op.commit().await.unwrap();
        office.answer(their_head, asked.id, Way::Agree, None).await.unwrap();
        // Both now wait for a CISO.
        for (mine, its, yours, not) in [(office.ciso, &city_asked, theirs, "企業長"), (theirs, &asked, office.ciso, "副市長")] {
            assert_eq!(office.waiting(mine).await, [(its.number.clone(), "decide".to_owned(), true)], "not {not}");
            assert!(office.ways(yours, its.id).await.is_empty(), "{not} decides nothing here");
            let refused = office.answer(yours, its.id, Way::Agree, None).await.unwrap_err();
            assert!(matches!(refused.kind(), Kind::Forbidden | Kind::NotFound), "{refused}");
            let (mut op, standing) = office.city.by(yours).await;
            assert!(records::get(&mut op, Some(&standing), register, its.id).await.is_err(), "{not} does not see it");
        }
        // What is decided for the municipality as a whole — its policy, its disposals — is its own CISO's.
        for (person, may) in [(office.ciso, true), (theirs, false)] {
            let (op, standing) = office.city.by(person).await;
            assert_eq!(super::office(&op, Some(&standing), Office::Approval, "decide", "pack", "").map(drop).is_ok(), may);
        }
        assert_eq!(office.answer(theirs, asked.id, Way::Agree, None).await.unwrap().state, "out");
        assert_eq!(office.answer(office.ciso, city_asked.id, Way::Agree, None).await.unwrap().state, "out");
    }
}

on_both_engines! {
    /// Nobody decides on their own application, also not from a higher rank.
    async fn nobody_decides_on_their_own_application(fresh: Fresh) {
        let office = Bench::new(&fresh).await;
        let manager = office.city.manager;
        let asked = office.asked(manager, "2").await;
        assert!(office.waiting(manager).await.is_empty());
        assert_eq!(office.answer(manager, asked.id, Way::Agree, None).await.unwrap_err().kind(), Kind::Forbidden);
        // 引上げ: the CISO takes the manager's step, and the course goes on to the CISO's own.
        office.answer(office.ciso, asked.id, Way::Agree, None).await.unwrap();
        let (mut op, _) = office.city.by(office.ciso).await;
        let route = decisions::routes(&mut op, asked.id).await.unwrap().remove(0);
        drop(op);
        assert_eq!(route.course.steps[0].seats[0].said.as_ref().unwrap().capacity, Capacity::Escalated);
        assert_eq!(office.answer(office.ciso, asked.id, Way::Agree, None).await.unwrap().state, "out");
        let (mut op, _) = office.city.by(office.ciso).await;
        let (day, way) = (NOON.day(), oversight::Way::Escalated);
        let done = oversight::list(&mut op, &office.city.pack, way, (day, day), 0, 10).await.unwrap();
        assert_eq!(done.iter().map(|done| &done.entry.subject).collect::<Vec<_>>(), [&asked.id.to_string()], "once");
    }
}

on_both_engines! {
    /// 引上げ goes up the line: an auditor of whatever rank sees the case and does not decide it, nor does a deputy by rank.
    async fn only_the_line_takes_a_decision_up(fresh: Fresh) {
        let mut office = Bench::new(&fresh).await;
        for role in &mut office.city.pack.roles {
            if matches!(role.id.as_str(), "auditor" | "deputy_manager") {
                role.rank = 99;
            }
        }
        let asked = office.asked(office.city.clerk, "2").await;
        assert_eq!(office.ways(office.city.auditor, asked.id).await, []);
        for other in [office.city.auditor, office.deputy] {
            let refused = office.answer(other, asked.id, Way::Agree, None).await.unwrap_err();
            assert!(matches!(refused.kind(), Kind::Forbidden | Kind::NotFound), "{refused}");
        }
        assert_eq!(office.ways(office.ciso, asked.id).await, [Way::Agree, Way::Refuse, Way::SendBack]);
    }
}

on_both_engines! {
    /// A substitute decides only while the holder is away; the holder reads it afterwards.
    async fn a_substitute_decides_and_the_holder_countersigns(fresh: Fresh) {
        let office = Bench::new(&fresh).await;
        let manager = office.city.manager;
        let asked = office.asked(office.city.clerk, "2").await;
        let early = office.answer(office.deputy, asked.id, Way::Agree, None).await.unwrap_err();
        assert!(matches!(early.kind(), Kind::Forbidden | Kind::NotFound), "{early}");
        office.away(manager).await;
        assert_eq!(office.waiting(office.deputy).await, [(asked.number.clone(), "approve".to_owned(), false)]);
        office.answer(office.deputy, asked.id, Way::Agree, None).await.unwrap();
        assert_eq!(office.waiting(manager).await, [(asked.number.clone(), "countersign".to_owned(), true)]);
        let (mut op, standing) = office.city.by(manager).await;
        let task = decisions::inbox(&mut op, &standing, 0, 25).await.unwrap().remove(0).task.id;
        decisions::countersign(&mut op, task).await.unwrap();
        op.commit().await.unwrap();
        assert!(office.waiting(manager).await.is_empty());
        let (mut op, _) = office.city.by(manager).await;
        let route = decisions::routes(&mut op, asked.id).await.unwrap().remove(0);
        assert_eq!(route.course.steps[0].seats[0].said.as_ref().unwrap().capacity, Capacity::Deputy);
        assert_eq!(persons::get(&mut op, office.deputy).await.unwrap().name, "課長代理");
        let day = NOON.day();
        let done = oversight::list(&mut op, &office.city.pack, oversight::Way::Deputy, (day, day), 0, 10).await.unwrap();
        let done: Vec<_> = done.iter().map(|done| (&done.entry.subject, done.holder, done.countersigned)).collect();
        assert_eq!(done, [(&asked.id.to_string(), Some(manager), Some(Some(NOON)))], "auditors find it in the journal");
        let counts = oversight::counts(&mut op, &office.city.pack, day, day).await.unwrap();
        assert!(counts[..4] == [0, 1, 0, 0] && counts[4] > 0, "{counts:?}");
    }
}

on_both_engines! {
    /// A register is shown as it stood at the end of a day, whatever became of it.
    async fn a_record_is_found_as_it_stood(fresh: Fresh) {
        let office = Bench::new(&fresh).await;
        let asked = office.asked(office.city.clerk, "2").await;
        office.answer(office.ciso, asked.id, Way::Agree, None).await.unwrap();
        let register = office.city.pack.register("takeouts").unwrap();
        let (mut op, standing) = office.standing_at(office.city.clerk, later(1)).await;
        let pack = &office.city.pack;
        decisions::withdraw(&mut op, pack, &standing, register, asked.id, Answer::default()).await.unwrap();
        op.commit().await.unwrap();
        let (mut op, standing) = office.standing_at(office.city.clerk, later(1)).await;
        let one = std::slice::from_ref(register);
        for (days, found) in [(0, vec![]), (1, vec![("asked".to_owned(), true)]), (2, vec![("draft".to_owned(), false)])] {
            let before = Moment::start_of(NOON.day().plus_days(days).unwrap());
            let then = records::as_of(&mut op, Some(&standing), register, before, (0, 10)).await.unwrap();
            let then: Vec<_> = then.into_iter().map(|then| (then.record.state, then.changed_since)).collect();
            assert_eq!(then, found, "after {days} days");
            let counted = records::counts_as_of(&mut op, Some(&standing), one, before).await.unwrap();
            assert_eq!(counted.get("takeouts").copied(), (days > 0).then_some(1));
        }
    }
}

on_both_engines! {
    /// The highest class is never decided by a substitute.
    async fn no_substitute_decides_on_the_highest_class(fresh: Fresh) {
        let office = Bench::new(&fresh).await;
        let asked = office.asked(office.city.clerk, "3A").await;
        office.away(office.city.manager).await;
        let error = office.answer(office.deputy, asked.id, Way::Agree, None).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Forbidden);
        assert!(error.message().ja.contains("代決できません"), "{error}");
    }
}

on_both_engines! {
    /// 不承認 and 差戻し want a reason and end the route; 引戻し is the applicant's; what was returned can be asked again.
    async fn what_is_refused_returned_or_taken_back_leaves_the_inbox(fresh: Fresh) {
        let office = Bench::new(&fresh).await;
        let (clerk, manager) = (office.city.clerk, office.city.manager);
        let first = office.asked(clerk, "2").await;
        assert_eq!(office.answer(manager, first.id, Way::Refuse, None).await.unwrap_err().kind(), Kind::Invalid);
        assert_eq!(office.answer(manager, first.id, Way::Refuse, Some("代替手段がある")).await.unwrap().state, "refused");
        let second = office.asked(clerk, "2").await;
        assert_eq!(office.answer(manager, second.id, Way::SendBack, Some("日付を直す")).await.unwrap().state, "draft");
        let third = office.asked(clerk, "2").await;
        assert!(office.answer(manager, third.id, Way::Withdraw, None).await.is_err());
        assert_eq!(office.answer(clerk, third.id, Way::Withdraw, None).await.unwrap().state, "draft");
        assert!(office.waiting(manager).await.is_empty());
        let (mut op, standing) = office.city.by(clerk).await;
        let register = office.city.pack.register("takeouts").unwrap();
        let submit = register.transition("submit").unwrap();
        let change = records::Change::default();
        records::step(&mut op, &office.city.pack, Some(&standing), register, third.id, submit, change).await.unwrap();
        op.commit().await.unwrap();
        assert_eq!(office.waiting(manager).await.len(), 1);
    }
}

/// The days after noon.
fn later(days: i64) -> Moment {
    NOON.plus_ms(days * 86_400_000)
}

impl Bench {
    async fn standing_at(&self, person: Id, at: Moment) -> (ledger::Operation, Standing) {
        let mut op = self.city.ledger.operation(Actor::Person(person), at).await.unwrap();
        let standing = Standing::of(&mut op, &self.city.pack, person).await.unwrap();
        (op, standing)
    }

    async fn agree_at(&self, by: Id, id: Id, at: Moment) -> Result<Record, Error> {
        let (mut op, standing) = self.standing_at(by, at).await;
        let register = self.city.pack.register("takeouts").unwrap();
        let record = decisions::agree(&mut op, &self.city.pack, &standing, register, id, Answer::default()).await?;
        op.commit().await.unwrap();
        Ok(record)
    }

    async fn numbers_at(&self, person: Id, at: Moment) -> Vec<String> {
        let (mut op, standing) = self.standing_at(person, at).await;
        let waiting = decisions::inbox(&mut op, &standing, 0, 25).await.unwrap();
        assert_eq!(decisions::count(&mut op, &standing).await.unwrap(), i64::try_from(waiting.len()).unwrap());
        waiting.into_iter().map(|task| task.number).collect()
    }

    async fn send_back(&self, by: Id, id: Id, step: usize) -> Result<Record, Error> {
        let (mut op, standing) = self.city.by(by).await;
        let register = self.city.pack.register("takeouts").unwrap();
        let answer = Answer { remark: Some("根拠を足す".to_owned()), ..Answer::default() };
        let pack = &self.city.pack;
        let record = decisions::send_back(&mut op, pack, &standing, register, id, Back::Step(step), answer).await?;
        op.commit().await.unwrap();
        Ok(record)
    }
}

on_both_engines! {
    /// An inbox that lies untouched for a whole working day counts as an absence, for what has waited that long and no more.
    async fn a_substitute_decides_what_has_lain_untouched_for_a_working_day(fresh: Fresh) {
        let office = Bench::new(&fresh).await;
        let (manager, deputy) = (office.city.manager, office.deputy);
        // NOON is a Sunday: Monday is the first working day, on Tuesday it has passed.
        let old = office.asked(office.city.clerk, "2").await;
        let grave = office.asked(office.city.clerk, "3A").await;
        assert!(office.numbers_at(deputy, later(1)).await.is_empty());
        assert!(office.agree_at(deputy, old.id, later(1)).await.is_err());
        let mut waits = office.numbers_at(deputy, later(2)).await;
        waits.sort_unstable();
        assert_eq!(waits, [old.number.clone(), grave.number.clone()]);
        let refused = office.agree_at(deputy, grave.id, later(2)).await.unwrap_err();
        assert!(refused.message().ja.contains("代決できません"), "{refused}");
        office.agree_at(deputy, old.id, later(2)).await.unwrap();
        let (mut op, standing) = office.standing_at(manager, later(2)).await;
        let waiting = decisions::inbox(&mut op, &standing, 0, 25).await.unwrap();
        assert!(waiting.iter().any(|task| task.number == old.number && task.task.kind == "countersign"));
        let after = decisions::countersigns(&mut op, old.id).await.unwrap();
        assert_eq!((after[0].holder, after[0].seat, after[0].done), (manager, (0, 0), None));
        drop(op);
        // Once the holder answers anything, the rest is the holder's again.
        office.agree_at(manager, grave.id, later(2)).await.unwrap();
        let third = office.asked(office.city.clerk, "2").await;
        assert!(office.numbers_at(deputy, later(2)).await.is_empty(), "{} waits for the holder", third.number);
        assert!(office.agree_at(deputy, third.id, later(2)).await.is_err());
    }
}

on_both_engines! {
    /// 差戻し to an earlier step: it is asked again there, the record stays where it is, and no substitute decides any more.
    async fn what_is_sent_back_to_a_step_is_asked_again_of_the_holder(fresh: Fresh) {
        let office = Bench::new(&fresh).await;
        let (clerk, manager, ciso) = (office.city.clerk, office.city.manager, office.ciso);
        let asked = office.asked(clerk, "2").await;
        assert!(office.send_back(manager, asked.id, 0).await.is_err(), "there is no step before the first");
        office.answer(manager, asked.id, Way::Agree, None).await.unwrap();
        let (mut op, _) = office.city.by(ciso).await;
        let steps = decisions::earlier_steps(&mut op, asked.id).await.unwrap();
        assert_eq!(steps.iter().map(|(at, step)| (*at, step.is_done())).collect::<Vec<_>>(), [(0, true)]);
        drop(op);
        assert!(office.send_back(ciso, asked.id, 1).await.is_err(), "the present step is not an earlier one");
        assert_eq!(office.send_back(ciso, asked.id, 0).await.unwrap().state, "asked");
        assert_eq!(office.waiting(manager).await, [(asked.number.clone(), "approve".to_owned(), true)]);
        assert!(office.waiting(ciso).await.is_empty());
        office.away(manager).await;
        let refused = office.answer(office.deputy, asked.id, Way::Agree, None).await.unwrap_err();
        assert!(refused.message().ja.contains("差戻し"), "{refused}");
        office.answer(manager, asked.id, Way::Agree, None).await.unwrap();
        assert_eq!(office.answer(ciso, asked.id, Way::Agree, None).await.unwrap().state, "out");
    }
}
