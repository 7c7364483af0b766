//! Outcomes and reports that hold for every format.

use sanitize::{Budget, Ending, Format, Policy, ReasonCode, What, sanitize};

fn ending(name: &str, bytes: &[u8]) -> (Ending, Option<&'static str>) {
    let done = sanitize(name, bytes, &Policy::default(), &[], Budget::default());
    (done.outcome.ending(), done.report.reason.map(|r| r.code.code()))
}

#[test]
fn what_runs_never_passes_whatever_its_name() {
    let files: &[(&str, &[u8])] = &[
        ("report.pdf", b"MZ\x90\0\x03"),
        ("a.docx", b"\x7fELF\x02\x01"),
        ("readme.txt", b"\x4c\0\0\0\x01\x14\x02\0\0\0"),
        ("x.txt", b"[InternetShortcut]\r\nURL=http://a.invalid/\r\n"),
        ("x.js", b"var a = 1;\n"),
        ("x.bat", b"@echo off\r\n"),
        ("x.txt", b"#!/bin/sh\n"),
        ("x.slk", b"ID;PWXL;N;E\r\n"),
        ("x.iqy", b"WEB\r\n1\r\nhttp://a.invalid/\r\n"),
        ("x.library-ms", b"<?xml version=\"1.0\"?><libraryDescription/>"),
        ("x.html", b"<html><head><hta:application id=a></head></html>"),
        ("x.one", b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1"),
        ("x.chm", b"ITSF\x03\0\0\0"),
    ];
    for (name, bytes) in files {
        assert_eq!(ending(name, bytes), (Ending::Refused, Some("blocked_type")), "{name}");
    }
}

#[test]
fn a_change_to_program_text_is_a_text_and_a_mail_is_a_mail() {
    let patch = "From fc88cba7f1f37b9cf3b296eace2422dd0e173502 Mon Sep 17 00:00:00 2001\nFrom: A <a@b.invalid>\nDate: Fri, 4 Dec 2009 13:10:29 +0000\nSubject: [PATCH] x\n\n---\n a | 2 +-\n";
    let mail = patch.replace("Mon Sep 17 00:00:00 2001", "Fri Dec  4 13:10:29 2009");
    for (text, format) in [(patch, Format::Txt), (&mail, Format::Eml)] {
        let done = sanitize("0001.patch", text.as_bytes(), &Policy::default(), &[], Budget::default());
        assert_eq!(done.outcome.rebuilt().map(|rebuilt| rebuilt.format), Some(format), "{text}");
    }
}

#[test]
fn what_is_not_recognised_is_refused_and_empty_too() {
    assert_eq!(ending("a.dat", b"\0\x01\x02\x03\xff\xfe"), (Ending::Refused, Some("unknown_type")));
    assert_eq!(ending("a.docx", b""), (Ending::Refused, Some("empty_file")));
}

#[test]
fn products_of_their_own_are_held_with_their_own_reason() {
    assert_eq!(ending("a.rar", b"Rar!\x1a\x07\x01\0"), (Ending::Held, Some("rar_not_supported")));
    assert_eq!(ending("a.jtd", b"\0\x01\x02"), (Ending::Held, Some("ichitaro")));
    let mut ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    ole.extend("WordDocument".encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(ending("a.docx", &ole), (Ending::Held, Some("legacy_office")));
}

#[test]
fn the_report_has_the_keys_of_the_specification() {
    let done = sanitize("a.exe", b"MZ", &Policy::default(), &[], Budget::default());
    let json = serde_json::to_value(&done.report).unwrap();
    assert_eq!(json["input"], "a.exe");
    assert_eq!(json["type"], "executable");
    assert_eq!(json["outcome"], "refused");
    assert_eq!(json["bytes"], 2);
    assert_eq!(json["policy"], "default@2026.1");
    assert_eq!(json["reason"]["code"], "blocked_type");
    assert!(json["reason"]["ja"].as_str().unwrap().contains("通過させない"));
    for list in ["removed", "lost", "noted", "parts"] {
        assert!(json[list].as_array().unwrap().is_empty());
    }
}

#[test]
fn words_are_unique_and_have_both_names() {
    let mut seen = std::collections::BTreeSet::new();
    for what in What::ALL {
        assert!(seen.insert(what.code()), "{}", what.code());
        assert!(!what.ja().is_empty() && !what.en().is_empty());
    }
    let mut seen = std::collections::BTreeSet::new();
    for reason in ReasonCode::ALL {
        assert!(seen.insert(reason.code()), "{}", reason.code());
        assert_eq!(ReasonCode::from_code(reason.code()), Some(*reason));
    }
    for format in Format::ALL {
        assert_eq!(Format::from_id(format.id()), Some(*format));
    }
}
