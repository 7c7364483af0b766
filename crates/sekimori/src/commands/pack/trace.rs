//! `sekimori pack trace`: which control serves each clause.

use std::fmt::Write;
use std::path::PathBuf;

use super::folder;
use crate::lang::Lang;

/// How to print.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// For people.
    Table,
    /// For spreadsheets.
    Csv,
    /// For scripts.
    Json,
}

/// Flags of `pack trace`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: sekimori pack trace packs/sodegaura --format csv > trace.csv")]
pub(super) struct Args {
    /// The pack's folder.
    #[arg(default_value = ".", value_name = "DIR")]
    dir: PathBuf,
    /// How to print.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

const COLUMNS: [&str; 7] = ["clause", "must", "control", "nature", "serves", "register", "state"];

/// Prints the rows.
pub(super) fn run(args: &Args, lang: Lang) -> Result<(), String> {
    let pack = folder::open(&args.dir, lang)?;
    let rows: Vec<[String; 7]> = ::pack::trace(&pack)
        .into_iter()
        .map(|row| {
            let serves = row.serves.join(" ");
            let must = row.must.to_string();
            [row.clause, must, row.control, row.nature.to_owned(), serves, row.register, row.state.to_owned()]
        })
        .collect();
    folder::print(&match args.format {
        Format::Table => table(&rows, lang),
        Format::Csv => csv(&rows),
        Format::Json => json(&rows),
    });
    Ok(())
}

fn table(rows: &[[String; 7]], lang: Lang) -> String {
    let mut out = String::new();
    let mut clause = None;
    for [id, must, control, nature, serves, register, state] in rows {
        if clause != Some(id) {
            let must = if must == "true" { lang.pick("義務", "must") } else { lang.pick("本文", "text") };
            let _ = writeln!(out, "{id} [{must}]");
            clause = Some(id);
        }
        let nature = match nature.as_str() {
            "machine" => lang.pick("機械判定", "by machine"),
            "attested" => lang.pick("実施報告", "attested"),
            _ => "",
        };
        if control.is_empty() {
            if state == "unserved" {
                let _ = writeln!(out, "  {}", lang.pick("遵守項目なし", "no control"));
            }
            continue;
        }
        let _ = writeln!(out, "  {control}  {nature}  {register}  {serves}");
    }
    out
}

/// RFC 4180, with a header line.
fn csv(rows: &[[String; 7]]) -> String {
    let quoted = |cell: &str| {
        if cell.contains([',', '"', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
    };
    let mut out = format!("{}\r\n", COLUMNS.join(","));
    for row in rows {
        let _ = write!(out, "{}\r\n", row.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(","));
    }
    out
}

fn json(rows: &[[String; 7]]) -> String {
    let rows: Vec<_> = rows
        .iter()
        .map(|[clause, must, control, nature, serves, register, state]| {
            serde_json::json!({
                "clause": clause,
                "must": must == "true",
                "control": control,
                "nature": nature,
                "serves": serves.split_whitespace().collect::<Vec<_>>(),
                "register": register,
                "state": state,
            })
        })
        .collect();
    format!("{:#}\n", serde_json::Value::Array(rows))
}

/// The help in Japanese.
pub(super) fn in_japanese(command: clap::Command) -> clap::Command {
    command
        .about("条項ごとに、確かめている遵守項目を示す")
        .mut_arg("dir", |arg| arg.help("規程データのフォルダー"))
        .mut_arg("format", |arg| arg.help("出力の形式"))
        .after_help("例: sekimori pack trace packs/sodegaura --format csv > trace.csv")
}
