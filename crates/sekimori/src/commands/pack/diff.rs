//! `sekimori pack diff`: two versions side by side.

use std::fmt::Write;
use std::io::IsTerminal;
use std::path::PathBuf;

use pack::{Change, Run};

use super::folder;
use crate::lang::Lang;

/// How to print.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// For people; what changed is underlined on a terminal, and stands in 〔 〕 elsewhere.
    Text,
    /// A table to print: 改正後 | 改正前.
    Html,
}

/// Flags of `pack diff`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: sekimori pack diff old/sodegaura packs/sodegaura --format html > 新旧対照表.html")]
pub(super) struct Args {
    /// The earlier version's folder.
    old: PathBuf,
    /// The later version's folder.
    new: PathBuf,
    /// How to print.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Prints the differences.
pub(super) fn run(args: &Args, lang: Lang) -> Result<(), String> {
    let (old, new) = (folder::open(&args.old, lang)?, folder::open(&args.new, lang)?);
    let changes = ::pack::diff(&old, &new);
    folder::print(&match args.format {
        Format::Text => text(&changes, lang, std::io::stdout().is_terminal()),
        Format::Html => ::pack::diff_html(&changes, &format!("新旧対照表（{} → {}）", old.version, new.version)),
    });
    Ok(())
}

fn text(changes: &[Change], lang: Lang, terminal: bool) -> String {
    if changes.is_empty() {
        return format!("{}\n", lang.pick("違いはありません", "no difference"));
    }
    let mut out = String::new();
    for change in changes {
        let (ja, en) = change.kind.name();
        let _ = writeln!(out, "■ {} {}", lang.pick(ja, en), change.id);
        let none = [lang.pick("（削る）", "(taken out)"), lang.pick("（新設）", "(new)")];
        let sides = [(lang.pick("改正後", "now"), &change.new), (lang.pick("改正前", "before"), &change.old)];
        for ((name, side), none) in sides.into_iter().zip(none) {
            let said = side.as_ref().map_or_else(|| none.to_owned(), |runs| marked(runs, terminal));
            let _ = writeln!(out, "  {name}: {}", said.trim_end().replace('\n', "\n    "));
        }
        out.push('\n');
    }
    out
}

fn marked(runs: &[Run], terminal: bool) -> String {
    let (open, close) = if terminal { ("\u{1b}[4m", "\u{1b}[24m") } else { ("〔", "〕") };
    runs.iter().map(|run| if run.changed { format!("{open}{}{close}", run.text) } else { run.text.clone() }).collect()
}

/// The help in Japanese.
pub(super) fn in_japanese(command: clap::Command) -> clap::Command {
    command
        .about("二つの版の新旧対照表を出力する")
        .mut_arg("old", |arg| arg.help("改正前のフォルダー"))
        .mut_arg("new", |arg| arg.help("改正後のフォルダー"))
        .mut_arg("format", |arg| arg.help("出力の形式（text では変わったところを〔 〕または下線で示します）"))
        .after_help("例: sekimori pack diff old/sodegaura packs/sodegaura --format html > 新旧対照表.html")
}
