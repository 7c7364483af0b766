//! `sekimori export`: a register as a table.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use exchange::{Form, form_of, sha256};
use ledger::records::{Passage, Query, note_passage};
use ledger::{Operation, files};
use pack::model::Register;
use tables::Encoding;

use super::import::{acting, register, unreadable};
use crate::lang::Lang;
use crate::municipality::{self, Failure, Municipality};
use crate::{adoption, clock};

/// Flags of `export`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: sekimori export assets assets.xlsx --data city\n\n\
The form follows the name: .xlsx, .csv (UTF-8), .cp932.csv. What is written can be imported again without loss.")]
pub(crate) struct Args {
    /// The register.
    register: String,
    /// The file to write.
    file: PathBuf,
    /// Characters of a CSV, whatever its name says.
    #[arg(long, value_enum)]
    encoding: Option<Characters>,
    /// Write what this person may see, by login; without it, all records.
    #[arg(long, value_name = "LOGIN")]
    person: Option<String>,
    /// Folder to write the records' files to.
    #[arg(long, value_name = "DIR")]
    files: Option<PathBuf>,
    #[command(flatten)]
    municipality: Municipality,
}

/// Encodings of a CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Characters {
    /// UTF-8 with a byte order mark
    Utf8,
    /// CP932 (Shift_JIS of Windows)
    Cp932,
}

/// Exports.
pub(crate) fn run(args: &Args, lang: Lang) -> ExitCode {
    municipality::run(export(args, lang))
}

fn form(args: &Args, lang: Lang) -> Result<Form, Failure> {
    let form = form_of(&args.file).ok_or_else(|| {
        let name = args.file.display();
        Failure::from(match lang {
            Lang::Ja => format!(
                "「{name}」の形式が分かりません。名前の終わりを .xlsx、.csv、.cp932.csv のどれかにしてください。"
            ),
            Lang::En => format!("The form of '{name}' is unknown. End its name in .xlsx, .csv or .cp932.csv."),
        })
    })?;
    Ok(match (form, args.encoding) {
        (Form::Csv(_), Some(Characters::Utf8)) => Form::Csv(Encoding::Utf8),
        (Form::Csv(_), Some(Characters::Cp932)) => Form::Csv(Encoding::Cp932),
        (form, _) => form,
    })
}

async fn export(args: &Args, lang: Lang) -> Result<ExitCode, Failure> {
    let failed = |error: ledger::Error| Failure::of(&error, lang);
    let form = form(args, lang)?;
    let ledger = args.municipality.open(lang).await?;
    let pack = adoption::in_force(&ledger, clock::now(), lang).await?;
    let register = register(&pack, &args.register, lang)?;
    let (mut op, standing) = acting(&ledger, &pack, args.person.as_deref(), lang).await?;
    let rows =
        exchange::export(&mut op, &pack, standing.as_ref(), register, &Query::default()).await.map_err(failed)?;
    let bytes = exchange::file_of(&register.title.ja, &rows, form).map_err(|problem| {
        let place = problem.at.map(|at| format!("{at}: ")).unwrap_or_default();
        Failure::from(format!("{place}{}", lang.pick(&problem.ja, &problem.en)))
    })?;
    if let Some(folder) = &args.files {
        write_files(&mut op, &pack, standing.as_ref(), register, folder, lang).await?;
    }
    let count = rows.len().saturating_sub(1);
    note_passage(&mut op, register, &Passage { act: "export", sha256: sha256(&bytes), rows: count });
    fs::write(&args.file, &bytes).map_err(|error| unreadable(&args.file, &error, lang))?;
    op.commit().await.map_err(failed)?;
    let (title, name) = (&register.title, args.file.display());
    match lang {
        Lang::Ja => println!("「{}」{count} 件を「{name}」に書き出しました。", title.ja),
        Lang::En => println!("Wrote {count} records of '{}' to '{name}'.", title.pick(true)),
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the files that the records refer to; two of one name cannot lie in one folder.
async fn write_files(
    op: &mut Operation,
    pack: &pack::Pack,
    standing: Option<&ledger::people::Standing>,
    register: &Register,
    folder: &std::path::Path,
    lang: Lang,
) -> Result<(), Failure> {
    let failed = |error: ledger::Error| Failure::of(&error, lang);
    fs::create_dir_all(folder).map_err(|error| unreadable(folder, &error, lang))?;
    for (id, name) in exchange::names_of_files(op, register).await.map_err(failed)? {
        if files::get(op, pack, standing, id).await.is_err() {
            continue;
        }
        let path = folder.join(name.replace(['/', '\\'], "_"));
        let mut bytes = Vec::new();
        for part in 0.. {
            match files::part(op, &id.to_string(), part).await.map_err(failed)? {
                Some(more) => bytes.extend_from_slice(&more),
                None => break,
            }
        }
        let written = fs::OpenOptions::new().write(true).create_new(true).open(&path);
        written
            .and_then(|mut file| std::io::Write::write_all(&mut file, &bytes))
            .map_err(|error| unreadable(&path, &error, lang))?;
    }
    Ok(())
}

/// The help in Japanese.
pub(crate) fn in_japanese(command: clap::Command) -> clap::Command {
    municipality::in_japanese(command)
        .about("台帳を表（xlsx、CSV）に書き出す")
        .mut_arg("register", |arg| arg.help("台帳（assets など）"))
        .mut_arg("file", |arg| arg.help("書き出すファイル（.xlsx、.csv、.cp932.csv）"))
        .mut_arg("encoding", |arg| arg.help("CSV の文字コード（名前より優先）"))
        .mut_arg("person", |arg| arg.help("この職員が見られる記録だけを書き出す（ログイン名）"))
        .mut_arg("files", |arg| arg.help("記録の添付ファイルを書き出すフォルダー"))
        .after_help(
            "例: sekimori export assets assets.xlsx --data city\n\n\
             形式は名前で決まります（.xlsx、UTF-8 の .csv、.cp932.csv）。書き出した表は、そのまま取り込み直せます。",
        )
}
