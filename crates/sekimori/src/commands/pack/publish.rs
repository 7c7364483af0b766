//! `sekimori pack publish`: the public edition, with the sheet of who adopted it and where it was published.

use std::path::PathBuf;

use ::pack::{Pack, Publication};
use exchange::publication;

use super::folder;
use crate::lang::Lang;
use crate::municipality::{self, Failure, Municipality, operator};
use crate::{adoption, clock};

/// Flags of `pack publish`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: sekimori pack publish packs/sodegaura --out public/\n         \
                        sekimori pack publish --data city --out public/\n\n\
                        Without a folder, the policy in force of the data is published. With --data or --config the sheet of \
                        publication says what was recorded there; without, that nothing was.")]
pub(super) struct Args {
    /// The pack's folder; without it, the policy in force of the data.
    #[arg(required_unless_present_any = ["data", "config"])]
    dir: Option<PathBuf>,
    /// The folder to write to; it is created, and has to be empty.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The day on which the sheet stands; today without it.
    #[arg(long, value_name = "DATE", value_parser = municipality::day)]
    on: Option<ledger::Day>,
    #[command(flatten)]
    municipality: Municipality,
}

/// Writes the pages.
pub(super) fn run(args: &Args, lang: Lang) -> Result<(), String> {
    let folder = args.dir.as_deref().map(|dir| folder::open(dir, lang)).transpose()?;
    empty(&args.out, lang)?;
    let (pack, publication) = match folder {
        Some(pack) if !args.municipality.is_named() => {
            let publication = publication::of_pack(&pack);
            (pack, publication)
        }
        folder => municipality::block_on(recorded(args, folder, lang)).map_err(Failure::into_text)?,
    };
    let pages = ::pack::publish(&pack, &publication);
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

/// The policy and what was recorded of its adoption.
async fn recorded(args: &Args, folder: Option<Pack>, lang: Lang) -> Result<(Pack, Publication), Failure> {
    let failed = |error: ledger::Error| Failure::of(&error, lang);
    let ledger = args.municipality.open(lang).await?;
    let now = clock::now();
    let at = args.on.map_or(now, municipality::noon);
    let in_force = adoption::in_force(&ledger, at, lang).await?;
    let pack = match folder {
        // The records speak of another policy than the text: the sheet would be false.
        Some(pack) if pack.id != in_force.id => {
            return Err(Failure::from(match lang {
                Lang::Ja => {
                    format!("フォルダーの規程データ「{}」は、データの「{}」と別のものです", pack.id, in_force.id)
                }
                Lang::En => format!("the folder's pack '{}' is not that of the data, '{}'", pack.id, in_force.id),
            }));
        }
        Some(pack) => pack,
        None => in_force,
    };
    let mut reading = ledger.reading(operator(), at).await.map_err(failed)?;
    let publication = publication::publication(&mut reading, &pack).await.map_err(failed)?;
    reading.end().await.map_err(failed)?;
    Ok((pack, publication))
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
    municipality::in_japanese(command)
        .about("公開版を HTML で書き出す（非公開の本文は含まない。策定と公表の記録が付く）")
        .mut_arg("dir", |arg| arg.help("規程データのフォルダー（指定がなければ、データで施行中の規程）"))
        .mut_arg("out", |arg| arg.help("書き出すフォルダー（作成します。空であること）"))
        .mut_arg("on", |arg| arg.help("策定と公表の記録の基準日（指定がなければ今日）"))
        .after_help(
            "例: sekimori pack publish packs/sodegaura --out public/\n    sekimori pack publish --data city --out public/\n\n\
             --data か --config があれば、そこに記録された策定と公表が記録のページに載ります。なければ「記録がありません」となります。",
        )
}
