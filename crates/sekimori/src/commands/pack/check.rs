//! `sekimori pack check`: all errors of a pack, each at its place.
//!
//! Exit codes: 0 no error, 1 errors or the folder could not be read, 2 usage.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource};
use pack::{Checked, Diagnostic, Severity, Source};

use super::folder;
use crate::clock;
use crate::lang::Lang;
use crate::municipality::{self, Failure, Municipality, operator};

/// Warnings of one kind that are shown one by one; the rest is counted.
const SHOWN_WARNINGS: usize = 3;

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For scripts.
    Json,
}

/// Flags of `pack check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: sekimori pack check packs/sodegaura --format json\n\
         sekimori pack check packs/mycity --against /var/lib/sekimori\n\n\
Exit code 0: no error (warnings may be there); 1: errors, or something recorded would be lost.")]
pub(super) struct Args {
    /// The pack's folder.
    #[arg(default_value = ".", value_name = "DIR")]
    dir: PathBuf,
    /// Also check what is recorded here: a data folder, or a configuration file that names the data.
    #[arg(long, value_name = "DATA", conflicts_with = "config")]
    against: Option<PathBuf>,
    /// The same as `--against FILE` with a configuration file.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// How to print.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Checks the pack and prints what is wrong.
pub(super) fn run(args: &Args, lang: Lang) -> ExitCode {
    let (source, mut checked) = match folder::check(&args.dir, lang) {
        Ok(read) => read,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::FAILURE;
        }
    };
    if let Some(data) = args.against.as_ref().or(args.config.as_ref()) {
        let judged = municipality::block_on(against(data, &mut checked, lang));
        if judged.is_err() {
            return municipality::exit(judged);
        }
    }
    let printed = match args.format {
        Format::Json => json(&source, &checked, lang),
        Format::Text => text(&source, &checked, lang),
    };
    folder::print(&printed);
    if checked.count(Severity::Error) == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Adds what a store's records would lose. A pack with errors of its own is not compared: its ids are not settled.
async fn against(data: &std::path::Path, checked: &mut Checked, lang: Lang) -> Result<(), Failure> {
    let Some(new) = &checked.pack else {
        let ja = "規程データそのものに誤りがあるため、記録との照合はまだ行っていません。";
        eprintln!("{}", lang.pick(ja, "The pack itself has errors; what is recorded was not compared yet."));
        return Ok(());
    };
    let failed = |error: ledger::Error| Failure::of(&error, lang);
    let ledger = Municipality::named(data).open(lang).await?;
    let mut reading = ledger.reading(operator(), clock::now()).await.map_err(failed)?;
    let found = match ledger::packs::pack_in_force(&mut reading).await.map_err(failed)? {
        Some((_, old)) => ledger::packs::judge(&mut reading, &old, new).await.map_err(failed)?,
        None => {
            let ja = "施行中の規程データがないため、照合する記録はありません。";
            eprintln!("{}", lang.pick(ja, "No policy is in force there, so nothing is recorded to compare."));
            Vec::new()
        }
    };
    if found.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        checked.pack = None;
    }
    checked.diagnostics.extend(found);
    checked.diagnostics.sort_by_key(|diagnostic| diagnostic.severity);
    Ok(())
}

fn json(source: &Source, checked: &Checked, lang: Lang) -> String {
    let english = lang == Lang::En;
    let diagnostics: Vec<_> = checked
        .diagnostics
        .iter()
        .map(|diagnostic| {
            let (line, column) = source.position(&diagnostic.site);
            serde_json::json!({
                "severity": diagnostic.severity.id(),
                "code": diagnostic.code,
                "file": &*diagnostic.site.file,
                "line": line,
                "column": column,
                "message": diagnostic.message.pick(english),
                "expected": diagnostic.expected.as_ref().map(|text| text.pick(english)),
                "help": diagnostic.help.as_ref().map(|text| text.pick(english)),
                "names": diagnostic.names,
            })
        })
        .collect();
    let counts: serde_json::Map<_, _> =
        checked.counts.iter().map(|(name, count)| ((*name).to_owned(), (*count).into())).collect();
    let whole = serde_json::json!({
        "errors": checked.count(Severity::Error),
        "warnings": checked.count(Severity::Warning),
        "counts": counts,
        "diagnostics": diagnostics,
    });
    format!("{whole:#}\n")
}

