//! `sekimori separation diff`.

use std::path::PathBuf;
use std::process::ExitCode;

use separation::dialects::Options;
use separation::judge::{Change, Settings, difference};
use separation::network::Network;

use super::{configurations, verify};
use crate::lang::Lang;

/// Flags of `separation diff`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: sekimori separation diff fw1-before.nft fw1-after.nft\n\n\
Says which packets only the new and only the old configuration lets through, by line. Exit code 0: the same packets pass;\n\
3: they differ; 4: lines that were not understood could make a difference.")]
pub(crate) struct Args {
    /// The configuration before.
    old: PathBuf,
    /// The configuration after.
    new: PathBuf,
    /// The access list to compare, when the files have several and bind none.
    #[arg(long, value_name = "NAME")]
    acl: Option<String>,
    /// The day that decides about rules with dates; today without it.
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    /// How to print.
    #[arg(long, value_enum, default_value_t = super::Print::Text)]
    format: super::Print,
}

/// Compares and prints.
pub(super) fn run(args: &Args, lang: Lang) -> Result<ExitCode, String> {
    let on = verify::chosen_day(args.on.as_deref(), lang)?;
    let read = |path: &PathBuf| {
        let options = Options { acl: args.acl.clone(), dialect: None };
        let name = path.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        configurations::configuration(&name, std::slice::from_ref(path), &options, lang).map(Network::single)
    };
    let (old, new) = (read(&args.old)?, read(&args.new)?);
    let found = difference(&old, &new, Settings { on });
    if args.format == super::Print::Json {
        println!("{}", serde_json::to_string_pretty(&found).map_err(|error| error.to_string())?);
    } else {
        changes(lang.pick("新しい設定だけが通すパケット", "Only the new configuration lets through"), &found.gained);
        changes(lang.pick("古い設定だけが通すパケット", "Only the old configuration lets through"), &found.lost);
        for place in &found.unread {
            println!("{}: {}:{}  {}", lang.pick("読めない行", "not understood"), place.file, place.line, place.text);
        }
        if found.too_complex {
            println!(
                "{}",
                lang.pick("設定が複雑すぎて比べられませんでした", "The configurations are too complex to be compared")
            );
        } else if found.is_empty() {
            println!("{}", lang.pick("通るパケットは同じです", "The same packets pass"));
        }
    }
    Ok(if !found.gained.is_empty() || !found.lost.is_empty() {
        ExitCode::from(3)
    } else if found.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(4)
    })
}

fn changes(title: &str, list: &[Change]) {
    if list.is_empty() {
        return;
    }
    println!("■ {title}");
    for change in list {
        println!("  {}:{}  {}", change.place.file, change.place.line, change.place.text);
        println!("    {} packets", change.packets);
        for found in &change.boxes {
            println!(
                "    {} → {} {} {} → {}",
                found.source, found.destination, found.protocol, found.source_port, found.destination_port
            );
        }
        if change.boxes_left_out > 0 {
            println!("    … +{}", change.boxes_left_out);
        }
    }
}

/// The help in Japanese.
pub(super) fn in_japanese(command: clap::Command) -> clap::Command {
    command
        .about("二つの設定の違いを、通るパケットの違いとして示す")
        .mut_arg("old", |arg| arg.help("変更前の設定"))
        .mut_arg("new", |arg| arg.help("変更後の設定"))
        .mut_arg("acl", |arg| arg.help("比べるACL"))
        .mut_arg("on", |arg| arg.help("基準日（指定がなければ今日）"))
        .mut_arg("format", |arg| arg.help("出力の形式"))
        .after_help(
            "例: sekimori separation diff fw1-before.nft fw1-after.nft\n\n\
             終了コード 0: 通るパケットは同じ 3: 違いがある 4: 読めない行があり、違いがないとは言えない",
        )
}
