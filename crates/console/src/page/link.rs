//! Addresses within the console.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A text as part of a path or a query.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, KEPT).to_string()
}

/// A path of ours to go back to; anything that could lead elsewhere becomes the home page.
pub(crate) fn back(asked: Option<&str>) -> String {
    match asked {
        Some(path)
            if path.starts_with('/')
                && !path.starts_with("//")
                && !path.contains('\\')
                && !path.chars().any(char::is_control) =>
        {
            path.to_owned()
        }
        _ => "/".to_owned(),
    }
}

/// A query of a page: what was asked, in order, changed one name at a time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query(pub(crate) Vec<(String, String)>);

impl Query {
    /// The first value under a name, if it is not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// The same query with other values under these names; an empty value leaves the name out. Paging starts anew.
    pub(crate) fn with(&self, changes: &[(&str, &str)]) -> String {
        let kept = self.0.iter().filter(|(key, value)| {
            !value.is_empty() && key != "cursor" && key != "page" && !changes.iter().any(|(name, _)| name == key)
        });
        let new = changes.iter().filter(|(_, value)| !value.is_empty());
        let pairs: Vec<String> = kept
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .chain(new.map(|(key, value)| (*key, *value)))
            .map(|(key, value)| format!("{}={}", encode(key), encode(value)))
            .collect();
        if pairs.is_empty() { "?".to_owned() } else { format!("?{}", pairs.join("&")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_never_leads_elsewhere() {
        assert_eq!(back(Some("/registers/assets?q=a")), "/registers/assets?q=a");
        for bad in ["//evil.example", "https://evil.example", "/\\evil.example", "/a\nb", ""] {
            assert_eq!(back(Some(bad)), "/", "{bad}");
        }
    }

    #[test]
    fn a_changed_filter_starts_paging_anew() {
        let query =
            Query(vec![("q".into(), "住民".into()), ("cursor".into(), "x".into()), ("state".into(), "live".into())]);
        assert_eq!(query.with(&[("state", "out")]), "?q=%E4%BD%8F%E6%B0%91&state=out");
        assert_eq!(query.with(&[("state", ""), ("q", "")]), "?");
    }
}
