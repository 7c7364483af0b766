//! One evaluator per store: a full run at start and on each new day, and from the journal whatever changed in between.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use ledger::findings::{self, DayCount, Finding, OpenVerdict};
use ledger::kinds::audit;
use ledger::{Actor, Day, Id, Ledger, Moment, Operation, Reading, Result, Sql};
use pack::Pack;
use pack::expr::Subject;
use pack::model::{Control, Severity};

use crate::{Assessment, Circumstances, Counts, Snapshot, State, Verdict, change, load, names};

/// Most changed records of one round that are followed one by one; beyond that a full run is quicker.
const MOST_CHANGES: usize = 2000;

/// The part of sekimori that evaluates, as the journal would name it.
const ACTOR: Actor = Actor::Machine("assurance");

/// The evaluator: what is loaded, and how it stands.
#[derive(Debug)]
pub struct Evaluator {
    pack: Arc<Pack>,
    world: Snapshot,
    known: Circumstances,
    assessment: Assessment,
    seq: i64,
}

/// What a round did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Round {
    /// Whether everything was evaluated.
    pub full: bool,
    /// How many (control, subject) pairs were evaluated.
    pub evaluated: usize,
}

impl Evaluator {
    /// Loads and evaluates everything, and brings findings and counts in step. It may be dropped at any moment: nothing of it is
    /// written before the end, and it pauses after every few thousand records and every control.
    pub async fn start(ledger: &Ledger, pack: Arc<Pack>, at: Moment) -> Result<Self> {
        let mut reading = ledger.reading(ACTOR, at).await?;
        let seq = head(&mut reading).await?;
        let (world, known) = load::everything(&mut reading, &pack).await?;
        reading.end().await?;
        let mut assessment = Assessment::none(at.day());
        for control in &pack.controls {
            // Whoever does not want it any more drops it here.
            tokio::task::yield_now().await;
            assessment.add(control, &world, &known, &pack);
        }
        let evaluator = Self { pack, world, known, assessment, seq };
        let all: BTreeSet<String> = evaluator.assessment.verdicts.keys().cloned().collect();
        evaluator.save(ledger, at, &all).await?;
        Ok(evaluator)
    }

    /// The verdicts.
    pub fn assessment(&self) -> &Assessment {
        &self.assessment
    }

    /// What they were made from.
    pub fn world(&self) -> &Snapshot {
        &self.world
    }

    /// Reads the journal on from where the last round ended.
    pub async fn catch_up(&mut self, ledger: &Ledger, pack: Arc<Pack>, at: Moment) -> Result<Round> {
        let mut reading = ledger.reading(ACTOR, at).await?;
        let head = head(&mut reading).await?;
        let same_pack = pack.id == self.pack.id && pack.version == self.pack.version;
        if head == self.seq && at.day() == self.assessment.day && same_pack {
            return Ok(Round { full: false, evaluated: 0 });
        }
        let entries = entries_after(&mut reading, self.seq).await?;
        let followed = at.day() == self.assessment.day && same_pack && entries.len() <= MOST_CHANGES;
        if followed && entries.iter().all(Changed::only_looks) {
            // Every noted look is an entry; nothing moves by it.
            self.seq = head;
            return Ok(Round { full: false, evaluated: 0 });
        }
        let plain = entries.iter().all(|entry| entry.is_followed(&self.pack)) && entries.len() <= MOST_CHANGES;
        if !plain || at.day() != self.assessment.day || !same_pack {
            reading.end().await?;
            *self = Self::start(ledger, pack, at).await?;
            let evaluated = self.assessment.verdicts.values().map(BTreeMap::len).sum();
            return Ok(Round { full: true, evaluated });
        }
        let dirty = self.follow(&mut reading, &entries).await?;
        reading.end().await?;
        self.assessment.again(&self.pack, &self.world, &self.known, &dirty);
        self.seq = head;
        let controls: BTreeSet<String> = dirty.keys().cloned().collect();
        self.save(ledger, at, &controls).await?;
        Ok(Round { full: false, evaluated: dirty.values().map(BTreeSet::len).sum() })
    }

