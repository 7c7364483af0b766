//! docs/generated/permissions.md: who may do what. The shipped policy says the rules; what the page prints is what the ledger
//! answered, party by party, register by register, action by action, when it was asked on a real store.

mod bench;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use ledger::Id;
use ledger::decisions::{Capacity, Course, Kind, OpenTask, Said};
use ledger::permission::{self, Office};
use ledger::records::Record;
use pack::Pack;
use pack::model::{Nature, Register, State, Subjects, Transition, TransitionRole};

use super::{cell, keep, shipped};
use bench::{Bench, Party, person_fields};

/// What a party may do by one action: in which states, or at which steps of a decision; empty when it may not.
type May = BTreeSet<String>;

/// The actions of a register in the order of the columns: view, create, edit, and every transition.
fn columns(register: &Register) -> Vec<String> {
    let fixed = ["閲覧", "登録", "変更"].map(str::to_owned);
    fixed.into_iter().chain(register.lifecycle.transitions.iter().map(|t| t.label.ja.clone())).collect()
}

fn label(register: &Register, state: &str) -> String {
    register.state(state).map_or(state, |state: &State| state.label.ja.as_str()).to_owned()
}

fn number(step: usize) -> char {
    u32::try_from(step).ok().and_then(|step| char::from_u32(0x2460 + step)).unwrap_or('…')
}

/// The course of a decision with every step that any record can ask for, and whether each is asked of every record.
fn course(transition: &Transition) -> (Course, Vec<bool>) {
    let most = Course::plan(transition, false, |_| true);
    let least = Course::plan(transition, false, |_| false);
    let always = most.steps.iter().map(|step| least.steps.iter().any(|other| other.seats == step.seats)).collect();
    (most, always)
}

/// The tasks that wait while a step is the current one.
fn tasks(bench: &Bench, register: &Register, record: &Record, course: &Course, step: usize) -> Vec<OpenTask> {
    let place = &course.steps[step];
    let mut tasks = Vec::new();
    for (seat, who) in place.seats.iter().enumerate().flat_map(|(seat, all)| all.who.iter().map(move |who| (seat, who)))
    {
        let (mut person, mut role, mut anywhere) = (None, None, false);
        match (who.split_once('@'), who.strip_prefix("person:")) {
            (Some((name, scope)), _) => (role, anywhere) = (Some(name.to_owned()), scope == "all"),
            (None, Some(field)) => {
                let at = person_fields(register).iter().position(|other| *other == field);
                person = at.map(|at| bench.named[at].id);
            }
            (None, None) => person = Some(bench.applicant.id).filter(|_| who == "applicant"),
        }
        let kind = place.kind.id().to_owned();
        let (id, opened) = (record.id, record.created);
        tasks.push(OpenTask { id, record: id, route: None, kind, step, seat, person, role, anywhere, opened });
    }
    tasks
}

/// The steps of a decision at which a party may answer for a record.
async fn answers(bench: &Bench, register: &Register, transition: &Transition, record: &Record, party: &Party) -> May {
    let (mut course, always) = course(transition);
    let mut may = May::new();
    let mut reading = bench.reading(party).await;
    for (step, always) in always.iter().enumerate() {
        let tasks = tasks(bench, register, record, &course, step);
        let leave =
            permission::decisions::answer(&mut reading, &bench.pack, &party.standing, record, &course, &tasks, "agree");
        if let Ok(leave) = leave.await {
            let what = match leave.capacity {
                Capacity::Escalated => "引上げ",
                Capacity::Own | Capacity::Deputy => course.steps[step].kind.word(),
            };
            may.insert(format!("{}{what}{}", number(step), if *always { "" } else { "※" }));
        }
        for seat in &mut course.steps[step].seats {
            let by = bench.applicant.id.to_string();
            seat.said = Some(Said { by, at: 0, capacity: Capacity::Own, role: None, remark: None });
        }
    }
    may
}

