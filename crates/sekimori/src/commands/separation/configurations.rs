//! Files into what the verifier works on. Configurations are read in a worker, like all outside bytes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use separation::claims::Claims;
use separation::dialects::Options;
use separation::ir::Configuration;
use separation::network::{Network, Placed};
use separation::source::{MAX_FILE_BYTES, Problem};
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
                format!("「{}」は大きすぎます（{limit} MiBまで）。設定の部分だけを渡してください。", path.display())
            }
            Lang::En => {
                format!("\"{}\" is too large (at most {limit} MiB): give only the configuration.", path.display())
            }
        });
    }
    std::fs::read(path).map_err(|error| match lang {
        Lang::Ja => format!("「{}」を読めません: {error}", path.display()),
        Lang::En => format!("\"{}\" cannot be read: {error}", path.display()),
    })
}

fn text_of(path: &Path, lang: Lang) -> Result<String, String> {
    String::from_utf8(bytes_of(path, lang)?).map_err(|_| match lang {
        Lang::Ja => format!("「{}」はUTF-8のテキストではありません。", path.display()),
        Lang::En => format!("\"{}\" is no UTF-8 text.", path.display()),
    })
}

fn list(path: &Path, problems: &[Problem], lang: Lang) -> String {
    let lines = problems.iter().map(|problem| {
        format!("{}:{}:{}: {}", path.display(), problem.at.line, problem.at.column, language(lang).of(&problem.message))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Reads the claims; any problem is an error.
pub(super) fn claims(path: &Path, lang: Lang) -> Result<Claims, String> {
    let text = text_of(path, lang)?;
    let (claims, problems) = Claims::read(&text);
    if problems.is_empty() { Ok(claims) } else { Err(list(path, &problems, lang)) }
}

/// Reads one device's files in a worker.
pub(super) fn configuration(
    device: &str,
    files: &[PathBuf],
    options: &Options,
    lang: Lang,
) -> Result<Configuration, String> {
    let mut contents = Vec::with_capacity(files.len());
    for path in files {
        contents.push((path.display().to_string(), bytes_of(path, lang)?));
    }
    let request = separation::door::request(device, &contents, options);
    let failed = |error: String| match lang {
        Lang::Ja => format!("「{device}」の設定を読み取れませんでした: {error}"),
        Lang::En => format!("The configuration of \"{device}\" could not be read: {error}"),
    };
    let broker = Broker::of_this_binary().map_err(|error| failed(error.to_string()))?;
    let broker = broker.wall_clock(READING_TIME).answer_bytes(ANSWER_BYTES);
    let answer = broker.call("config", &request).map_err(|failure| failed(failure.to_string()))?;
    let mut configuration = separation::door::answer(&answer).map_err(|error| failed(error.to_string()))?;
    for (source, (_, bytes)) in configuration.sources.iter_mut().zip(&contents) {
        source.sha256 = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
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
    let text = text_of(path, lang)?;
    let (entries, problems) = separation::network::read(&text, claims);
    if !problems.is_empty() {
        return Err(list(path, &problems, lang));
    }
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
