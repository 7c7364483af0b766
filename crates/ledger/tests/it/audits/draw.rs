//! The draw, and the lines that samples and plans are kept in.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Command, Stdio};

use ledger::kinds::audit::{Line, Target, Verdict, What, When, as_result, draw, hash, parse_result};
use proptest::prelude::*;

fn numbers(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("令和8年度持出第{n}号")).collect()
}

/// The sample, found by looking for the smallest again and again.
fn slow_draw(seed: &str, numbers: &[String], size: usize) -> Vec<String> {
    use std::fmt::Write as _;
    let key = |number: &String| {
        let mut text = String::new();
        // The hash of the hashing crate, byte by byte; the shell's is compared in a test of its own.
        for byte in hash_of(&format!("{seed}\n{number}")) {
            write!(text, "{byte:02x}").unwrap();
        }
        text
    };
    let mut left: BTreeSet<&String> = numbers.iter().collect();
    let mut sample = Vec::new();
    while sample.len() < size {
        let Some(next) = left.iter().copied().min_by_key(|number| (key(number), (*number).clone())) else { break };
        left.remove(next);
        sample.push(next.clone());
    }
    sample
}

fn hash_of(text: &str) -> Vec<u8> {
    let hex = {
        let mut child = Command::new("sha256sum").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
    };
    (0..32).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect()
}

#[test]
fn a_shell_draws_the_same_sample_and_the_same_hash() {
    let numbers = numbers(40);
    let of = || numbers.iter().map(String::as_str);
    let drawn = draw("第1012回 07 12 31", of(), 7);
    assert_eq!(drawn, slow_draw("第1012回 07 12 31", &numbers, 7), "by sha256sum and looking for the smallest");
    let mut sorted = numbers.clone();
    sorted.sort();
    let file: String = sorted.iter().map(|number| format!("{number}\n")).collect();
    let hex: String = hash_of(&file).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hash(of()), hex, "sha256sum of the list of numbers");
}

proptest! {
    #[test]
    fn a_draw_depends_on_seed_and_numbers_alone(
        seed in "[a-z0-9 第]{0,12}",
        count in 0_usize..300,
        size in 0_usize..60,
        turn in 0_usize..300,
    ) {
        let numbers = numbers(count);
        let drawn = draw(&seed, numbers.iter().map(String::as_str), size);
        let all: BTreeSet<&str> = numbers.iter().map(String::as_str).collect();
        let set: BTreeSet<&str> = drawn.iter().copied().collect();
        prop_assert_eq!(drawn.len(), size.min(count), "as many as there are");
        prop_assert_eq!(set.len(), drawn.len(), "each once");
        prop_assert!(set.is_subset(&all), "never outside the population");
        let mut turned = numbers.clone();
        turned.rotate_left(turn.min(count));
        turned.extend(numbers.iter().take(5).cloned());
        prop_assert_eq!(&draw(&seed, turned.iter().map(String::as_str), size), &drawn, "whatever the order");
        let longer = draw(&seed, numbers.iter().map(String::as_str), size + 3);
        prop_assert_eq!(&longer[..drawn.len()], &drawn[..], "a larger sample goes on from the smaller");
        let hashed = hash(numbers.iter().map(String::as_str));
        prop_assert_eq!(hash(turned.iter().take(count).map(String::as_str)), hashed, "the hash too");
    }

    #[test]
    fn lines_of_plans_and_results_come_back_as_they_were(
        year in 2000_i32..2200,
        out in any::<bool>(),
        what in 0_usize..3,
        key in "[0-9A-Za-z令和年度第号 ]{1,20}",
        label in "[ぁ-ん漢字　 ]{0,12}",
        note in "[ぁ-ん0-9月 　]{0,12}",
    ) {
        prop_assume!(!key.trim().is_empty());
        let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let line = Line {
            when: if out { When::LeftOut } else { When::Year(year) },
            target: Target::new(What::ALL[what], &key),
            label: one_line(&label),
            note: one_line(&note),
        };
        prop_assert_eq!(Line::parse(&line.to_string()), Some(line.clone()), "{}", line);
        let result = as_result(&line.target.key, Verdict::ALL[what], &note);
        prop_assert_eq!(parse_result(&result), Some((line.target.key.as_str(), Verdict::ALL[what], line.note.as_str())));
    }
}

#[test]
fn every_record_has_the_same_chance() {
    let numbers = numbers(50);
    let (rounds, size) = (2000, 10);
    let mut drawn: BTreeMap<&str, i64> = BTreeMap::new();
    for round in 0..rounds {
        for number in draw(&format!("seed {round}"), numbers.iter().map(String::as_str), size) {
            *drawn.entry(number).or_default() += 1;
        }
    }
    // Each is expected 400 times; 400 ± 90 is five standard deviations.
    for number in &numbers {
        let times = drawn.get(number.as_str()).copied().unwrap_or_default();
        assert!((310..=490).contains(&times), "{number} was drawn {times} times of {rounds}");
    }
}

#[test]
fn what_is_no_line_is_not_read() {
    for wrong in [
        "",
        "2026年度",
        "2026年度　課　0301　市民課",
        "来年度　所属　0301",
        "1800年度　所属　0301　市民課",
        "除外　所属　",
    ] {
        assert_eq!(Line::parse(wrong), None, "{wrong}");
    }
    for wrong in ["", "令和8年度持出第1号", "令和8年度持出第1号　良", "　"] {
        assert_eq!(parse_result(wrong), None, "{wrong}");
    }
}
