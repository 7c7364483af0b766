//! Which control words and destinations a rebuilt RTF may hold.
//!
//! `rtf.txt` was written from the RTF specification 1.9.1: words that format, and destinations that hold what is shown. A
//! line begins with what it lists: `words`, `groups` (destinations), `starred` (destinations written with `\*`), `shapes`
//! (properties of shapes, whose values are numbers). Readers and verifier share the data and nothing else.

use std::collections::HashSet;
use std::sync::LazyLock;

/// The lists.
#[derive(Debug, Default)]
pub(crate) struct Rtf {
    words: HashSet<&'static str>,
    groups: HashSet<&'static str>,
    starred: HashSet<&'static str>,
    shapes: HashSet<&'static str>,
}

impl Rtf {
    /// A word that formats.
    pub(crate) fn word(&self, name: &str) -> Option<&'static str> {
        self.words.get(name).copied()
    }

    /// A destination, written with `\*` or without.
    pub(crate) fn destination(&self, name: &str, starred: bool) -> Option<&'static str> {
        if starred { &self.starred } else { &self.groups }.get(name).copied()
    }

    /// A property of a shape.
    pub(crate) fn shape(&self, name: &str) -> Option<&'static str> {
        self.shapes.get(name).copied()
    }
}

/// The grammar of RTF.
pub(crate) static RTF: LazyLock<Rtf> = LazyLock::new(|| {
    let mut rtf = Rtf::default();
    for line in include_str!("rtf.txt").lines() {
        let mut words = line.split(' ').filter(|word| !word.is_empty());
        let into = match words.next() {
            Some("words") => &mut rtf.words,
            Some("groups") => &mut rtf.groups,
            Some("starred") => &mut rtf.starred,
            Some("shapes") => &mut rtf.shapes,
            _ => continue,
        };
        into.extend(words);
    }
    rtf
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_fetches_or_embeds_is_not_in_the_grammar() {
        for name in [
            "object",
            "objdata",
            "objupdate",
            "template",
            "objclass",
            "datafield",
            "filetbl",
            "bin",
            "fontemb",
            "datastore",
        ] {
            assert!(
                RTF.word(name).is_none()
                    && RTF.destination(name, true).is_none()
                    && RTF.destination(name, false).is_none()
            );
        }
        for name in ["pihlShape", "pibName", "pFragments", "wzScript", "fillBlip"] {
            assert!(RTF.shape(name).is_none(), "{name}");
        }
    }

    #[test]
    fn no_word_is_a_destination_too() {
        assert!(RTF.words.iter().all(|word| !RTF.groups.contains(word) && !RTF.starred.contains(word)));
    }
}
