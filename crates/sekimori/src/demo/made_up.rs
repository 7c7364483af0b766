//! The policy of 関守市（架空）: the pack in this binary under a made-up name.

use pack::{Checked, Source};

use crate::embedded;

/// The sentence on every page and print.
const NOTICE: &str =
    "notice = { ja = \"架空のデータ：関守市は実在しません\", en = \"Made-up data: Sekimori City does not exist\" }\n";
/// A number that nobody has.
const CONTACT: &str = "contact = \"000-000-0119（情報政策課）\"\n";
/// The joint body beside the city, which adopts for itself.
const JOINT: &str = "\n[[body]]\nid = \"water_authority\"\nname = { ja = \"関守広域水道企業団\", en = \"Sekimori Regional Water Authority\" }\nkind = \"joint\"\nadopts = true\n";

/// Where the joint body stands among those that adopt: the file, what it follows, what is added.
const JOINT_ADOPTS: &[(&str, &str, &str)] = &[
    (
        "duties/policy-adoptions/register.toml",
        "  { id = \"property_assessment\", label = { ja = \"固定資産評価審査委員会\", en = \"Property assessment committee\" } },\n",
        "  { id = \"water_authority\", label = { ja = \"関守広域水道企業団\", en = \"Sekimori Regional Water Authority\" } },\n",
    ),
    (
        "duties/policy-adoptions/controls.toml",
        "a.body == 'property_assessment')",
        " && city.policy_adoptions.exists(a, a.state == 'live' && a.body == 'water_authority')",
    ),
];

/// The files.
pub(crate) fn source() -> Source {
    let files = embedded::SODEGAURA.iter().filter(|(path, _)| *path != "README.md");
    files.map(|(path, bytes)| ((*path).to_owned(), renamed(path, bytes))).collect()
}

/// The files, checked.
pub(crate) fn checked() -> (Source, Checked) {
    let source = source();
    let checked = pack::compile(&source);
    (source, checked)
}

fn renamed(path: &str, bytes: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(bytes) else { return bytes.to_vec() };
    let text = text
        .replace("袖ケ浦市", "関守市")
        .replace("袖ケ浦", "関守")
        .replace("Sodegaura City", "Sekimori City (made up)")
        .replace("Sodegaura", "Sekimori");
    if let Some((_, after, more)) = JOINT_ADOPTS.iter().find(|(joint, ..)| *joint == path) {
        return text.replace(after, &format!("{after}{more}")).into_bytes();
    }
    if path == "zones.toml" {
        return addressed(&text).into_bytes();
    }
    if path != "pack.toml" {
        return text.into_bytes();
    }
    let mut own = String::new();
    for line in text.lines() {
        let heading = line.trim() == "[calendar]";
        if line.starts_with("id = \"sodegaura\"") {
            own.push_str("id = \"sekimori-demo\"\n");
            continue;
        }
        // The municipality's own keys end where the calendar begins; its code and contact are not the real city's.
        if line.starts_with("code = ") || line.starts_with("contact = ") || line.starts_with("notice = ") {
            continue;
        }
        if line.starts_with("name = ") && !own.contains("notice = ") {
            own.push_str(line);
            own.push('\n');
            own.push_str(NOTICE);
            own.push_str(CONTACT);
            continue;
        }
        if heading && !own.contains("notice = ") {
            own.push_str(NOTICE);
        }
        own.push_str(line);
        own.push('\n');
    }
    own.push_str(JOINT);
    own.into_bytes()
}

/// Addresses of the made-up city's zones.
const NETWORKS: &[(&str, &str)] = &[
    ("mynumber", "10.1.0.0/16"),
    ("lgwan", "10.2.0.0/16"),
    ("internet", "10.3.0.0/17"),
    ("school", "10.9.0.0/16"),
    ("government_cloud", "198.51.100.0/24"),
    ("lgwan_wide", "203.0.113.0/24"),
    ("prefecture_cloud", "10.3.254.0/24"),
];

/// zones.toml with the addresses, which the published pack leaves out.
fn addressed(text: &str) -> String {
    let (mut out, mut zone) = (String::new(), false);
    for line in text.lines() {
        if line.starts_with("[[") {
            zone = line == "[[zone]]";
        }
        out.push_str(line);
        out.push('\n');
        let id = line.strip_prefix("id = \"").and_then(|rest| rest.strip_suffix('"')).filter(|_| zone);
        if let Some((_, network)) = NETWORKS.iter().find(|(known, _)| Some(*known) == id) {
            out.push_str(&format!("networks = [\"{network}\"]\n"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_policy_passes_the_check_and_names_no_real_city() {
        let (source, checked) = checked();
        let errors: Vec<_> = checked
            .diagnostics
            .iter()
            .filter(|d| d.severity == pack::Severity::Error)
            .map(|d| d.message.ja.clone())
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
        let pack = checked.pack.unwrap();
        assert_eq!(pack.municipality.name.ja, "関守市");
        assert!(pack.municipality.notice.is_some() && pack.municipality.contact.is_some());
        assert!(pack.municipality.code.is_none());
        for (path, after, more) in JOINT_ADOPTS {
            let text = String::from_utf8_lossy(source.get(path).unwrap());
            assert!(text.contains(&format!("{after}{more}")), "{path}");
        }
        for (path, bytes) in source.files() {
            assert!(!String::from_utf8_lossy(bytes).contains("袖ケ浦"), "{path}");
        }
    }
}
