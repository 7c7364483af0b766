//! `sekimori pack publish`: the public edition.

use std::path::PathBuf;

use super::folder;
use crate::lang::Lang;

/// Flags of `pack publish`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: sekimori pack publish packs/sodegaura --out public/")]
pub(super) struct Args {
    /// The pack's folder.
    dir: PathBuf,
    /// The folder to write to; it is created, and has to be empty.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Writes the pages.
pub(super) fn run(args: &Args, lang: Lang) -> Result<(), String> {
    let pack = folder::open(&args.dir, lang)?;
    empty(&args.out, lang)?;
    let pages = ::pack::publish(&pack);
    let files: Vec<_> = pages.into_iter().map(|page| (page.path, page.html.into_bytes())).collect();
    folder::write(&args.out, &files, lang)?;
    let count = files.len();
    let out = args.out.display();
    folder::print(&match lang {
        Lang::Ja => format!("公開版 {count} ページを「{out}」に書き出しました\n"),
        Lang::En => format!("wrote the public edition, {count} pages, to '{out}'\n"),
    });
    Ok(())
}

/// A folder with other files in it would be published with them.
pub(super) fn empty(dir: &std::path::Path, lang: Lang) -> Result<(), String> {
    let holds_something = match std::fs::read_dir(dir) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(_) => true,
    };
    if !holds_something {
        return Ok(());
    }
    Err(match lang {
        Lang::Ja => format!("「{}」は空ではありません。新しいフォルダーを指定してください", dir.display()),
        Lang::En => format!("'{}' is not an empty folder; name a new one", dir.display()),
    })
}

/// The help in Japanese.
pub(super) fn in_japanese(command: clap::Command) -> clap::Command {
    command
        .about("公開版を HTML で書き出す（非公開の本文は含まない）")
        .mut_arg("dir", |arg| arg.help("規程データのフォルダー"))
        .mut_arg("out", |arg| arg.help("書き出すフォルダー（作成します。空であること）"))
        .after_help("例: sekimori pack publish packs/sodegaura --out public/")
}