    /// Loads what the entries changed; which subjects of which controls that can move.
    async fn follow(
        &mut self,
        reading: &mut Reading,
        entries: &[Changed],
    ) -> Result<HashMap<String, BTreeSet<Subject>>> {
        let mut dirty = HashMap::new();
        let before = self.known.clone();
        let changed: BTreeSet<(String, Id)> = entries.iter().filter_map(|entry| entry.record(&self.pack)).collect();
        let mut records = changed.clone();
        for (register, id) in &changed {
            // Whom a system's record names decides who may audit it.
            records.extend(audit::audits_of_system(reading, &self.pack, register, *id).await?);
        }
        for (register, id) in records {
            let Some(register) = self.pack.register(&register) else { continue };
            let subject = Subject::Record { register: register.id.as_str().into(), id: id.number() };
            let mut loaded = Snapshot::new(&self.pack, pack::expr::Workdays::default());
            load::load_records(reading, &self.pack, register, Some(id), &mut loaded).await?;
            change(&self.pack, &mut self.world, &subject, &mut dirty, |world| world.take_over(&subject, &mut loaded));
        }
        load::circumstances(reading, &self.pack, &self.world, &mut self.known).await?;
        for control in &self.pack.controls {
            if circumstances_moved(&before, &self.known, control) {
                let subjects = self.world.subjects(crate::evaluate::subjects(control));
                dirty.entry(control.id.clone()).or_default().extend(subjects);
            }
        }
        Ok(dirty)
    }

    /// Writes open verdicts, counts and findings of these controls, one control after the other.
    async fn save(&self, ledger: &Ledger, at: Moment, controls: &BTreeSet<String>) -> Result<()> {
        let day = self.assessment.day;
        let mut op = ledger.operation(ACTOR, at).await?;
        for control in controls {
            tokio::task::yield_now().await;
            let mut open = Vec::new();
            let mut counts: BTreeMap<Option<u128>, Counts> = BTreeMap::new();
            for (subject, verdict) in self.assessment.verdicts.get(control).into_iter().flatten() {
                let unit = self.world.unit(subject);
                counts.entry(unit).or_default().add(verdict.state);
                if !matches!(verdict.state, State::Holds | State::OutOfScope) {
                    open.push(self.open_verdict(control, subject, verdict, unit));
                }
            }
            let counts = counts.into_iter().map(|(unit, counts)| day_count(day, control, unit, &counts));
            let counts: Vec<DayCount> = counts.collect();
            findings::replace_verdicts(&mut op, control, &open).await?;
            findings::replace_counts(&mut op, day, control, &counts).await?;
            self.save_findings(&mut op, day, control, &open).await?;
        }
        for control in findings::controls_open(&mut op).await? {
            if self.pack.control(&control).is_none() {
                findings::close_all(&mut op, &control, day).await?;
            }
        }
        findings::set_position(&mut op, day, self.seq).await?;
        op.commit().await?;
        Ok(())
    }

    fn open_verdict(&self, control: &str, subject: &Subject, verdict: &Verdict, unit: Option<u128>) -> OpenVerdict {
        let reason = verdict.reason.as_deref().cloned().unwrap_or_default();
        OpenVerdict {
            control: control.to_owned(),
            subject: names::text(subject, &self.world),
            label: self.world.label(subject),
            unit: unit.map(Id::from_number),
            state: verdict.state.id().to_owned(),
            reason_en: reason.en.unwrap_or_else(|| reason.ja.clone()),
            reason_ja: reason.ja,
        }
    }

