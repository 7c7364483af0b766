//! `sekimori separation compile`.

use std::path::PathBuf;
use std::process::ExitCode;

use separation::compile::{nftables, prove};

use super::{configurations, verify};
use crate::lang::Lang;

/// Flags of `separation compile`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: sekimori separation compile --claims claims.toml --target nftables > fw1.nft\n\n\
Everything is refused and logged but the listed flows. What is written is read back and proved first: exit code 1 when it\n\
would not let through exactly the listed flows.")]
pub(crate) struct Args {
    /// Zones and the only flows that may cross between them.
    #[arg(long, value_name = "FILE")]
    claims: PathBuf,
    /// What to write.
    #[arg(long, value_enum)]
    target: Target,
    /// The day whose permitted flows are meant; today without it.
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
}

/// What can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Target {
    /// A rule set for nft -f
    Nftables,
}

/// Compiles, proves, prints.
pub(super) fn run(args: &Args, lang: Lang) -> Result<ExitCode, String> {
    let on = verify::chosen_day(args.on.as_deref(), lang)?;
    let claims = configurations::claims(&args.claims, lang)?;
    let Target::Nftables = args.target;
    let text = nftables(&claims, on);
    prove(&claims, "compiled.nft", text.as_bytes(), on).map_err(|why| match lang {
        Lang::Ja => format!("作った規則が台帳の通信と一致しません: {why}"),
        Lang::En => format!("The compiled rules do not let through exactly the listed flows: {why}"),
    })?;
    print!("{text}");
    Ok(ExitCode::SUCCESS)
}

/// The help in Japanese.
pub(super) fn in_japanese(command: clap::Command) -> clap::Command {
    command
        .about("台帳の通信だけを通す設定を作る")
        .mut_arg("claims", |arg| arg.help("領域と、境界を越えてよい通信"))
        .mut_arg("target", |arg| arg.help("作る設定の形式"))
        .mut_arg("on", |arg| arg.help("基準日（指定がなければ今日）"))
        .after_help(
            "例: sekimori separation compile --claims claims.toml --target nftables > fw1.nft\n\n\
             台帳の通信以外はすべて記録して拒否します。作った設定は読み返して検証してから出力し、一致しなければ終了コード1です。",
        )
}
