//! `sekimori pack …`: the policy as data.
//!
//! To add a subcommand: a file here as for a command, a variant in [`Sub`], and its two lines below.

mod check;
mod folder;

use std::process::ExitCode;

use clap::Subcommand;

use crate::lang::Lang;

/// Flags of `pack`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: sekimori pack check packs/sodegaura")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Sub,
}

/// What can be done with a pack.
#[derive(Debug, Subcommand)]
enum Sub {
    /// Check a pack and report all errors.
    Check(check::Args),
}

/// Runs the subcommand.
pub(crate) fn run(args: &Args, lang: Lang) -> ExitCode {
    match &args.command {
        Sub::Check(args) => check::run(args, lang),
    }
}

/// The help in Japanese.
pub(crate) fn in_japanese(command: clap::Command) -> clap::Command {
    command
        .about("規程データを点検・比較・公開する")
        .after_help("例: sekimori pack check packs/sodegaura")
        .mut_subcommand("check", check::in_japanese)
}