/// What the ledger answers to one party for every action of a register.
async fn may(bench: &Bench, register: &Register, party: &Party) -> Vec<May> {
    let (standing, records) = (Some(&party.standing), &bench.records[&register.id]);
    let mut reading = bench.reading(party).await;
    let (mut view, mut create, mut edit) = (May::new(), May::new(), May::new());
    for record in records {
        if permission::allows(&mut reading, standing, &register.access.view, record.id).await.unwrap() {
            view.insert(label(register, &record.state));
        }
        if permission::edit(&mut reading, standing, register, record).await.is_ok() {
            edit.insert(label(register, &record.state));
        }
    }
    if permission::create(&mut reading, standing, register, bench.unit).await.is_ok() {
        create.insert(label(register, &register.lifecycle.initial));
    }
    let mut all = vec![view, create, edit];
    for transition in &register.lifecycle.transitions {
        let mut may = May::new();
        for record in records.iter().filter(|record| transition.from.contains(&record.state)) {
            match transition.role {
                TransitionRole::Step => {
                    if permission::step(&mut reading, standing, register, record, transition).await.is_ok() {
                        may.insert(label(register, &record.state));
                    }
                }
                TransitionRole::Withdraws => {
                    if permission::decisions::withdraw(&reading, record).is_ok() {
                        may.insert(label(register, &record.state));
                    }
                }
                TransitionRole::Decides | TransitionRole::Refuses | TransitionRole::Returns => {
                    let from = &record.state;
                    let mut decides = register.lifecycle.transitions.iter();
                    let decides = decides.find(|t| t.role == TransitionRole::Decides && t.from.contains(from));
                    let decides = decides.unwrap_or_else(|| panic!("{}: nothing decides", register.id));
                    may.extend(answers(bench, register, decides, record, party).await);
                }
            }
        }
        all.push(may);
    }
    all
}

/// Everything that an action can be done in.
fn whole(register: &Register) -> Vec<May> {
    let states = |of: &mut dyn Iterator<Item = &String>| of.map(|state| label(register, state)).collect::<May>();
    let all: Vec<String> = register.lifecycle.states.iter().map(|state| state.id.clone()).collect();
    let mut whole = vec![
        states(&mut all.iter()),
        states(&mut [register.lifecycle.initial.clone()].iter()),
        states(&mut all.iter()),
    ];
    whole.extend(register.lifecycle.transitions.iter().map(|t| states(&mut t.from.iter())));
    whole
}

/// A mark, with what it is limited to unless that is everything.
fn mark(mark: &str, may: &May, whole: &May) -> String {
    if may.is_empty() {
        String::new()
    } else if may == whole {
        mark.to_owned()
    } else {
        format!("{mark} {}", may.iter().cloned().collect::<Vec<_>>().join("・"))
    }
}

/// The cells of one row; none when the party may do nothing.
fn row(near: &[May], far: Option<&[May]>, whole: &[May]) -> Option<Vec<String>> {
    if near.iter().all(May::is_empty) {
        return None;
    }
    let cells = near.iter().zip(whole).enumerate().map(|(column, (near, whole))| match far {
        None => mark("●", near, whole),
        Some(far) => {
            let (far, here): (&May, May) = (&far[column], near - &far[column]);
            assert!(far.is_subset(near), "somebody may more from elsewhere than from the unit itself");
            let parts = [mark("◎", far, whole), mark("○", &here, whole)];
            parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
        }
    });
    Some(cells.collect())
}

/// How many registers a role may do something in: view, create, edit, steps, decisions.
#[derive(Default, Clone, Copy)]
struct Sum([usize; 5]);

impl Sum {
    fn add(&mut self, register: &Register, may: &[May]) {
        let moves = register.lifecycle.transitions.iter().zip(&may[3..]);
        let by = |decision: bool| {
            moves.clone().any(|(t, may)| !may.is_empty() && (t.role == TransitionRole::Decides) == decision)
        };
        let done = [!may[0].is_empty(), !may[1].is_empty(), !may[2].is_empty(), by(false), by(true)];
        for (count, done) in self.0.iter_mut().zip(done) {
            *count += usize::from(done);
        }
    }
}

