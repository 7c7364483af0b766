//! The configuration file: read once, in one place. A complete commented example is docs/configuration.md.
//!
//! To add a key: a field here with its meaning, and its lines in docs/configuration.md (a test compares the two). A key that
//! is not here is refused, so that a slip of the pen is not a setting that silently does nothing.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ledger::Location;
use serde::Deserialize;

use crate::lang::Lang;
use crate::municipality::{Failure, STORE};

/// What a configuration file says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Configuration {
    /// Folder of the embedded data, relative to the file.
    data: Option<PathBuf>,
    /// The PostgreSQL database, in place of `data`.
    database: Option<String>,
    /// Where the console listens.
    #[serde(default = "listen")]
    pub(crate) listen: SocketAddr,
    /// Whether browsers reach it over TLS (a proxy in front); cookies are then sent over nothing else.
    #[serde(default)]
    pub(crate) behind_tls: bool,
    /// The address at which people reach the console, such as `https://sekimori.city.example.lg.jp`.
    pub(crate) url: Option<String>,
    /// Folder into which mails are laid for the city's mail server, relative to the file; none: no mail.
    outbox: Option<PathBuf>,
    /// Folder of the first policy, relative to the file; read only while the store has none.
    pack: Option<PathBuf>,
    /// Folder of the file itself.
    #[serde(skip)]
    base: PathBuf,
}

/// Where the console listens when nothing is said.
pub(crate) fn listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

impl Configuration {
    /// Reads a file. What is wrong is shown with its line and with what is allowed there.
    pub(crate) fn read(file: &Path, lang: Lang) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(file).map_err(|error| wrong(file, &error.to_string(), lang))?;
        let mut read: Self = toml::from_str(&text).map_err(|error| wrong(file, error.to_string().trim_end(), lang))?;
        read.base = file.parent().map(Path::to_path_buf).unwrap_or_default();
        match (&read.data, &read.database) {
            (Some(_), Some(_)) => Err(wrong(
                file,
                lang.pick("data と database の両方があります", "it names both data and database"),
                lang,
            )),
            (None, None) => Err(wrong(file, lang.pick("データの場所がありません", "it names no data"), lang)),
            _ => Ok(read),
        }
    }

    /// The store.
    pub(crate) fn location(&self) -> Location {
        match (&self.database, &self.data) {
            (Some(url), _) => Location::Server(url.clone()),
            (None, data) => Location::File(self.base.join(data.clone().unwrap_or_default()).join(STORE)),
        }
    }

    /// Folder of the first policy.
    pub(crate) fn pack(&self) -> Option<PathBuf> {
        self.pack.as_ref().map(|pack| self.base.join(pack))
    }

    /// Folder into which mails are laid.
    pub(crate) fn outbox(&self) -> Option<PathBuf> {
        self.outbox.as_ref().map(|outbox| self.base.join(outbox))
    }
}

fn wrong(file: &Path, what: &str, lang: Lang) -> Failure {
    let name = file.display();
    Failure::from(match lang {
        Lang::Ja => format!(
            "設定ファイル「{name}」を読めません：{what}\ndata = \"DIR\" か database = \"postgres://…\" が要ります。書けるものは docs/configuration.md にあります。"
        ),
        Lang::En => format!(
            "The configuration '{name}' cannot be read: {what}\nIt needs data = \"DIR\" or database = \"postgres://…\"; docs/configuration.md has everything that may stand there."
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Configuration, String> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("sekimori.toml");
        std::fs::write(&file, text).unwrap();
        Configuration::read(&file, Lang::En).map_err(|failure| failure.text().to_owned())
    }

    #[test]
    fn the_documented_example_is_read_and_names_every_key() {
        let page = include_str!("../../../docs/configuration.md");
        let example = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
        assert!(read(example).unwrap().pack().is_some());
        // Every key that the program knows, as its own refusal lists them.
        let refused = read("no_such_key = 1").unwrap_err();
        let keys: Vec<&str> = refused.split('`').skip(3).step_by(2).collect();
        assert!(keys.contains(&"behind_tls"), "{refused}");
        for key in keys {
            assert!(page.contains(&format!("\n{key} = ")) || page.contains(&format!("\n# {key} = ")), "{key}");
        }
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line_and_what_is_allowed() {
        let said = read("data = \"x\"\nlisten_on = \"127.0.0.1:80\"\n").unwrap_err();
        assert!(said.contains("line 2") && said.contains("listen_on") && said.contains("`behind_tls`"), "{said}");
        assert!(read("data = \"x\"\ndatabase = \"postgres://x\"").is_err() && read("").is_err());
    }
}
