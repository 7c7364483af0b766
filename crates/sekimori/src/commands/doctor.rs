//! `sekimori doctor`: is this machine and this data fit to run.

use std::fs;
use std::process::{Command, ExitCode};

use ledger::Location;
use ledger::journal::{About, entries, verify};

use crate::clock;
use crate::lang::Lang;
use crate::municipality::{self, Failure, Municipality, operator};

/// Flags of `doctor`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: sekimori doctor --data city")]
pub(crate) struct Args {
    #[command(flatten)]
    municipality: Municipality,
}

/// One line of the answer.
struct Finding {
    good: Option<bool>,
    ja: String,
    en: String,
}

/// Prints every check; ends with 1 when one of them is bad.
pub(crate) fn run(args: &Args, lang: Lang) -> ExitCode {
    municipality::run(async {
        let failed = |error: ledger::Error| Failure::of(&error, lang);
        let ledger = args.municipality.open(lang).await?;
        let now = clock::now();
        let mut findings = vec![
            clock_synchronised(),
            Finding {
                good: Some(true),
                ja: format!("データを開けました（{:?}）", ledger.engine()),
                en: format!("The data opens ({:?})", ledger.engine()),
            },
        ];
        findings.extend(file_rights(&args.municipality.location(lang)?));
        let mut reading = ledger.reading(operator(), now).await.map_err(failed)?;
        let verdict = verify(&mut reading, None).await.map_err(failed)?;
        let problems = verdict.problems.len();
        findings.push(Finding {
            good: Some(problems == 0),
            ja: format!("操作記録 {} 件・行 {} 件を照合、不一致 {problems} 件", verdict.entries, verdict.rows),
            en: format!("{} entries and {} rows compared, {problems} do not agree", verdict.entries, verdict.rows),
        });
        let after = i64::try_from(verdict.entries).unwrap_or(i64::MAX).saturating_sub(1);
        let last = entries(&mut reading, About::Everything, after, 1).await.map_err(failed)?;
        if let Some(last) = last.last() {
            findings.push(Finding {
                good: Some(last.at <= now),
                ja: format!("最後の操作記録は {}（現在 {now}）", last.at),
                en: format!("The last entry is of {} (now {now})", last.at),
            });
        }
        for finding in &findings {
            let mark = match finding.good {
                Some(true) => "OK  ",
                Some(false) => lang.pick("要対応", "BAD "),
                None => lang.pick("不明", "?   "),
            };
            println!("{mark} {}", lang.pick(&finding.ja, &finding.en));
        }
        let bad = findings.iter().any(|finding| finding.good == Some(false));
        Ok(ExitCode::from(u8::from(bad)))
    })
}

/// Whether the machine's clock is kept by a time server, as far as systemd says.
fn clock_synchronised() -> Finding {
    let answer = Command::new("timedatectl").args(["show", "--property=NTPSynchronized", "--value"]).output();
    let good = match answer.as_ref().map(|out| out.stdout.trim_ascii()) {
        Ok(b"yes") => Some(true),
        Ok(b"no") => Some(false),
        _ => None,
    };
    let (ja, en) = match good {
        Some(true) => ("時刻は同期しています", "The clock is synchronised"),
        Some(false) => {
            ("時刻が同期していません。NTPの設定を確かめてください", "The clock is not synchronised; check NTP")
        }
        None => (
            "時刻の同期を確かめられません（timedatectl がありません）",
            "Whether the clock is synchronised cannot be told (no timedatectl)",
        ),
    };
    Finding { good, ja: ja.to_owned(), en: en.to_owned() }
}

/// Whether others than the owner may read the embedded data.
fn file_rights(location: &Location) -> Option<Finding> {
    use std::os::unix::fs::PermissionsExt as _;
    let Location::File(file) = location else { return None };
    let mode = fs::metadata(file).ok()?.permissions().mode();
    let folder = fs::metadata(file.parent()?).ok()?.permissions().mode();
    let closed = mode & 0o007 == 0 || folder & 0o007 == 0;
    let (ja, en) = if closed {
        ("データは他の利用者から読めません", "Other users cannot read the data")
    } else {
        (
            "データを他の利用者が読めます。chmod 700 でフォルダーを閉じてください",
            "Other users can read the data; close its folder with chmod 700",
        )
    };
    Some(Finding { good: Some(closed), ja: ja.to_owned(), en: en.to_owned() })
}

/// The help in Japanese.
pub(crate) fn in_japanese(command: clap::Command) -> clap::Command {
    municipality::in_japanese(command)
        .about("このサーバーとデータが運転できる状態かを調べる")
        .after_help("例: sekimori doctor --data city")
}