/// The section of one register.
async fn section(bench: &Bench, register: &Register, sums: &mut BTreeMap<String, Sum>, out: &mut String) {
    let whole = whole(register);
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    for holders in &bench.holders {
        let near = may(bench, register, &holders.near).await;
        let far = may(bench, register, &holders.far).await;
        sums.entry(holders.role.clone()).or_default().add(register, &near);
        let role = bench.pack.role(&holders.role).unwrap();
        if let Some(cells) = row(&near, Some(&far), &whole) {
            rows.push((role.name.ja.clone(), cells));
        }
    }
    let named = person_fields(register).into_iter().zip(&bench.named);
    let named = named.map(|(field, party)| (format!("「{}」の本人", register.field(field).unwrap().label.ja), party));
    let relations = std::iter::once(("作成者・申請者".to_owned(), &bench.applicant)).chain(named);
    for (name, party) in relations.chain([("処理待ちの相手".to_owned(), &bench.assigned)]) {
        if let Some(cells) = row(&may(bench, register, party).await, None, &whole) {
            rows.push((name, cells));
        }
    }
    let columns = columns(register);
    writeln!(out, "\n### {}（`{}`）\n", register.title.ja, register.id).unwrap();
    writeln!(out, "| だれが | {} |", columns.iter().map(|c| cell(c)).collect::<Vec<_>>().join(" | ")).unwrap();
    writeln!(out, "|---|{}", "---|".repeat(columns.len())).unwrap();
    for (who, cells) in rows {
        writeln!(out, "| {} | {} |", cell(&who), cells.iter().map(|c| cell(c)).collect::<Vec<_>>().join(" | "))
            .unwrap();
    }
    writeln!(out).unwrap();
    for transition in &register.lifecycle.transitions {
        writeln!(out, "- {}", way(register, transition)).unwrap();
    }
}

/// What a transition does, in a line; a decision with its steps.
fn way(register: &Register, transition: &Transition) -> String {
    let from: Vec<String> = transition.from.iter().map(|state| label(register, state)).collect();
    let mut line = format!("{}：{} → {}", transition.label.ja, from.join("・"), label(register, &transition.to));
    match transition.role {
        TransitionRole::Step => {}
        TransitionRole::Refuses => line.push_str("（不承認）"),
        TransitionRole::Returns => line.push_str("（差戻し）"),
        TransitionRole::Withdraws => line.push_str("（引戻し）"),
        TransitionRole::Decides => {
            let (course, always) = course(transition);
            for (at, step) in course.steps.iter().enumerate() {
                let deputy = if step.deputy || step.kind == Kind::Circulate { "" } else { "・代決不可" };
                let when = if always[at] { "" } else { "※" };
                write!(line, "　{}{}{when}{deputy}", number(at), step.kind.word()).unwrap();
            }
        }
    }
    line
}

fn office(office: Office) -> &'static str {
    match office {
        Office::People => "組織・職員・役割",
        Office::Accounts => "アカウント",
        Office::Packs => "規程データの起案",
        Office::Approval => "規程データ・廃棄の決裁",
        Office::Facts => "データの取込み",
        Office::Retention => "保存・廃棄の起案",
        Office::Journal => "操作記録の閲覧・書出し",
        Office::Evidence => "証跡・特例一覧・過去の状態",
    }
}

/// Which roles do which work on the ledger itself, and in how many registers each has a part.
async fn summary(bench: &Bench, sums: &BTreeMap<String, Sum>, out: &mut String) {
    let names: Vec<&str> = Office::ALL.into_iter().map(office).collect();
    writeln!(out, "| 役割 | 閲覧 | 登録 | 変更 | 手続 | 決裁 | {} |", names.join(" | ")).unwrap();
    writeln!(out, "|---|{}", "---|".repeat(5 + names.len())).unwrap();
    for holders in &bench.holders {
        let role = bench.pack.role(&holders.role).unwrap();
        let mut cells: Vec<String> = sums[&holders.role].0.iter().map(ToString::to_string).collect();
        let reading = bench.reading(&holders.near).await;
        for office in Office::ALL {
            let may = permission::office(&reading, Some(&holders.near.standing), office, "test", "test", "").is_ok();
            cells.push(if may { "◎" } else { "" }.to_owned());
        }
        writeln!(out, "| {}（`{}`） | {} |", cell(&role.name.ja), role.id, cells.join(" | ")).unwrap();
    }
}

