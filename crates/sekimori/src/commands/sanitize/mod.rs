//! `sekimori sanitize`: files and folders in, rebuilt files and a report out.
//!
//! Exit codes: 0 all delivered, 3 some held or refused, 1 something could not be read or written, 2 usage.

mod inputs;
mod lines;
mod outputs;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use gateway::{Passed, Sanitiser};
use worker::Broker;

use crate::lang::Lang;
use inputs::Input;
use outputs::Outputs;

/// Flags of `sanitize`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: sekimori sanitize --report report.json --out clean/ mail/ 見積書.xlsm\n\n\
Exit code 0: all delivered; 3: some held or refused (they write nothing to the folder); 1: something could not be read or written.")]
pub(crate) struct Args {
    /// The policy, as TOML; without it the default policy.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Passwords to try on protected files, one per line.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// How many files at a time; without it, one per processor.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// Where to write the report, a JSON array in input order; `-` is standard output.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// The folder for the rebuilt files; it is created.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Files and folders.
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
}

/// Sanitises the inputs.
pub(crate) fn run(args: &Args, lang: Lang) -> ExitCode {
    match sanitize(args, lang) {
        Ok(code) => code,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn sanitize(args: &Args, lang: Lang) -> Result<ExitCode, String> {
    let sanitiser = sanitiser(args, lang)?;
    let passwords = passwords(args, lang)?;
    let (files, mut problems) = inputs::find(&args.inputs, lang);
    let mut outputs = Outputs::create(&args.out, &files).map_err(|error| cannot(lang, &args.out, "write", &error))?;
    let mut reports = Vec::with_capacity(files.len());
    let mut withheld = false;
    let quiet = args.report.as_deref() == Some(Path::new("-"));
    let jobs = args.jobs.map_or_else(processors, usize::from).min(files.len().max(1));
    let progress = Progress::new(files.len(), lang);
    in_order(
        &files,
        jobs,
        |file| pass(&sanitiser, file, &passwords),
        |file, done| {
            progress.clear();
            match done {
                Err(error) => problems.push(cannot(lang, &file.path, "read", &error)),
                Ok(mut passed) => {
                    if let Some(bytes) = passed.bytes.take() {
                        match outputs.write(file, passed.report.output.as_deref().unwrap_or_default(), &bytes) {
                            Ok(name) => passed.report.output = Some(name),
                            Err(error) => problems.push(cannot(lang, &args.out, "write", &error)),
                        }
                    } else {
                        withheld = true;
                    }
                    if !quiet {
                        lines::print(&passed, lang);
                    }
                    reports.push(passed.report);
                }
            }
            progress.show(reports.len());
        },
    );
    progress.clear();
    if let Some(path) = &args.report {
        write_report(path, &reports).map_err(|error| cannot(lang, path, "write", &error))?;
    }
    if !quiet {
        lines::summary(&reports, lang);
    }
    for problem in &problems {
        eprintln!("{problem}");
    }
    Ok(match (problems.is_empty(), withheld) {
        (false, _) => ExitCode::FAILURE,
        (true, true) => ExitCode::from(3),
        (true, false) => ExitCode::SUCCESS,
    })
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn sanitiser(args: &Args, lang: Lang) -> Result<Sanitiser, String> {
    let policy = match &args.policy {
        Some(path) => std::fs::read_to_string(path).map_err(|error| cannot(lang, path, "read", &error))?,
        None => String::new(),
    };
    let broker = Broker::of_this_binary().map_err(|error| error.to_string())?.wall_clock(Duration::from_secs(120));
    Sanitiser::new(broker, &policy).map_err(|error| {
        let path = args.policy.as_deref().unwrap_or(Path::new("")).display().to_string();
        match lang {
            Lang::Ja => format!("方針「{path}」を読めません: {error}"),
            Lang::En => format!("The policy \"{path}\" cannot be used: {error}"),
        }
    })
}

fn passwords(args: &Args, lang: Lang) -> Result<Vec<String>, String> {
    let Some(path) = &args.password_file else { return Ok(Vec::new()) };
    let text = std::fs::read_to_string(path).map_err(|error| cannot(lang, path, "read", &error))?;
    Ok(text.trim_start_matches('\u{feff}').lines().filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

fn pass(sanitiser: &Sanitiser, file: &Input, passwords: &[String]) -> std::io::Result<Passed> {
    let begun = Instant::now();
    let bytes = std::fs::read(&file.path)?;
    let mut passed = sanitiser.pass(&file.name, &bytes, passwords);
    passed.report.input.clone_from(&file.shown);
    passed.report.ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(passed)
}

/// Works on the files, `jobs` at a time, and hands the results over in the files' order.
fn in_order<T: Send>(files: &[Input], jobs: usize, work: impl Fn(&Input) -> T + Sync, mut hand: impl FnMut(&Input, T)) {
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::sync_channel(jobs);
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                while let Some((index, file)) = nth(files, next.fetch_add(1, Ordering::Relaxed)) {
                    if sender.send((index, work(file))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut waiting = std::collections::BTreeMap::new();
        let mut due = 0;
        for (index, done) in receiver {
            waiting.insert(index, done);
            while let Some((file, done)) = files.get(due).and_then(|file| Some((file, waiting.remove(&due)?))) {
                hand(file, done);
                due += 1;
            }
        }
    });
}

fn nth(files: &[Input], index: usize) -> Option<(usize, &Input)> {
    files.get(index).map(|file| (index, file))
}

fn write_report(path: &Path, reports: &[sanitize::Report]) -> std::io::Result<()> {
    let mut json = serde_json::to_vec_pretty(reports)?;
    json.push(b'\n');
    if path == Path::new("-") { std::io::stdout().write_all(&json) } else { std::fs::write(path, json) }
}

fn cannot(lang: Lang, path: &Path, verb: &str, error: &std::io::Error) -> String {
    let path = path.display();
    match (lang, verb) {
        (Lang::Ja, "read") => format!("「{path}」を読めません: {error}"),
        (Lang::Ja, _) => format!("「{path}」に書き込めません: {error}"),
        (Lang::En, "read") => format!("\"{path}\" cannot be read: {error}"),
        (Lang::En, _) => format!("\"{path}\" cannot be written: {error}"),
    }
}

/// One line on a terminal once the work takes over a second.
struct Progress {
    begun: Instant,
    total: usize,
    terminal: bool,
    lang: Lang,
}

impl Progress {
    fn new(total: usize, lang: Lang) -> Self {
        Self { begun: Instant::now(), total, terminal: std::io::stderr().is_terminal(), lang }
    }

    fn show(&self, done: usize) {
        if self.terminal && self.begun.elapsed() > Duration::from_secs(1) && done < self.total {
            let word = self.lang.pick("無害化処理中", "sanitising");
            eprint!("\r{word} {done}/{}", self.total);
            let _ = std::io::stderr().flush();
        }
    }

    fn clear(&self) {
        if self.terminal && self.begun.elapsed() > Duration::from_secs(1) {
            eprint!("\r\x1b[K");
        }
    }
}

/// The help in Japanese.
pub(crate) fn in_japanese(command: clap::Command) -> clap::Command {
    command
        .about("ファイルを無害化する（安全と分かっている内容だけで作り直す）")
        .mut_arg("policy", |arg| arg.help("無害化の方針（TOML）。指定がなければ既定の方針"))
        .mut_arg("password_file", |arg| arg.help("保護されたファイルに試すパスワード（1行に1つ）"))
        .mut_arg("jobs", |arg| arg.help("同時に処理するファイル数。指定がなければ CPU の数"))
        .mut_arg("report", |arg| arg.help("報告（入力順の JSON 配列）の出力先。「-」は標準出力"))
        .mut_arg("out", |arg| arg.help("作り直したファイルを置くフォルダー（なければ作成）"))
        .mut_arg("inputs", |arg| arg.help("ファイルまたはフォルダー"))
        .after_help(
            "例: sekimori sanitize --report report.json --out clean/ mail/ 見積書.xlsm\n\n\
             終了コード 0: すべて無害化済み、3: 保留・通過不可あり（フォルダーには何も書きません）、1: 読み書きできないものがあった",
        )
}
