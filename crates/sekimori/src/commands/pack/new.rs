//! `sekimori pack new`: another municipality's pack, started from the one in this binary.

use std::path::PathBuf;

use super::{folder, publish, small};
use crate::embedded;
use crate::lang::Lang;

/// Flags of `pack new`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: sekimori pack new packs/kimitsu --name 君津市")]
pub(super) struct Args {
    /// The folder to make; its name becomes the pack's id.
    dir: PathBuf,
    /// The municipality's name.
    #[arg(long, default_value = "○○市")]
    name: String,
    /// A small town's: about twelve registers, and a yearly report for every other duty.
    #[arg(long)]
    small: bool,
}

const README: &str = "# {name} 情報セキュリティポリシー（規程データ）\n\n\
袖ケ浦市を題材にした規程データから作った出発点です。{name}の正式な規程ではありません。\n\n\
初めに確かめること:\n\n\
1. `pack.toml` の団体コード、連絡先、機関\n\
2. `organisation.toml` の役割と職員区分、`zones.toml` の領域とアドレス\n\
3. `documents/` の文章（県の名や条例の番号など、袖ケ浦市に固有のもの）\n\n\
確かめるには `sekimori pack check` を使います。\n";

/// Writes the folder.
pub(super) fn run(args: &Args, lang: Lang) -> Result<(), String> {
    publish::empty(&args.dir, lang)?;
    let id = args.dir.file_name().and_then(|name| name.to_str()).map(id).unwrap_or_default();
    if id.is_empty() || args.name.trim().is_empty() || args.name.contains(['"', '\\', '\n', '{', '}']) {
        return Err(lang
            .pick(
                "フォルダー名は英小文字と数字と - で、団体名は引用符やかっこのない文字で指定してください",
                "name the folder with lower-case letters, digits and -, and the municipality without quotes or braces",
            )
            .to_owned());
    }
    let mut files: Vec<(String, Vec<u8>)> = embedded::SODEGAURA
        .iter()
        .filter(|(path, _)| *path != "README.md")
        .map(|(path, bytes)| {
            let text = String::from_utf8_lossy(bytes);
            let text = text.replace("袖ケ浦市", &args.name).replace("Sodegaura City", "the municipality");
            let text = if *path == "pack.toml" { own(&text, &id) } else { text };
            ((*path).to_owned(), text.into_bytes())
        })
        .collect();
    if args.small {
        files = small::small(files).map_err(|errors| {
            let lines: Vec<&str> = errors.iter().map(|error| error.message.pick(lang == Lang::En)).collect();
            lines.join("\n")
        })?;
    }
    files.push(("README.md".to_owned(), README.replace("{name}", &args.name).into_bytes()));
    folder::write(&args.dir, &files, lang)?;
    let dir = args.dir.display();
    folder::print(&match lang {
        Lang::Ja => format!(
            "「{dir}」に {} ファイルを作りました。README.md を読み、sekimori pack check {dir} で確かめてください\n",
            files.len()
        ),
        Lang::En => {
            format!("made {} files in '{dir}'; read README.md, then run sekimori pack check {dir}\n", files.len())
        }
    });
    Ok(())
}

/// The folder's name as an id, when it can be one.
fn id(name: &str) -> String {
    let fits = name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if fits { name.to_owned() } else { String::new() }
}

/// pack.toml without what is another city's own: its id, code and telephone.
fn own(text: &str, id: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut top = true;
    for line in text.lines() {
        top &= !line.starts_with('[');
        let key = line.split('=').next().unwrap_or_default().trim();
        if top && key == "id" {
            out.push_str(&format!("id = \"{id}\"\n"));
        } else if !matches!(key, "code" | "contact") {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

/// The help in Japanese.
pub(super) fn in_japanese(command: clap::Command) -> clap::Command {
    command
        .about("別の団体の規程データを作り始める")
        .mut_arg("dir", |arg| arg.help("作るフォルダー（その名が規程データの id になります）"))
        .mut_arg("name", |arg| arg.help("団体名"))
        .mut_arg("small", |arg| arg.help("小さな町村のために、十数の台帳と、その他の責務の年一回の実施報告で始める"))
        .after_help("例: sekimori pack new packs/kimitsu --name 君津市")
}
