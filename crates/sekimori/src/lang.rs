//! The language of what the command line prints.

use std::ffi::{OsStr, OsString};

/// Japanese or English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Lang {
    /// 日本語
    Ja,
    /// English
    En,
}

impl Lang {
    /// Reads `--lang` before the arguments are parsed, since the help text itself is in that language; else the locale
    /// (`LC_ALL`, `LC_MESSAGES`, `LANG`, in the order POSIX gives them). Without either, English.
    pub(crate) fn from_args_and_locale(
        args: impl IntoIterator<Item = OsString>,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Self {
        let mut args = args.into_iter();
        while let Some(arg) = args.next() {
            let value = match arg.to_str() {
                Some("--") => break,
                Some("--lang") => args.next(),
                Some(text) => text.strip_prefix("--lang=").map(OsString::from),
                None => None,
            };
            match value.as_deref().and_then(OsStr::to_str) {
                Some("ja") => return Self::Ja,
                Some("en") => return Self::En,
                _ => {}
            }
        }
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().filter_map(|name| variable(name)).find(|v| !v.is_empty());
        match locale.as_deref().and_then(OsStr::to_str) {
            Some(locale) if locale.starts_with("ja") => Self::Ja,
            _ => Self::En,
        }
    }

    /// The text in this language.
    pub(crate) fn pick<'a>(self, ja: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Ja => ja,
            Self::En => en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(args: &[&str], locale: Option<&str>) -> Lang {
        Lang::from_args_and_locale(args.iter().map(OsString::from), |name| {
            (name == "LANG").then(|| locale.map(OsString::from)).flatten()
        })
    }

    #[test]
    fn the_flag_wins_over_the_locale() {
        assert_eq!(read(&["sekimori", "doctor", "--lang", "en"], Some("ja_JP.UTF-8")), Lang::En);
        assert_eq!(read(&["sekimori", "--lang=ja", "doctor"], Some("C")), Lang::Ja);
    }

    #[test]
    fn the_locale_decides_without_a_flag() {
        assert_eq!(read(&["sekimori"], Some("ja_JP.UTF-8")), Lang::Ja);
        assert_eq!(read(&["sekimori"], Some("C.UTF-8")), Lang::En);
        assert_eq!(read(&["sekimori"], None), Lang::En);
    }
}