fn text(source: &Source, checked: &Checked, lang: Lang) -> String {
    let theme =
        if std::io::stdout().is_terminal() { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_links(false).with_width(120);
    let mut files: BTreeMap<Arc<str>, Arc<String>> = BTreeMap::new();
    let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
    let mut out = String::new();
    for diagnostic in &checked.diagnostics {
        let count = shown.entry(diagnostic.code).or_default();
        *count += 1;
        if diagnostic.severity == Severity::Warning && *count > SHOWN_WARNINGS {
            continue;
        }
        let file = files.entry(diagnostic.site.file.clone()).or_insert_with(|| {
            Arc::new(String::from_utf8_lossy(source.get(&diagnostic.site.file).unwrap_or_default()).into_owned())
        });
        let report = report(diagnostic, file.clone(), lang);
        if handler.render_report(&mut out, report.as_ref()).is_err() {
            let _ = writeln!(out, "{}", diagnostic.message.pick(lang == Lang::En));
        }
    }
    for (code, count) in shown.iter().filter(|(_, count)| **count > SHOWN_WARNINGS) {
        let warnings = checked.diagnostics.iter().any(|d| d.code == *code && d.severity == Severity::Warning);
        if warnings {
            let more = count - SHOWN_WARNINGS;
            let _ = match lang {
                Lang::Ja => writeln!(out, "{code}: ほか{more}件（すべては --format json で）"),
                Lang::En => writeln!(out, "{code}: {more} more (all with --format json)"),
            };
        }
    }
    summary(&mut out, checked, lang);
    out
}

fn summary(out: &mut String, checked: &Checked, lang: Lang) {
    let (errors, warnings) = (checked.count(Severity::Error), checked.count(Severity::Warning));
    let counts: BTreeMap<_, _> = checked.counts.iter().copied().collect();
    let get = |name: &str| counts.get(name).copied().unwrap_or_default();
    let _ = match lang {
        Lang::Ja => writeln!(
            out,
            "誤り {errors}件、注意 {warnings}件（文書 {}、条項 {}、台帳 {}、遵守項目 {}うち機械判定 {}）",
            get("documents"),
            get("clauses"),
            get("registers"),
            get("controls"),
            get("machine_controls"),
        ),
        Lang::En => writeln!(
            out,
            "{errors} errors, {warnings} warnings ({} documents, {} clauses, {} registers, {} controls, {} of them decided by the machine)",
            get("documents"),
            get("clauses"),
            get("registers"),
            get("controls"),
            get("machine_controls"),
        ),
    };
}

fn report(diagnostic: &Diagnostic, file: Arc<String>, lang: Lang) -> miette::Report {
    let english = lang == Lang::En;
    let severity = match diagnostic.severity {
        Severity::Error => miette::Severity::Error,
        Severity::Warning => miette::Severity::Warning,
    };
    let expected = diagnostic.expected.as_ref().map(|text| match lang {
        Lang::Ja => format!("書けるもの: {}", text.pick(english)),
        Lang::En => format!("expected: {}", text.pick(english)),
    });
    let help = diagnostic.help.as_ref().map(|text| text.pick(english).to_owned());
    let lines: Vec<_> = expected.into_iter().chain(help).collect();
    let site = &diagnostic.site;
    let mut rich = MietteDiagnostic::new(diagnostic.message.pick(english))
        .with_code(diagnostic.code)
        .with_severity(severity)
        .with_label(LabeledSpan::underline(site.start..site.end));
    if !lines.is_empty() {
        rich = rich.with_help(lines.join("\n"));
    }
    miette::Report::new(rich).with_source_code(NamedSource::new(&*site.file, file))
}

/// The help in Japanese.
pub(super) fn in_japanese(command: clap::Command) -> clap::Command {
    command
        .about("規程データを点検し、すべての誤りを示す")
        .mut_arg("dir", |arg| arg.help("規程データのフォルダー"))
        .mut_arg("against", |arg| arg.help("この場所の記録とも照合する（データのフォルダーか、データの場所を書いた設定ファイル）"))
        .mut_arg("config", |arg| arg.help("--against に設定ファイルを指定するのと同じ"))
        .mut_arg("format", |arg| arg.help("出力の形式"))
        .after_help(
            "例: sekimori pack check packs/sodegaura --format json\n    sekimori pack check packs/mycity --against /var/lib/sekimori\n\n終了コード 0: 誤りなし（注意はあり得る）、1: 誤りがある、又は記録が失われる",
        )
}
