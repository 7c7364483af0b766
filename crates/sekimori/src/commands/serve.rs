//! `sekimori serve`: the console of a municipality.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use ledger::{Ledger, Location, SystemEntropy};

use crate::adoption::Following;
use crate::configuration::Configuration;
use crate::lang::Lang;
use crate::municipality::{self, Failure};
use crate::server::{self, Serving};
use crate::{clock, first_start};

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
    let configuration = Configuration::read(&args.config, lang)?;
    let location = configuration.location();
    if let Location::File(file) = &location
        && let Some(folder) = file.parent()
    {
        let made = std::fs::create_dir_all(folder);
        made.map_err(|error| Failure::from(format!("{}: {error}", folder.display())))?;
    }
    let ledger = Ledger::create(&location, Arc::new(SystemEntropy)).await.map_err(|error| Failure::of(&error, lang))?;
    let now = clock::now();
    first_start::policy(&ledger, configuration.pack().as_deref(), now, lang).await?;
    let in_force = Following::start(&ledger, now, lang).await?;
    let link = first_start::link(&ledger, &in_force.1, now, lang).await?;
    let clock: console::Clock = Arc::new(|| clock::now().0);
    let serving = Serving {
        listen: configuration.listen,
        behind_tls: configuration.behind_tls,
        url: configuration.url.clone(),
        outbox: configuration.outbox(),
    };
    server::run(ledger, in_force, &serving, clock, lang, |address| {
        println!("{address}");
        if let Some(path) = link {
            let ja = "はじめての設定（7日以内に一度だけ使えます）:";
            println!("{} {address}{path}", lang.pick(ja, "Set up here (once, within seven days):"));
        }
    })
    .await
}

/// The help in Japanese.
pub(crate) fn in_japanese(command: clap::Command) -> clap::Command {
    command
        .about("自治体の画面と API を提供する")
        .mut_arg("config", |arg| arg.help("設定ファイル"))
        .after_help("例: sekimori serve --config /etc/sekimori.toml")
}
