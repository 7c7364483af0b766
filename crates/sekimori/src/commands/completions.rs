//! `sekimori completions SHELL`.

use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::lang::Lang;

/// Flags of `completions`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: sekimori completions bash > /etc/bash_completion.d/sekimori")]
pub(crate) struct Args {
    /// The shell to write for.
    shell: Shell,
}

/// Writes the script to standard output.
pub(crate) fn run(args: &Args, _lang: Lang) -> ExitCode {
    clap_complete::generate(args.shell, &mut crate::Cli::command(), "sekimori", &mut std::io::stdout());
    ExitCode::SUCCESS
}

/// The help in Japanese.
pub(crate) fn in_japanese(command: clap::Command) -> clap::Command {
    command
        .about("シェルの補完スクリプトを出力する")
        .mut_arg("shell", |arg| arg.help("対象のシェル"))
        .after_help("例: sekimori completions bash > /etc/bash_completion.d/sekimori")
}
