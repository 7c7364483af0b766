//! Files into what the verifier works on. Everything that comes from outside (configurations, claims, network files, logs) is
//! read in a worker.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ledger::journal::entry::hex;
use separation::claims::Claims;
use separation::dialects::Options;
use separation::door::{self, Work};
use separation::flows::FlowReport;
use separation::ir::Configuration;
use separation::network::{DeviceEntry, Network, Placed};
use separation::source::{MAX_FILE_BYTES, Problem};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use worker::Broker;

use super::language;
use crate::lang::Lang;

/// How long reading one device may take.
const READING_TIME: Duration = Duration::from_secs(120);
/// Greatest answer of the reader.
const ANSWER_BYTES: usize = 1 << 30;

/// Reads a whole file.
pub(super) fn bytes_of(path: &Path, lang: Lang) -> Result<Vec<u8>, String> {
    let size = std::fs::metadata(path).map(|metadata| metadata.len()).unwrap_or(0);
    if size > MAX_FILE_BYTES as u64 {
        let limit = MAX_FILE_BYTES >> 20;
        return Err(match lang {
            Lang::Ja => {
                format!("「{}」は大きすぎます（{limit} MiBまで）。必要な部分だけを渡してください。", path.display())
            }
            Lang::En => {
                format!("\"{}\" is too large (at most {limit} MiB): give only the part that is needed.", path.display())
            }
        });
    }
    std::fs::read(path).map_err(|error| match lang {
        Lang::Ja => format!("「{}」を読めません: {error}", path.display()),
        Lang::En => format!("\"{}\" cannot be read: {error}", path.display()),
    })
}

/// Files by name, whole.
fn contents(files: &[PathBuf], lang: Lang) -> Result<Vec<(String, Vec<u8>)>, String> {
    files.iter().map(|path| Ok((path.display().to_string(), bytes_of(path, lang)?))).collect()
}

/// Has a worker do it.
fn ask<T: DeserializeOwned>(work: Work, files: &[(String, Vec<u8>)], lang: Lang) -> Result<T, String> {
    let failed = |error: String| {
        let names = files.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(lang.pick("、", ", "));
        match lang {
            Lang::Ja => format!("「{names}」を読み取れませんでした: {error}"),
            Lang::En => format!("\"{names}\" could not be read: {error}"),
        }
    };
    let broker = Broker::of_this_binary().map_err(|error| failed(error.to_string()))?;
    let broker = broker.wall_clock(READING_TIME).answer_bytes(ANSWER_BYTES);
    let answer =
        broker.call("config", &door::request(work, files)).map_err(|failure| failed(gave_up(failure, lang)))?;
    door::answer(&answer).map_err(|error| failed(error.to_string()))
}

/// Why a worker gave no answer, and what to do.
fn gave_up(failure: worker::Failure, lang: Lang) -> String {
    let (ja, en) = failure.words();
    match (failure, lang) {
        (worker::Failure::Unavailable, _) => lang.pick(ja, en).to_owned() + lang.pick("。", "."),
        (_, Lang::Ja) => format!("{ja}。装置から出力し直すか、規則に関わる部分だけを渡してください。"),
        (_, Lang::En) => format!("{en}. Export it from the device again, or give only the part with the rules."),
    }
}

fn list(path: &Path, problems: &[Problem], lang: Lang) -> String {
    let lines = problems.iter().map(|problem| {
        format!("{}:{}:{}: {}", path.display(), problem.at.line, problem.at.column, language(lang).of(&problem.message))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// One document of a person; any problem is an error.
fn document<T: DeserializeOwned>(work: Work, path: &Path, lang: Lang) -> Result<T, String> {
    let files = contents(std::slice::from_ref(&path.to_path_buf()), lang)?;
    let (read, problems): (T, Vec<Problem>) = ask(work, &files, lang)?;
    if problems.is_empty() { Ok(read) } else { Err(list(path, &problems, lang)) }
}

/// Reads the claims; any problem is an error.
pub(super) fn claims(path: &Path, lang: Lang) -> Result<Claims, String> {
    document(Work::Claims, path, lang)
}

/// Judges logs against the claims.
pub(super) fn flows(claims: Claims, logs: &[PathBuf], on: (i32, u8, u8), lang: Lang) -> Result<FlowReport, String> {
    ask(Work::Flows { claims, on }, &contents(logs, lang)?, lang)
}

/// Reads one device's files in a worker.
pub(super) fn configuration(
    device: &str,
    files: &[PathBuf],
    options: &Options,
    lang: Lang,
) -> Result<Configuration, String> {
    let contents = contents(files, lang)?;
    let work = Work::Configuration { device: device.to_owned(), options: options.clone() };
    let mut configuration: Configuration = ask(work, &contents, lang)?;
    for (source, (_, bytes)) in configuration.sources.iter_mut().zip(&contents) {
        source.sha256 = hex(&Sha256::digest(bytes));
    }
    let fatal: Vec<Problem> = configuration.problems.iter().filter(|problem| problem.fatal).cloned().collect();
    if let Some(first) = fatal.first() {
        let path = PathBuf::from(configuration.file(first.at));
        return Err(list(&path, &fatal, lang));
    }
    Ok(configuration)
}

/// Reads everything that is judged: the devices of a network file, or one device's files. Names that the network file
/// gives are looked for beside it, unless one of `--config` ends so.
pub(super) fn network(
    configs: &[PathBuf],
    network: Option<&Path>,
    acl: Option<&str>,
    claims: &Claims,
    lang: Lang,
) -> Result<Network, String> {
    let Some(path) = network else {
        let name = configs
            .first()
            .and_then(|path| path.file_stem())
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let options = Options { acl: acl.map(str::to_owned), dialect: None };
        return Ok(Network::single(configuration(&name, configs, &options, lang)?));
    };
    let entries: Vec<DeviceEntry> = document(Work::Network { claims: claims.clone() }, path, lang)?;
    let beside = path.parent().unwrap_or(Path::new(""));
    let mut devices = Vec::with_capacity(entries.len());
    for entry in entries {
        let place = |file: &String| {
            configs.iter().find(|config| config.ends_with(file)).cloned().unwrap_or_else(|| beside.join(file))
        };
        let files: Vec<PathBuf> = entry.files.iter().map(place).collect();
        let options =
            Options { acl: entry.acl.clone().or_else(|| acl.map(str::to_owned)), dialect: entry.dialect.clone() };
        let configuration = configuration(&entry.name, &files, &options, lang)?;
        devices.push(Placed { configuration, interfaces: entry.interfaces, at: entry.at });
    }
    Ok(Network { devices, connected: true })
}

#[cfg(test)]
mod tests {
    use worker::Failure;

    use super::*;

    #[test]
    fn a_reader_that_gave_up_says_what_to_do_in_both_languages() {
        for failure in [Failure::Crashed, Failure::Timeout, Failure::Memory, Failure::Forbidden] {
            assert!(gave_up(failure, Lang::Ja).ends_with("渡してください。"), "{failure:?}");
            assert!(gave_up(failure, Lang::En).ends_with("only the part with the rules."), "{failure:?}");
        }
        let words = gave_up(Failure::Unavailable, Lang::Ja);
        assert_eq!(words, "読取りのための隔離環境を始められません。", "the file is not to blame");
    }
}
