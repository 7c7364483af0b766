//! `sekimori separation …`: the network separation verifier.

mod claims;
mod compile;
mod configurations;
mod diff;
mod explain;
mod flows;
mod verify;

use std::process::ExitCode;

use ::separation::report::Language;
use clap::Subcommand;
use worker::Kind;

use crate::lang::Lang;

/// Flags of `separation`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Prove from device configurations that only the listed flows cross between zones.
    Verify(verify::Args),
    /// Write the claims from the records: zones of the policy, flows of the register.
    Claims(claims::Args),
    /// Write a configuration that lets through the listed flows only.
    Compile(compile::Args),
    /// Say which packets two configurations treat differently.
    Diff(diff::Args),
    /// Follow one packet line by line.
    Explain(explain::Args),
    /// Judge logs of what passed against the claims.
    Flows(flows::Args),
}

/// Forms of the smaller answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Print {
    /// For a terminal
    Text,
    /// For programs
    Json,
}

/// What a child does: reads the configurations of one device.
pub(crate) const KIND: Kind =
    Kind { limits: worker::Limits { memory: 2 << 30, cpu_seconds: 120 }, ..Kind::new("config", read_configuration) };

fn read_configuration(request: &[u8], _mark: &mut dyn FnMut(&[u8])) -> Vec<u8> {
    separation::door::read(request)
}

/// Runs the subcommand.
pub(crate) fn run(args: &Args, lang: Lang) -> ExitCode {
    let result = match &args.what {
        What::Verify(args) => verify::run(args, lang),
        What::Claims(args) => return claims::run(args, lang),
        What::Compile(args) => compile::run(args, lang),
        What::Diff(args) => diff::run(args, lang),
        What::Explain(args) => explain::run(args, lang),
        What::Flows(args) => flows::run(args, lang),
    };
    result.unwrap_or_else(|message| {
        eprintln!("{message}");
        ExitCode::from(1)
    })
}

/// The language of the verifier's texts.
fn language(lang: Lang) -> Language {
    match lang {
        Lang::Ja => Language::Ja,
        Lang::En => Language::En,
    }
}

/// The help in Japanese.
pub(crate) fn in_japanese(command: clap::Command) -> clap::Command {
    command
        .about("通信経路の分割を機器の設定から検証する")
        .mut_subcommand("verify", verify::in_japanese)
        .mut_subcommand("claims", claims::in_japanese)
        .mut_subcommand("compile", compile::in_japanese)
        .mut_subcommand("diff", diff::in_japanese)
        .mut_subcommand("explain", explain::in_japanese)
        .mut_subcommand("flows", flows::in_japanese)
}
