//! `sekimori restore FILE`: into an empty place, verified against the journal before it counts.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use ledger::{Ledger, Location, SystemEntropy, backup};

use super::journal::print_verdict;
use crate::clock;
use crate::lang::Lang;
use crate::municipality::{self, Failure, Municipality, operator};

/// Flags of `restore`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: sekimori restore --data city-restored /mnt/backup/monday.backup")]
pub(crate) struct Args {
    #[command(flatten)]
    municipality: Municipality,
    /// The backup.
    file: PathBuf,
}

/// Restores, and commits only what verifies; otherwise names the entries and ends with 3.
pub(crate) fn run(args: &Args, lang: Lang) -> ExitCode {
    municipality::run(async {
        let failed = |error: ledger::Error| Failure::of(&error, lang);
        let unreadable = |name: &std::path::Path, error: &std::io::Error| {
            let name = name.display();
            Failure::from(match lang {
                Lang::Ja => format!("「{name}」を開けません：{error}。"),
                Lang::En => format!("'{name}' cannot be opened: {error}."),
            })
        };
        let input = File::open(&args.file).map_err(|error| unreadable(&args.file, &error))?;
        let location = args.municipality.location(lang)?;
        if let Location::File(store) = &location
            && let Some(folder) = store.parent()
        {
            fs::create_dir_all(folder).map_err(|error| unreadable(folder, &error))?;
        }
        let ledger = Ledger::create(&location, Arc::new(SystemEntropy)).await.map_err(failed)?;
        let mut op = ledger.operation(operator(), clock::now()).await.map_err(failed)?;
        let verdict = backup::restore(&mut op, BufReader::new(input), None).await.map_err(failed)?;
        print_verdict(&verdict, false, lang);
        if !verdict.problems.is_empty() {
            eprintln!(
                "{}",
                lang.pick("検証に失敗したので復元しませんでした。", "It does not verify, so nothing was restored.")
            );
            return Ok(ExitCode::from(3));
        }
        op.commit().await.map_err(failed)?;
        ledger.close().await;
        println!("{}", lang.pick("復元しました。", "Restored."));
        Ok(ExitCode::SUCCESS)
    })
}

/// The help in Japanese.
pub(crate) fn in_japanese(command: clap::Command) -> clap::Command {
    municipality::in_japanese(command)
        .about("保存したファイルを空の場所に復元し、操作記録で検証する")
        .mut_arg("file", |arg| arg.help("保存したファイル"))
        .after_help("例: sekimori restore --data city-restored /mnt/backup/monday.backup")
}
