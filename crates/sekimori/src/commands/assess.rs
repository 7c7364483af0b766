//! `sekimori assess`: runs all controls and says how every clause stands.

use std::process::ExitCode;

use assurance::{Assessment, Counts, State, load, names};
use ledger::{Actor, Day};
use pack::Pack;
use serde_json::{Value as Json, json};

use crate::lang::Lang;
use crate::municipality::{self, Failure, Municipality};
use crate::{adoption, clock};

/// Flags of `assess`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: sekimori assess --data sekimori-data --format json")]
pub(crate) struct Args {
    /// The day for which everything is evaluated; today without it.
    #[arg(long, value_name = "DATE", value_parser = municipality::day)]
    on: Option<Day>,
    /// How the answer is printed.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    #[command(flatten)]
    municipality: Municipality,
}

/// Forms of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Evaluates, and prints clauses, controls and what is open. The answer is no failure, whatever it says.
pub(crate) fn run(args: &Args, lang: Lang) -> ExitCode {
    municipality::run(async {
        println!("{}", assess(args, lang).await?);
        Ok(ExitCode::SUCCESS)
    })
}

async fn assess(args: &Args, lang: Lang) -> Result<String, Failure> {
    let now = clock::now();
    let day = args.on.unwrap_or(now.day());
    // Noon of the day in Tokyo, which is three o'clock UTC.
    let at = if day == now.day() { now } else { municipality::noon(day) };
    let ledger = args.municipality.open(lang).await?;
    let pack = adoption::in_force(&ledger, at, lang).await?;
    let failed = |error: ledger::Error| Failure::of(&error, lang);
    let mut reading = ledger.reading(Actor::Machine("assess"), at).await.map_err(failed)?;
    let (world, known) = load::everything(&mut reading, &pack).await.map_err(failed)?;
    let assessment = Assessment::full(&pack, &world, &known, day);
    let total = assessment.total();
    if args.format == Format::Json {
        let open: Vec<Json> = assessment
            .open()
            .map(|(control, subject, verdict)| {
                let reason = verdict.reason.as_ref().map(|reason| reason.pick(lang == Lang::En).to_owned());
                json!({ "control": control, "subject": names::text(subject, &world), "state": verdict.state, "reason": reason })
            })
            .collect();
        let answer = json!({
            "on": day.to_string(), "total": total, "clauses": clauses(&assessment, &pack), "controls": controls(&assessment, &pack), "broken": open,
        });
        return serde_json::to_string_pretty(&answer).map_err(|error| Failure::from(error.to_string()));
    }
    Ok(text(&assessment, &pack, day, &total, lang))
}

fn clauses(assessment: &Assessment, pack: &Pack) -> Vec<Json> {
    let all = pack.documents.iter().flat_map(|document| &document.clauses);
    all.filter_map(|clause| {
        let counts = assessment.clause(pack, &clause.id)?;
        Some(json!({ "clause": clause.id.to_string(), "heading": clause.heading, "must": clause.must, "state": counts.worst(), "counts": counts }))
    })
    .collect()
}

fn controls(assessment: &Assessment, pack: &Pack) -> Vec<Json> {
    pack.controls
        .iter()
        .map(|control| {
            let counts = assessment.counts(&control.id);
            json!({ "control": control.id, "title": control.title.ja, "state": counts.worst(), "counts": counts })
        })
        .collect()
}

fn text(assessment: &Assessment, pack: &Pack, day: Day, total: &Counts, lang: Lang) -> String {
    let word = |state: State| state.word().pick(lang == Lang::En).to_owned();
    let counted = |counts: &Counts| {
        let parts = State::ALL.iter().rev().filter(|state| counts.of(**state) > 0);
        parts.map(|state| format!("{} {}", word(*state), counts.of(*state))).collect::<Vec<_>>().join("  ")
    };
    let mut lines = vec![format!("{}  {}", day.wareki(), counted(total)), String::new()];
    for control in &pack.controls {
        let counts = assessment.counts(&control.id);
        let worst = counts.worst();
        if !matches!(worst, State::Holds | State::OutOfScope) {
            lines.push(format!("{}  {}  ({})", word(worst), control.title.pick(lang == Lang::En), control.id));
            lines.push(format!("    {}", counted(&counts)));
        }
    }
    lines.join("\n")
}

/// The help in Japanese.
pub(crate) fn in_japanese(command: clap::Command) -> clap::Command {
    municipality::in_japanese(command)
        .about("すべての遵守項目を判定し、条項ごとの状況を示す")
        .mut_arg("on", |arg| arg.help("この日の状況を判定する（指定がなければ今日）"))
        .mut_arg("format", |arg| arg.help("出力の形式"))
        .after_help("例: sekimori assess --data sekimori-data --format json")
}
