//! Documents that are encrypted: opened when no password is needed to read them, or with the one that is given; held otherwise.

use sanitize::{Budget, Ending, Outcome, Password, Policy, Sanitized, What, sanitize};

use super::pdf::page;
use super::programs::{self, text};

/// Every way of encryption that documents have, as qpdf makes them.
const WAYS: &[(&str, &[&str])] = &[
    ("RC4, 40 bits", &["40"]),
    ("RC4, 128 bits", &["128", "--use-aes=n"]),
    ("AES, 128 bits", &["128", "--use-aes=y"]),
    ("AES, 256 bits, revision 5", &["256", "--force-R5"]),
    ("AES, 256 bits, revision 6", &["256"]),
];

fn encrypted(way: &[&str], user: &str, owner: &str) -> Vec<u8> {
    programs::encrypted(&page("", "", &[]), way, user, owner)
}

fn run(bytes: &[u8], passwords: &[&str]) -> Sanitized {
    let passwords: Vec<Password> = passwords.iter().map(|p| Password::new(*p)).collect();
    sanitize("a.pdf", bytes, &Policy::default(), &passwords, Budget::default())
}

fn opens(name: &str, done: &Sanitized) {
    assert_eq!(done.violation, None, "{name}");
    let (Outcome::Rebuilt(rebuilt) | Outcome::RebuiltWithLoss(rebuilt)) = &done.outcome else {
        panic!("{name}: {:?}", done.outcome)
    };
    assert!(text(&rebuilt.bytes).contains("Kept text"), "{name}");
    assert!(!rebuilt.bytes.windows(8).any(|part| part == b"/Encrypt"), "{name}");
}

#[test]
fn a_document_that_anybody_may_read_is_rebuilt_without_its_encryption() {
    for (name, way) in WAYS {
        let bytes = encrypted(way, "", "owner");
        opens(name, &run(&bytes, &[]));
    }
}

/// RC4 of 40 bits, an empty user password, and no identifier in the trailer.
const WITHOUT_ID: &[u8] = include_bytes!("fixtures/no-id.pdf");

#[test]
fn a_document_without_an_identifier_is_decrypted_like_in_other_readers() {
    opens("no identifier", &run(WITHOUT_ID, &[]));
}

#[test]
fn a_document_with_a_password_is_held_until_it_is_given() {
    for (name, way) in WAYS {
        let bytes = encrypted(way, "himitsu", "owner");
        for wrong in [&[][..], &["wrong"], &["", "Himitsu"]] {
            let done = run(&bytes, wrong);
            assert_eq!(done.outcome.ending(), Ending::Held, "{name}");
            assert_eq!(done.report.reason.map(|reason| reason.code.code()), Some("password_needed"), "{name}");
        }
        let done = run(&bytes, &["wrong", "himitsu"]);
        opens(name, &done);
        assert!(done.report.findings.noted.iter().any(|noted| noted.what == What::Decrypted), "{name}");
        opens(name, &run(&bytes, &["owner"]));
    }
}

#[test]
fn a_password_may_be_japanese() {
    let bytes = encrypted(&["256"], "ひみつの鍵", "owner");
    opens("Japanese", &run(&bytes, &["ひみつの鍵"]));
}
