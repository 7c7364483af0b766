//! `sekimori pack …`: the policy as data.
//!
//! To add a subcommand: a file here as for a command, a variant in [`Sub`], and its two lines below.

mod adopt;
mod check;
mod diff;
pub(crate) mod folder;
mod new;
mod publish;
mod small;
mod trace;

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
    /// Propose a pack to a municipality, or decide on a proposal; two people, and a day on which it comes into force.
    Adopt(adopt::Args),
    /// Check a pack and report all errors.
    Check(check::Args),
    /// Show which control serves each clause.
    Trace(trace::Args),
    /// Show two versions side by side (新旧対照表).
    Diff(diff::Args),
    /// Write the public edition as HTML; closed text stays out.
    Publish(publish::Args),
    /// Start another municipality's pack.
    New(new::Args),
}

/// Runs the subcommand.
pub(crate) fn run(args: &Args, lang: Lang) -> ExitCode {
    match &args.command {
        Sub::Adopt(args) => adopt::run(args, lang),
        Sub::Check(args) => check::run(args, lang),
        Sub::Trace(args) => done(trace::run(args, lang)),
        Sub::Diff(args) => done(diff::run(args, lang)),
        Sub::Publish(args) => done(publish::run(args, lang)),
        Sub::New(args) => done(new::run(args, lang)),
    }
}

fn done(result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// The help in Japanese.
pub(crate) fn in_japanese(command: clap::Command) -> clap::Command {
    command
        .about("規程データを点検・比較・公開する")
        .after_help("例: sekimori pack check packs/sodegaura")
        .mut_subcommand("adopt", adopt::in_japanese)
        .mut_subcommand("check", check::in_japanese)
        .mut_subcommand("trace", trace::in_japanese)
        .mut_subcommand("diff", diff::in_japanese)
        .mut_subcommand("publish", publish::in_japanese)
        .mut_subcommand("new", new::in_japanese)
}
