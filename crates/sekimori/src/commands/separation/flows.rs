//! `sekimori separation flows`.

use std::path::PathBuf;
use std::process::ExitCode;

use separation::flows::FlowReport;

use super::{configurations, verify};
use crate::lang::Lang;

/// Flags of `separation flows`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: sekimori separation flows --claims claims.toml conntrack.txt eve.json firewall.log\n\n\
Reads conntrack listings, Suricata EVE, and firewall syslog (netfilter, Cisco access list logs, FortiGate traffic logs), line\n\
by line. Exit code 0: nothing forbidden passed; 3: something did; 4: lines were not understood and nothing forbidden was seen."
)]
pub(crate) struct Args {
    /// Zones and the only flows that may cross between them.
    #[arg(long, value_name = "FILE")]
    claims: PathBuf,
    /// Logs.
    #[arg(value_name = "LOG", required = true)]
    logs: Vec<PathBuf>,
    /// The day whose permitted flows are meant; today without it.
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    /// How to print.
    #[arg(long, value_enum, default_value_t = super::Print::Text)]
    format: super::Print,
}

/// Judges the logs and prints.
pub(super) fn run(args: &Args, lang: Lang) -> Result<ExitCode, String> {
    let on = verify::chosen_day(args.on.as_deref(), lang)?;
    let claims = configurations::claims(&args.claims, lang)?;
    let report = configurations::flows(claims, &args.logs, on, lang)?;
    if args.format == super::Print::Json {
        println!("{}", serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?);
    } else {
        print(&report, lang);
    }
    Ok(ExitCode::from(if report.broken() {
        3
    } else if report.unread > 0 {
        4
    } else {
        0
    }))
}

fn print(report: &FlowReport, lang: Lang) {
    for found in &report.forbidden {
        let what = match (found.passed, lang) {
            (true, Lang::Ja) => "台帳にない通信が通った",
            (true, Lang::En) => "passed, and no flow lists it",
            (false, Lang::Ja) => "台帳にない通信（拒否済み）",
            (false, Lang::En) => "refused, and no flow lists it",
        };
        println!(
            "{}:{}  {} → {}  {}  ×{}  {what}",
            found.file, found.line, found.from, found.to, found.connection, found.times
        );
    }
    if report.forbidden_left_out > 0 {
        println!("… +{}", report.forbidden_left_out);
    }
    println!("{} {}", lang.pick("確認できた通信:", "Flows seen:"), report.seen_flows.join(", "));
    println!("{} {}", lang.pick("一度も確認できない通信:", "Flows never seen:"), report.never_seen.join(", "));
    for (file, line) in report.unread_lines.iter().take(10) {
        println!("{}: {file}:{line}", lang.pick("読めない行", "not understood"));
    }
    match lang {
        Lang::Ja => println!("読めた行 {} ・ 読めない行 {}", report.understood, report.unread),
        Lang::En => println!("{} lines understood, {} not", report.understood, report.unread),
    }
}

/// The help in Japanese.
pub(super) fn in_japanese(command: clap::Command) -> clap::Command {
    command
        .about("通信の記録を台帳と照らし合わせる")
        .mut_arg("claims", |arg| arg.help("領域と、境界を越えてよい通信"))
        .mut_arg("logs", |arg| arg.help("通信の記録（conntrack、Suricata EVE、ファイアウォールのsyslog）"))
        .mut_arg("on", |arg| arg.help("基準日（指定がなければ今日）"))
        .mut_arg("format", |arg| arg.help("出力の形式"))
        .after_help(
            "例: sekimori separation flows --claims claims.toml conntrack.txt eve.json firewall.log\n\n\
             終了コード 0: 台帳にない通信は通っていない 3: 通っている 4: 読めない行があり、通ったものは見つからない",
        )
}
