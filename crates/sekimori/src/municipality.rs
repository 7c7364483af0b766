//! Which municipality's data a command works on: `--data DIR` (embedded) or `--config FILE`.

use std::future::Future;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use ledger::{Actor, Kind, Ledger, Location, SystemEntropy};

use crate::configuration::Configuration;
use crate::lang::Lang;

/// The store inside a data folder.
pub(crate) const STORE: &str = "ledger.db";

/// Where the data is.
#[derive(Debug, clap::Args)]
pub(crate) struct Municipality {
    /// Folder of the embedded data.
    #[arg(long, value_name = "DIR", conflicts_with = "config")]
    data: Option<PathBuf>,
    /// Configuration file that names the data (`data = "DIR"` or `database = "postgres://…"`).
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// A failure as the person reads it, and the command's exit code: 1 could not be done, 2 it was asked for wrongly.
pub(crate) struct Failure(String, u8);

impl From<String> for Failure {
    fn from(text: String) -> Self {
        Self(text, 1)
    }
}

impl Failure {
    /// The command was asked for wrongly: exit code 2.
    pub(crate) fn usage(text: &str) -> Self {
        Self(text.to_owned(), 2)
    }

    /// The sentence, for a command that says its errors itself.
    pub(crate) fn into_text(self) -> String {
        self.0
    }

    /// The sentence.
    #[cfg(test)]
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// An error of the ledger in the person's language, with its fields.
    pub(crate) fn of(error: &ledger::Error, lang: Lang) -> Self {
        let mut text = error.message().pick(lang == Lang::En).to_owned();
        for field in error.fields() {
            text.push_str(&format!("\n  {}: {}", field.field, field.message.pick(lang == Lang::En)));
        }
        if error.kind() == Kind::Broken {
            text.push_str(&format!("\n  ({})", error.log()));
        }
        Self(text, 1)
    }
}

/// A day that a flag names.
pub(crate) fn day(text: &str) -> Result<ledger::Day, String> {
    text.parse().map_err(|_| format!("'{text}' is not a day; write it like 2026-11-22"))
}

/// Noon of a day in Japan.
pub(crate) fn noon(day: ledger::Day) -> ledger::Moment {
    ledger::Moment(i64::from(day.number()) * 86_400_000 + 3 * 3_600_000)
}

impl Municipality {
    /// What a configuration file names.
    pub(crate) fn configured(config: PathBuf) -> Self {
        Self { data: None, config: Some(config) }
    }

    /// A data folder, or a configuration file that names the data.
    pub(crate) fn named(place: &std::path::Path) -> Self {
        if place.is_file() {
            Self::configured(place.to_path_buf())
        } else {
            Self { data: Some(place.to_path_buf()), config: None }
        }
    }

    /// Whether the flags name any data.
    pub(crate) fn is_named(&self) -> bool {
        self.data.is_some() || self.config.is_some()
    }

    /// The store that the flags name.
    pub(crate) fn location(&self, lang: Lang) -> Result<Location, Failure> {
        if let Some(data) = &self.data {
            return Ok(Location::File(data.join(STORE)));
        }
        let Some(config) = &self.config else {
            let ja = "--data DIR か --config FILE でデータの場所を指定してください。";
            return Err(Failure::usage(lang.pick(ja, "Say where the data is: --data DIR or --config FILE.")));
        };
        Ok(Configuration::read(config, lang)?.location())
    }

    /// Opens the data.
    pub(crate) async fn open(&self, lang: Lang) -> Result<Ledger, Failure> {
        let location = self.location(lang)?;
        Ledger::open(&location, Arc::new(SystemEntropy)).await.map_err(|error| Failure::of(&error, lang))
    }
}

/// Whoever runs the command, by the name of the login.
pub(crate) fn operator() -> Actor {
    let name = ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
    let name: String = name.unwrap_or_default().chars().filter(|c| c.is_ascii_graphic()).take(64).collect();
    Actor::Operator(if name.is_empty() { "unknown".to_owned() } else { name })
}

/// Runs work on this thread.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::from(error.to_string()))?.block_on(work)
}

/// Runs a command's work and turns its failure into a sentence and exit code 1.
pub(crate) fn run<F: Future<Output = Result<ExitCode, Failure>>>(work: F) -> ExitCode {
    block_on(work).unwrap_or_else(|failure| exit(Err(failure)))
}

/// The exit code of work that is done, or its failure said.
pub(crate) fn exit(done: Result<(), Failure>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(text, code)) => {
            eprintln!("{text}");
            ExitCode::from(code)
        }
    }
}

/// Where a file is written until it is whole and gets its name.
pub(crate) fn part_of(file: &std::path::Path) -> PathBuf {
    let mut part = file.as_os_str().to_owned();
    part.push(".part");
    PathBuf::from(part)
}

/// The flags' help in Japanese.
pub(crate) fn in_japanese(command: clap::Command) -> clap::Command {
    command.mut_arg("data", |arg| arg.help("データのフォルダー（組込みデータベース）")).mut_arg("config", |arg| {
        arg.help("データの場所を書いた設定ファイル（data = \"DIR\" か database = \"postgres://…\"）")
    })
}
