//! The made-up city: made, served, assessed, verified.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use super::command_line::sekimori;

/// A running demo; killed when it is dropped.
pub(crate) struct Demo {
    child: Child,
    address: String,
    printed: Vec<String>,
}

impl Demo {
    pub(crate) fn start(dir: &Path, more: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sekimori"))
            .args(["demo", "--listen", "127.0.0.1:0", "--lang", "ja", "--data"])
            .arg(dir)
            .args(more)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let url = lines.next().expect("the demo prints its address");
        let address = url.strip_prefix("http://").unwrap().replace("localhost", "127.0.0.1");
        let printed = std::iter::once(url).chain(lines.take_while(|line| !line.contains("madoguchi"))).collect();
        Self { child, address, printed }
    }

    /// Host and port.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Asks it to stop; how it ended, and after how long.
    fn stop(mut self) -> (ExitStatus, Duration) {
        let asked = Instant::now();
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        (self.child.wait().unwrap(), asked.elapsed())
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn json_of(args: &[&str]) -> Json {
    let output = sekimori(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_small_city_is_made_served_assessed_and_verified() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("city");
    let demo = Demo::start(&dir, &["--people", "150", "--assets", "90", "--as-of", "2026-11-22"]);
    assert!(demo.get("/healthz").starts_with("HTTP/1.1 200"), "{}", demo.get("/healthz"));
    let sign_in = demo.get("/signin");
    assert!(sign_in.starts_with("HTTP/1.1 200") && sign_in.contains("架空のデータ"), "{sign_in}");
    for login in ["admin", "ciso", "head", "staff", "system", "auditor", "vendor"] {
        assert!(demo.printed.iter().any(|line| line.trim().starts_with(login)), "{login} in {:?}", demo.printed);
    }
    a_digest_arrives(&dir.join("outbox"));
    drop(demo);

    let data = dir.to_str().unwrap();
    let answer = json_of(&["assess", "--data", data, "--on", "2026-11-22", "--format", "json"]);
    let control = |id: &str| {
        let all = answer["controls"].as_array().unwrap();
        all.iter().find(|control| control["control"] == id).unwrap_or_else(|| panic!("no control {id}"))["counts"]
            .clone()
    };
    assert_eq!(control("flows-in-date")["broken"], 1, "one flow is past its end and still in use");
    assert_eq!(control("takeouts-returned-in-time")["broken"], 1, "one take-out is overdue");
    assert_eq!(control("idle-sns-accounts-closed")["broken"], 1, "an account has not posted for fourteen months");
    assert_eq!(
        control("accounts-of-staff-in-office")["broken"],
        3,
        "three have left and their accounts are not stopped"
    );
    assert_eq!(control("preliminary-reports-in-time")["holds"], 1, "the accident of 128 persons was reported in time");
    assert_eq!(control("final-reports-in-time")["holds"], 1, "and its final report is not late yet");
    assert_eq!(control("persons-told")["holds"], 1);
    assert_eq!(control("incidents-contained")["holds"], 1, "the contractor's ransomware is being contained");
    assert!(control("assets-reviewed-yearly")["holds"].as_u64().unwrap() > 0);
    assert!(
        control("assets-reviewed-yearly")["covered"].as_u64().unwrap() > 0,
        "an exception covers the roads section"
    );
    assert_eq!(control("handling-limits-reviewed")["not_started"], 1, "one duty is planned for later");
    assert_eq!(control("mynumber-terminals-multi-factor")["broken"], 7, "7 of 212 terminals have one factor");
    assert!(answer["total"]["unknown"].as_u64().unwrap() > 0, "sources that never delivered are unknown, not kept");

    let verified = sekimori(&["journal", "verify", "--data", data]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    // Opened again as it is: the same accounts.
    let again = Demo::start(&dir, &[]);
    assert!(again.get("/signin").starts_with("HTTP/1.1 200"));
}

/// Prints how many assets the counts of the last day speak of.
const COUNTED: &str = "import sys, sqlite3\n\
    db = sqlite3.connect(sys.argv[1], timeout=60)\n\
    sums = 'sum(holds + broken + covered + unknown + not_started + out_of_scope)'\n\
    print(db.execute(f\"SELECT {sums} FROM control_day WHERE control = 'assets-reviewed-yearly' AND day = (SELECT max(day) FROM control_day)\").fetchone()[0])\n";

fn python(args: &[&str], file: &Path, more: &[&str]) -> String {
    let output = Command::new("python3").args(args).arg(file).args(more).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Asked to stop while it evaluates, a server leaves the evaluation where it is and ends; the next one evaluates.
#[test]
fn an_evaluation_does_not_hold_up_the_stop() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("city");
    let (status, _) = Demo::start(&dir, &["--people", "150", "--assets", "90"]).stop();
    assert!(status.success(), "{status}");
    let store = dir.join("ledger.db");
    let counted = || python(&["-c", COUNTED], &store, &[]).parse::<u64>().unwrap();
    python(&[concat!(env!("CARGO_MANIFEST_DIR"), "/../../bench/console/million.py")], &store, &["40000"]);
    let before = counted();

    let demo = Demo::start(&dir, &[]);
    assert!(demo.get("/healthz").starts_with("HTTP/1.1 200"));
    let (status, took) = demo.stop();
    assert!(status.success(), "{status}");
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert_eq!(counted(), before, "nothing of the evaluation was written");

    let demo = Demo::start(&dir, &[]);
    let done = (0..600).any(|_| {
        std::thread::sleep(Duration::from_millis(500));
        counted() >= 40_000
    });
    assert!(done, "{} of 40,000 after five minutes", counted());
    assert!(demo.stop().0.success());
}

#[test]
fn a_folder_that_holds_something_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mine.txt"), "大事なもの").unwrap();
    let output = sekimori(&["demo", "--lang", "ja", "--data", folder.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("空ではなく"));
    assert!(folder.path().join("mine.txt").exists());
}

/// Reads a mail as another program does: subject, addressee, text.
const READ_MAIL: &str = "import sys, email, email.policy\n\
    mail = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)\n\
    print(mail['subject']); print(mail['to']); print(mail['date'].datetime.isoformat()); print(mail.get_content())";

/// The reminders of the day lie in the outbox as mails that others can read, with numbers and links and no contents.
fn a_digest_arrives(outbox: &Path) {
    let mails = || -> Vec<_> {
        let entries = std::fs::read_dir(outbox).into_iter().flatten().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.extension().is_some_and(|end| end == "eml")).collect()
    };
    // They come one after the other: all are there when for a while no further one has come.
    let (mut seen, mut still) = (0, 0);
    let waited = (0..600).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        let now = mails().len();
        still = if now == seen { still + 1 } else { 0 };
        seen = now;
        now > 0 && still >= 20
    });
    assert!(waited, "no mail in {}", outbox.display());
    let mut texts = Vec::new();
    for mail in mails() {
        let raw = std::fs::read(&mail).unwrap();
        assert!(raw.is_ascii() && raw.split(|byte| *byte == b'\n').all(|line| line.len() <= 100), "{}", mail.display());
        let read = Command::new("python3").args(["-c", READ_MAIL]).arg(&mail).output().unwrap();
        assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
        texts.push(String::from_utf8(read.stdout).unwrap());
    }
    for text in &texts {
        let mut lines = text.lines();
        assert!(lines.next().unwrap().starts_with("【関守】ご確認ください（"), "{text}");
        assert!(lines.next().unwrap().contains("@sekimori.invalid"), "{text}");
        assert!(lines.next().unwrap().starts_with("2026-11-22T"), "{text}");
        assert!(text.contains("/registers/") && text.contains("架空のデータ"), "{text}");
    }
    let late = texts.iter().find(|text| text.contains("情報資産の持出し")).expect("the overdue take-out is spoken of");
    assert!(!late.contains("出張窓口で使うため"), "a mail says no contents: {late}");
}
