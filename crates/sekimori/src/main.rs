//! The `sekimori` binary: commands, configuration and wiring, and nothing else.
//!
//! What a command does lives in the crate it belongs to; a file in [`commands`] parses its flags, calls that crate and
//! prints the answer in the reader's language.

mod adoption;
mod clock;
mod commands;
mod configuration;
mod demo;
mod embedded;
mod first_start;
mod lang;
mod municipality;
mod post;
mod server;
mod unpack;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser};

use crate::commands::Command;
use crate::lang::Lang;

/// sekimori (関守): a municipality's information security policy as data, checked, enforced and proved.
#[derive(Debug, Parser)]
#[command(name = "sekimori", version, propagate_version = true, arg_required_else_help = true)]
struct Cli {
    /// Language of messages and help; the locale decides without it.
    #[arg(long, global = true, value_enum)]
    lang: Option<Lang>,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    if let Some(worker) = commands::worker::from_broker(std::env::args_os()) {
        return commands::worker::run(&worker);
    }
    let lang = Lang::from_args_and_locale(std::env::args_os(), |name| std::env::var_os(name));
    let mut command = Cli::command();
    if lang == Lang::Ja {
        command = commands::in_japanese(command);
    }
    let cli = match command.try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    cli.command.run(cli.lang.unwrap_or(lang))
}
