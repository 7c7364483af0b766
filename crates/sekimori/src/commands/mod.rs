//! The commands, one file each.
//!
//! To add one: a file here with its `Args` (clap), `fn run(args, lang) -> ExitCode` and
//! `fn in_japanese(clap::Command) -> clap::Command` for its help; a variant in [`Command`]; and its two lines below.
//! Exit codes are a contract: 0 done, 1 could not be done or the check failed, 2 usage, 3 and 4 as the command says.

mod assess;
mod backup;
mod completions;
mod demo;
mod doctor;
mod export;
mod import;
mod journal;
mod pack;
mod people;
mod restore;
mod sanitize;
mod separation;
mod serve;
mod token;
pub(crate) mod worker;

pub(crate) use self::pack::folder as pack_folder;

use std::process::ExitCode;

use clap::Subcommand;

use crate::lang::Lang;

/// What the binary can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run all controls and say how every clause stands.
    Assess(assess::Args),
    /// Save the data to one file, beside a running server.
    Backup(backup::Args),
    /// Print a shell completion script.
    Completions(completions::Args),
    /// Open the made-up city of Sekimori in a browser.
    Demo(demo::Args),
    /// Check whether this machine and this data are fit to run.
    Doctor(doctor::Args),
    /// Write a register to a table (xlsx, CSV).
    Export(export::Args),
    /// Take a table into a register, or a data source's file into facts.
    Import(import::Args),
    /// Verify, sign and export the journal (操作記録).
    Journal(journal::Args),
    /// Check, compare and publish a policy written as data (規程データ).
    Pack(pack::Args),
    /// Take in staff from the personnel system.
    People(people::Args),
    /// Restore a backup into an empty place, verified against its journal.
    Restore(restore::Args),
    /// Rebuild files from their known good content (無害化).
    Sanitize(sanitize::Args),
    /// Prove from device configurations that the networks are separated (通信経路の分割).
    Separation(separation::Args),
    /// Serve a municipality's console and API.
    Serve(serve::Args),
    /// Make a token of the API.
    Token(token::Args),
    /// Parse outside bytes in a sandbox; started by the other commands.
    #[command(hide = true)]
    Worker(worker::Args),
}

impl Command {
    /// Runs the command and gives the process's exit code.
    pub(crate) fn run(self, lang: Lang) -> ExitCode {
        match self {
            Self::Assess(args) => assess::run(&args, lang),
            Self::Backup(args) => backup::run(&args, lang),
            Self::Completions(args) => completions::run(&args, lang),
            Self::Demo(args) => demo::run(&args, lang),
            Self::Doctor(args) => doctor::run(&args, lang),
            Self::Export(args) => export::run(&args, lang),
            Self::Import(args) => import::run(&args, lang),
            Self::Journal(args) => journal::run(&args, lang),
            Self::Pack(args) => pack::run(&args, lang),
            Self::People(args) => people::run(&args, lang),
            Self::Restore(args) => restore::run(&args, lang),
            Self::Sanitize(args) => sanitize::run(&args, lang),
            Self::Separation(args) => separation::run(&args, lang),
            Self::Serve(args) => serve::run(&args, lang),
            Self::Token(args) => token::run(&args, lang),
            Self::Worker(args) => worker::run(&args),
        }
    }
}

/// Replaces the help texts by Japanese ones.
pub(crate) fn in_japanese(command: clap::Command) -> clap::Command {
    command
        .about("関守: 自治体の情報セキュリティポリシーをデータとして点検し、実行し、証跡で示す")
        .mut_arg("lang", |arg| arg.help("表示する言語（指定がなければロケールに従います）"))
        .mut_subcommand("assess", assess::in_japanese)
        .mut_subcommand("backup", backup::in_japanese)
        .mut_subcommand("completions", completions::in_japanese)
        .mut_subcommand("demo", demo::in_japanese)
        .mut_subcommand("doctor", doctor::in_japanese)
        .mut_subcommand("export", export::in_japanese)
        .mut_subcommand("import", import::in_japanese)
        .mut_subcommand("journal", journal::in_japanese)
        .mut_subcommand("pack", pack::in_japanese)
        .mut_subcommand("people", people::in_japanese)
        .mut_subcommand("restore", restore::in_japanese)
        .mut_subcommand("sanitize", sanitize::in_japanese)
        .mut_subcommand("separation", separation::in_japanese)
        .mut_subcommand("serve", serve::in_japanese)
        .mut_subcommand("token", token::in_japanese)
}
