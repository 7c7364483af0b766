//! `sekimori serve`: the console of a municipality.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use crate::clock;
use crate::lang::Lang;
use crate::municipality::{self, Failure, Municipality};
use crate::server::{self, Serving};

/// Flags of `serve`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: sekimori serve --config /etc/sekimori.toml")]
pub(crate) struct Args {
    /// Configuration file.
    #[arg(long, value_name = "FILE", default_value = "sekimori.toml")]
    config: PathBuf,
}

/// Serves until it is stopped.
pub(crate) fn run(args: &Args, lang: Lang) -> ExitCode {
    municipality::exit(server::block_on(open(args, lang)))
}

async fn open(args: &Args, lang: Lang) -> Result<(), Failure> {
    let ledger = Municipality::configured(args.config.clone()).open(lang).await?;
    let text = std::fs::read_to_string(&args.config).unwrap_or_default();
    let serving: Serving =
        toml::from_str(&text).map_err(|error| Failure::from(format!("{}: {error}", args.config.display())))?;
    let clock: console::Clock = Arc::new(|| clock::now().0);
    server::run(ledger, &serving, clock, lang, |address| println!("http://{address}")).await
}

/// The help in Japanese.
pub(crate) fn in_japanese(command: clap::Command) -> clap::Command {
    command
        .about("自治体の画面と API を提供する")
        .mut_arg("config", |arg| arg.help("設定ファイル"))
        .after_help("例: sekimori serve --config /etc/sekimori.toml")
}
