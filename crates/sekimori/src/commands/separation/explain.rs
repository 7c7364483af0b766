//! `sekimori separation explain`.

use std::path::PathBuf;
use std::process::ExitCode;

use separation::dialects::Options;
use separation::judge::{Settings, explain, parse_packet};
use separation::walk::Sure;

use super::{configurations, verify};
use crate::lang::Lang;

/// Flags of `separation explain`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: sekimori separation explain --config fw1.nft --packet \"tcp 10.1.5.3:40000 > 10.3.7.9:1030\"\n\n\
Other packets: \"icmp 10.1.5.3 > 10.3.7.9 type 8 code 0\", \"udp [2001:db8::1]:4000 > [2001:db8::2]:53\", \"gre 10.1.5.3 > 10.3.7.9\"."
)]
pub(crate) struct Args {
    /// The device's configuration; may be repeated.
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    config: Vec<PathBuf>,
    /// The first packet of a connection.
    #[arg(long, value_name = "PACKET")]
    packet: String,
    /// The interface where it comes in.
    #[arg(long = "in", value_name = "INTERFACE", requires = "leaves")]
    enters: Option<String>,
    /// The interface where it goes out.
    #[arg(long = "out", value_name = "INTERFACE", requires = "enters")]
    leaves: Option<String>,
    /// The access list to follow, when the file has several and binds none.
    #[arg(long, value_name = "NAME")]
    acl: Option<String>,
    /// The day that decides about rules with dates; today without it.
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    /// How to print.
    #[arg(long, value_enum, default_value_t = super::Print::Text)]
    format: super::Print,
}

/// Follows the packet and prints its way.
pub(super) fn run(args: &Args, lang: Lang) -> Result<ExitCode, String> {
    let on = verify::chosen_day(args.on.as_deref(), lang)?;
    let packet = parse_packet(&args.packet).ok_or_else(|| match lang {
        Lang::Ja => format!(
            "--packet「{}」を読めません。tcp 10.1.5.3:40000 > 10.3.7.9:1030 のように書いてください。",
            args.packet
        ),
        Lang::En => {
            format!("--packet \"{}\" cannot be read: write it like tcp 10.1.5.3:40000 > 10.3.7.9:1030.", args.packet)
        }
    })?;
    let options = Options { acl: args.acl.clone(), dialect: None };
    let name = args
        .config
        .first()
        .and_then(|path| path.file_stem())
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let configuration = configurations::configuration(&name, &args.config, &options, lang)?;
    let pair = args.enters.as_deref().zip(args.leaves.as_deref());
    let found = explain(&configuration, &packet, pair, Settings { on });
    if args.format == super::Print::Json {
        println!("{}", serde_json::to_string_pretty(&found).map_err(|error| error.to_string())?);
        return Ok(ExitCode::SUCCESS);
    }
    for step in &found.path {
        println!("{}:{} [{}] {}", step.file, step.line, step.verdict, step.text);
    }
    if let Some((from, to)) = &found.interfaces {
        println!("{} {from} → {to}", lang.pick("インターフェース:", "interfaces:"));
    }
    for line in &found.unread {
        println!("{}: {line}", lang.pick("読めない行", "line not understood"));
    }
    let verdict = match (found.passes, lang) {
        (Sure::Yes, Lang::Ja) => "通る",
        (Sure::Yes, Lang::En) => "passes",
        (Sure::No, Lang::Ja) => "通らない",
        (Sure::No, Lang::En) => "does not pass",
        (Sure::Maybe, Lang::Ja) => "不明（読めない行による）",
        (Sure::Maybe, Lang::En) => "unknown: it depends on lines that were not understood",
    };
    println!("{packet} → {verdict}");
    if found.passes != Sure::No && found.leaves_as != packet.to_string() {
        println!("  → {}", found.leaves_as);
    }
    Ok(ExitCode::SUCCESS)
}

/// The help in Japanese.
pub(super) fn in_japanese(command: clap::Command) -> clap::Command {
    command
        .about("一つのパケットが設定のどの行をどう通るかを示す")
        .mut_arg("config", |arg| arg.help("機器の設定（複数可）"))
        .mut_arg("packet", |arg| arg.help("通信の最初のパケット"))
        .mut_arg("enters", |arg| arg.help("入るインターフェース"))
        .mut_arg("leaves", |arg| arg.help("出るインターフェース"))
        .mut_arg("acl", |arg| arg.help("たどるACL"))
        .mut_arg("on", |arg| arg.help("基準日（指定がなければ今日）"))
        .mut_arg("format", |arg| arg.help("出力の形式"))
        .after_help("例: sekimori separation explain --config fw1.nft --packet \"tcp 10.1.5.3:40000 > 10.3.7.9:1030\"")
}
