//! `sekimori backup FILE`: one snapshot, beside a running server.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use ledger::backup;
use ledger::permission::{Office, office};

use crate::clock;
use crate::lang::Lang;
use crate::municipality::{self, Failure, Municipality, operator};

/// Flags of `backup`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: sekimori backup --data city /mnt/backup/monday.backup")]
pub(crate) struct Args {
    #[command(flatten)]
    municipality: Municipality,
    /// Where to write.
    file: PathBuf,
}

/// Writes the backup beside its name and renames it when it is whole and noted in the journal. The entry is not in the copy.
pub(crate) fn run(args: &Args, lang: Lang) -> ExitCode {
    municipality::run(async {
        let failed = |error: ledger::Error| Failure::of(&error, lang);
        let name = args.file.display();
        let unwritable = |error: &std::io::Error| {
            Failure::from(match lang {
                Lang::Ja => format!("「{name}」に書けません：{error}。場所と空き容量を確かめてください。"),
                Lang::En => format!("'{name}' cannot be written: {error}. Check the place and the free space."),
            })
        };
        let ledger = args.municipality.open(lang).await?;
        let mut reading = ledger.reading(operator(), clock::now()).await.map_err(failed)?;
        let part = municipality::part_of(&args.file);
        let mut out = BufWriter::new(File::create(&part).map_err(|error| unwritable(&error))?);
        let written = backup::write(&mut reading, &mut out).await.map_err(failed)?;
        out.flush().and_then(|()| out.get_ref().sync_all()).map_err(|error| unwritable(&error))?;
        reading.end().await.map_err(failed)?;
        let mut op = ledger.operation(operator(), clock::now()).await.map_err(failed)?;
        let permit = office(&op, None, Office::Journal, "backup", "store", "").map_err(failed)?;
        written.note(&mut op, permit);
        op.commit().await.map_err(failed)?;
        fs::rename(&part, &args.file).map_err(|error| unwritable(&error))?;
        match lang {
            Lang::Ja => println!("{} 行を「{name}」に保存しました。", written.rows),
            Lang::En => println!("Saved {} rows to '{name}'.", written.rows),
        }
        println!("SHA-256 {}", ledger::journal::entry::hex(&written.sha256));
        Ok(ExitCode::SUCCESS)
    })
}

/// The help in Japanese.
pub(crate) fn in_japanese(command: clap::Command) -> clap::Command {
    municipality::in_japanese(command)
        .about("データを1つのファイルに保存する（運転中でもよい）")
        .mut_arg("file", |arg| arg.help("保存先"))
        .after_help("例: sekimori backup --data city /mnt/backup/monday.backup")
}
