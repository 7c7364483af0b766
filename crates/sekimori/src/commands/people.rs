//! `sekimori people import`: staff as the personnel system exports them.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use exchange::import_people;
use ledger::Day;

use super::import::{acting, print, table, unreadable};
use crate::lang::Lang;
use crate::municipality::{self, Failure, Municipality};
use crate::{adoption, clock};

/// Missing persons that are named.
const NAMED: usize = 20;

/// Flags of `people`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Take in joiners, changes, moves and leavers, all or nothing.
    #[command(after_help = "Example: sekimori people import staff.xlsx --data city --on 2027-04-01 --dry-run\n\n\
Columns: 職員番号 氏名 フリガナ 職員区分 所属コード, and if there are any 代替文字 メール 役割 採用日 退職日. Nobody is changed for\n\
not being in the file. Undo is another file with another day.")]
    Import(ImportArgs),
}

#[derive(Debug, clap::Args)]
struct ImportArgs {
    /// The table: xlsx, or CSV in UTF-8 or CP932.
    file: PathBuf,
    /// Only say what would happen.
    #[arg(long)]
    dry_run: bool,
    /// The day on which moves and roles change; today without it.
    #[arg(long, value_name = "DATE", value_parser = municipality::day)]
    on: Option<Day>,
    /// Act as this person, by login; without it, as administration.
    #[arg(long, value_name = "LOGIN")]
    person: Option<String>,
    #[command(flatten)]
    municipality: Municipality,
}

/// Runs the subcommand.
pub(crate) fn run(args: &Args, lang: Lang) -> ExitCode {
    let What::Import(args) = &args.what;
    municipality::run(import(args, lang))
}

async fn import(args: &ImportArgs, lang: Lang) -> Result<ExitCode, Failure> {
    let failed = |error: ledger::Error| Failure::of(&error, lang);
    let ledger = args.municipality.open(lang).await?;
    let pack = adoption::in_force(&ledger, clock::now(), lang).await?;
    let bytes = std::fs::read(&args.file).map_err(|error| unreadable(&args.file, &error, lang))?;
    let table = table(&bytes, lang)?;
    let (mut op, standing) = acting(&ledger, &pack, args.person.as_deref(), lang).await?;
    let on = args.on.unwrap_or(op.today());
    let done = import_people(&mut op, &pack, standing.as_ref(), on, &table).await.map_err(failed)?;
    let commit = done.report.accepted() && !args.dry_run;
    if commit {
        op.commit().await.map_err(failed)?;
    }
    print(&done.report, &args.file, commit, lang);
    let (moved, left, missing) = (done.moved, done.left, done.missing.len());
    match lang {
        Lang::Ja => {
            println!("うち異動 {moved} 件、退職 {left} 件。ファイルにない在職者 {missing} 人（変更していません）")
        }
        Lang::En => {
            println!("of them {moved} moves, {left} leavers; {missing} in service are not in the file (unchanged)")
        }
    }
    for person in done.missing.iter().take(NAMED) {
        println!("  {person}");
    }
    if missing > NAMED {
        println!("  …");
    }
    Ok(if done.report.accepted() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The help in Japanese.
pub(crate) fn in_japanese(command: clap::Command) -> clap::Command {
    command.about("職員を取り込む").mut_subcommand("import", |c| {
        municipality::in_japanese(c)
            .about("採用、変更、異動、退職をまとめて取り込む（すべて取り込むか、何も取り込まないか）")
            .mut_arg("file", |arg| arg.help("表のファイル（xlsx、UTF-8 か CP932 の CSV）"))
            .mut_arg("dry_run", |arg| arg.help("何が起こるかを示すだけで、書き込まない"))
            .mut_arg("on", |arg| arg.help("異動と役割が変わる日（指定がなければ今日）"))
            .mut_arg("person", |arg| arg.help("この職員として取り込む（ログイン名。指定がなければ管理作業）"))
            .after_help(
                "例: sekimori people import staff.xlsx --data city --on 2027-04-01 --dry-run\n\n\
                 列: 職員番号 氏名 フリガナ 職員区分 所属コード。あれば 代替文字 メール 役割 採用日 退職日。\
                 ファイルにない職員は変更しません。取り消すときは、別の日付のファイルをもう一度取り込みます。",
            )
    })
}
