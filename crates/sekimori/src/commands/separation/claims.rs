//! `sekimori separation claims`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use exchange::claims::Networks;
use ledger::Day;
use separation::claims::Claims;

use super::language;
use crate::lang::Lang;
use crate::municipality::{self, Failure, Municipality, operator};
use crate::{adoption, clock};

/// Flags of `separation claims`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: sekimori separation claims --data city --networks networks.toml --out claims.toml\n\n\
The zones come from the policy in force, the flows from the register: those in force on the day and not past their end.\n\
A flow or a zone that lacks what a claim needs is named, and nothing is written."
)]
pub(crate) struct Args {
    /// Addresses of zones for which the policy names none: lines like mynumber = ["10.1.0.0/16"].
    #[arg(long, value_name = "FILE")]
    networks: Option<PathBuf>,
    /// The day on which the flows are valid; today without it.
    #[arg(long, value_name = "DATE", value_parser = municipality::day)]
    on: Option<Day>,
    /// Where to write; to standard output without it.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    municipality: Municipality,
}

/// Writes the claims, read back first.
pub(super) fn run(args: &Args, lang: Lang) -> ExitCode {
    municipality::run(write(args, lang))
}

async fn write(args: &Args, lang: Lang) -> Result<ExitCode, Failure> {
    let failed = |error: ledger::Error| Failure::of(&error, lang);
    let networks = args.networks.as_deref().map(|path| networks(path, lang)).transpose()?.unwrap_or_default();
    let ledger = args.municipality.open(lang).await?;
    let pack = adoption::in_force(&ledger, clock::now(), lang).await?;
    let mut reading = ledger.reading(operator(), clock::now()).await.map_err(failed)?;
    let on = args.on.unwrap_or(reading.today());
    let claims = exchange::claims::claims(&mut reading, &pack, &networks, on).await.map_err(failed)?;
    let text = claims.map_err(|lacks| {
        let lines: Vec<&str> = lacks.iter().map(|lack| lack.pick(lang == Lang::En)).collect();
        Failure::from(lines.join("\n"))
    })?;
    let (_, problems) = Claims::read(&text);
    if !problems.is_empty() {
        let lines: Vec<String> =
            problems.iter().map(|problem| language(lang).of(&problem.message).to_owned()).collect();
        return Err(Failure::from(lines.join("\n")));
    }
    match &args.out {
        None => print!("{text}"),
        Some(path) => {
            fs::write(path, &text).map_err(|error| Failure::from(format!("{}: {error}", path.display())))?;
            let (name, flows) = (path.display(), text.matches("[[flow]]").count());
            match lang {
                Lang::Ja => println!("通信 {flows} 件を「{name}」に書き出しました。"),
                Lang::En => println!("Wrote {flows} flows to '{name}'."),
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn networks(path: &Path, lang: Lang) -> Result<Networks, Failure> {
    let name = path.display();
    let wrong = |why: String| {
        Failure::from(match lang {
            Lang::Ja => {
                format!("「{name}」を読めません：{why}。mynumber = [\"10.1.0.0/16\"] のような行を書いてください。")
            }
            Lang::En => format!("'{name}' cannot be read: {why}. Write lines like mynumber = [\"10.1.0.0/16\"]."),
        })
    };
    let text = fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    toml::from_str(&text).map_err(|error| wrong(error.message().to_owned()))
}

/// The help in Japanese.
pub(super) fn in_japanese(command: clap::Command) -> clap::Command {
    municipality::in_japanese(command)
        .about("規程データの領域と通信の台帳から claims.toml を作る")
        .mut_arg("networks", |arg| {
            arg.help("規程データにない領域のアドレス（mynumber = [\"10.1.0.0/16\"] のような行）")
        })
        .mut_arg("on", |arg| arg.help("この日に有効な通信（指定がなければ今日）"))
        .mut_arg("out", |arg| arg.help("書き出すファイル（指定がなければ標準出力）"))
        .after_help(
            "例: sekimori separation claims --data city --networks networks.toml --out claims.toml\n\n\
             許可されていて期限内の通信だけを書きます。必要な内容が足りない通信や領域は名前を示し、何も書きません。",
        )
}