/// Which roles report which controls as done.
async fn attestations(bench: &Bench, out: &mut String) {
    writeln!(out, "| 遵守項目 | 報告の単位 | だれが |\n|---|---|---|").unwrap();
    for control in &bench.pack.controls {
        let Nature::Attested(attestation) = &control.nature else { continue };
        let unit: Option<Id> = (attestation.per != Subjects::Municipality).then_some(bench.unit);
        let mut who = Vec::new();
        for holders in &bench.holders {
            let mut marks = Vec::new();
            for party in [&holders.near, &holders.far] {
                let mut reading = bench.reading(party).await;
                marks.push(permission::attest(&mut reading, &party.standing, control, unit).await.is_ok());
            }
            let name = &bench.pack.role(&holders.role).unwrap().name.ja;
            match marks[..] {
                [true, true] => who.push(format!("{name} ◎")),
                [true, false] => who.push(format!("{name} ○")),
                _ => {}
            }
        }
        assert!(!who.is_empty(), "nobody may report on {}", control.id);
        let per = match &attestation.per {
            Subjects::Municipality => "市全体",
            Subjects::Units => "所属ごと",
            Subjects::People => "職員ごと",
            Subjects::Posts => "役割ごと",
            Subjects::Register(id) => bench.pack.register(id).unwrap().title.ja.as_str(),
            Subjects::Source(id) => bench.pack.source(id).unwrap().title.ja.as_str(),
        };
        writeln!(out, "| {}（`{}`） | {} | {} |", cell(&control.title.ja), control.id, cell(per), who.join("、"))
            .unwrap();
    }
}

async fn page(pack: Pack) -> String {
    let bench = Bench::new(pack).await;
    let (mut sums, mut registers) = (BTreeMap::new(), String::new());
    for register in &bench.pack.registers {
        section(&bench, register, &mut sums, &mut registers).await;
    }
    let mut out = format!(
        "# 権限表（役割 × 台帳 × 操作）\n\n\
         Made by a test, which asks the ledger itself for every role, register and action on a real store; never edited by hand. \
         Each register has a table: who, and what they may view, create, edit and move on.\n\n\
         記号：◎ どの所属の記録でも　○ 自分の所属と、その下の所属の記録　● 本人・相手として　空欄 できない。\
         記号の後の語は、その状態（決裁では①から始まる段）に限ることを示す。※ 条件に当たるときだけある段（条件は規程データにある）。\
         引上げは、上位の役割が自ら処理すること。決裁は、どの役割でも自分の申請にはできない。\
         代決は、不在の人の代決者が行い、本人の後閲が残る。機密性の最も高い情報には認めない。\
         手続に付く条件（`when`）と兼務の禁止は、さらに狭める。\
         サーバー上のコマンドは、その端末に入れる人の操作として操作記録に残り、この表によらない。\n\n\
         {} 役割、{} 台帳。\n\n## 役割のまとめ\n\n数は、その操作を一つでもできる台帳の数。右の欄は、台帳の外の事務。\n\n",
        bench.pack.roles.len(),
        bench.pack.registers.len(),
    );
    summary(&bench, &sums, &mut out).await;
    out.push_str("\n## 台帳ごと\n");
    out.push_str(&registers);
    out.push_str("\n## 実施報告\n\n");
    attestations(&bench, &mut out).await;
    out
}

#[test]
fn every_role_has_its_row_in_every_register() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    keep("permissions.md", &runtime.block_on(page(shipped())));
}