    /// Opens, refreshes and closes findings of a control. One that is only unknown today stays open: nothing says that it was
    /// mended.
    async fn save_findings(&self, op: &mut Operation, day: Day, control: &str, open: &[OpenVerdict]) -> Result<()> {
        let mut known: HashMap<String, Finding> = HashMap::new();
        for finding in findings::open(op, control).await? {
            known.insert(finding.verdict.subject.clone(), finding);
        }
        for verdict in open {
            match known.remove(&verdict.subject) {
                Some(finding) if finding.verdict == *verdict => {}
                Some(finding) => findings::refresh(op, finding.id, verdict).await?,
                None if verdict.state == State::Broken.id() => {
                    let Some(control) = self.pack.control(control) else { continue };
                    let due = day.plus_days(i64::from(control.due_days)).unwrap_or(Day::LAST);
                    findings::add(op, verdict, severity(control), day, due).await?;
                }
                None => {}
            }
        }
        for finding in known.into_values() {
            findings::close(op, finding.id, day).await?;
        }
        Ok(())
    }
}

/// A severity as the store has it.
fn severity(control: &Control) -> i64 {
    match control.severity {
        Severity::Minor => 1,
        Severity::Major => 2,
        Severity::Critical => 3,
    }
}

fn day_count(day: Day, control: &str, unit: Option<u128>, counts: &Counts) -> DayCount {
    let number = |state| i64::try_from(counts.of(state)).unwrap_or(i64::MAX);
    let states = [State::Holds, State::Broken, State::Covered, State::Unknown, State::NotStarted, State::OutOfScope];
    DayCount { day, control: control.to_owned(), unit: unit.map(Id::from_number), counts: states.map(number) }
}

/// Whether something beside the records changed for a control.
fn circumstances_moved(before: &Circumstances, after: &Circumstances, control: &Control) -> bool {
    let id = &control.id;
    let exceptions = |known: &Circumstances| -> Vec<crate::Exception> {
        known.exceptions.iter().filter(|exception| exception.control == *id).cloned().collect()
    };
    let attested = |known: &Circumstances| -> BTreeMap<Subject, Day> {
        let of_control = known.attested.iter().filter(|((control, _), _)| control == id);
        of_control.map(|((_, subject), day)| (subject.clone(), *day)).collect()
    };
    before.in_force != after.in_force
        || before.planned.get(id) != after.planned.get(id)
        || exceptions(before) != exceptions(after)
        || attested(before) != attested(after)
}

/// What an entry of the journal changed: the entry's kind is the register's id for a record.
#[derive(Debug)]
struct Changed {
    act: String,
    kind: String,
    subject: String,
}

/// Kinds of entry that change no fact which controls read, or only what is loaded anew in every round.
const WITHOUT_FACTS: &[&str] =
    &["control", "session", "account", "credential", "token", "file", "checkpoint", "journal", "store"];

/// Acts that only look, at whatever.
const LOOKING: &[&str] = &["read", "list", "export", "download", "backup"];

impl Changed {
    /// The record that it changed.
    fn record(&self, pack: &Pack) -> Option<(String, Id)> {
        if self.only_looks() {
            return None;
        }
        pack.register(&self.kind)?;
        Some((self.kind.clone(), self.subject.parse().ok()?))
    }

    fn only_looks(&self) -> bool {
        LOOKING.contains(&self.act.as_str())
    }

    /// Whether the change is followed by itself; people, facts and the policy make everything be evaluated.
    fn is_followed(&self, pack: &Pack) -> bool {
        self.only_looks() || self.record(pack).is_some() || WITHOUT_FACTS.contains(&self.kind.as_str())
    }
}

async fn head(reading: &mut Reading) -> Result<i64> {
    reading.row(Sql::new("SELECT seq FROM journal_head WHERE id = 1", [])).await?.int(0)
}

async fn entries_after(reading: &mut Reading, seq: i64) -> Result<Vec<Changed>> {
    let mut sql = Sql::new("SELECT act, kind, subject FROM journal WHERE seq > $1 ORDER BY seq", [seq.into()]);
    let most = i64::try_from(MOST_CHANGES + 1).unwrap_or(i64::MAX);
    sql.limit(most);
    let rows = reading.rows(sql).await?;
    rows.iter().map(|row| Ok(Changed { act: row.text(0)?, kind: row.text(1)?, subject: row.text(2)? })).collect()
}
