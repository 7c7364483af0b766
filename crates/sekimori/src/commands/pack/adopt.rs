//! `sekimori pack adopt`: a changed pack on its way into force, from the server's own command line.
//!
//! The console does the same (設定 → 規程データ). The command is for the first version of a new store, for a city that keeps
//! its pack in version control, and for scripts: the two people are then two logins of the server, and the journal says so.

use std::path::PathBuf;
use std::process::ExitCode;

use ledger::permission::{Office, office};
use ledger::{Day, Id, Ledger, packs};

use super::folder;
use crate::clock;
use crate::lang::Lang;
use crate::municipality::{self, Failure, Municipality, operator};

/// Flags of `pack adopt`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: sekimori pack adopt packs/mycity --data /var/lib/sekimori --effective 2027-04-01 --note 'Yearly review'\n\
         sekimori pack adopt --approve 019d… --data /var/lib/sekimori   (as another login)\n\n\
On its day the running server switches to the new version; what is recorded follows its ids."
)]
#[command(group(clap::ArgGroup::new("what").required(true).args(["dir", "approve", "refuse", "withdraw", "list"])))]
pub(super) struct Args {
    /// The pack's folder, to be proposed.
    #[arg(value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Adopt this proposal; by another login than the one that proposed it.
    #[arg(long, value_name = "ID")]
    approve: Option<String>,
    /// Refuse this proposal.
    #[arg(long, value_name = "ID")]
    refuse: Option<String>,
    /// Take back a version that is not in force yet.
    #[arg(long, value_name = "ID")]
    withdraw: Option<String>,
    /// List all versions.
    #[arg(long)]
    list: bool,
    /// The day on which it comes into force; today without it.
    #[arg(long, value_name = "DATE", value_parser = municipality::day, requires = "dir")]
    effective: Option<Day>,
    /// What was changed and why, in one line.
    #[arg(long, value_name = "TEXT", requires = "dir", default_value = "")]
    note: String,
    #[command(flatten)]
    municipality: Municipality,
}

/// Does what is asked for.
pub(super) fn run(args: &Args, lang: Lang) -> ExitCode {
    municipality::exit(municipality::block_on(work(args, lang)))
}

async fn work(args: &Args, lang: Lang) -> Result<(), Failure> {
    let failed = |error: ledger::Error| Failure::of(&error, lang);
    let source = match &args.dir {
        Some(dir) => Some(folder::check(dir, lang).map_err(Failure::from)?.0),
        None => None,
    };
    let ledger = args.municipality.open(lang).await?;
    if let Some(source) = source {
        let effective = args.effective.unwrap_or_else(|| clock::now().day());
        let proposal = packs::Proposal { source: packs::to_bytes(source.files()), note: args.note.clone(), effective };
        let mut op = ledger.operation(operator(), clock::now()).await.map_err(failed)?;
        let permit = office(&op, None, Office::Packs, "propose", "pack", "").map_err(failed)?;
        let id = packs::propose(&mut op, permit, proposal).await.map_err(failed)?;
        op.commit().await.map_err(failed)?;
        say(
            lang,
            &format!("起案しました（施行日 {effective}）。別の人が決裁してください："),
            &format!("Proposed for {effective}. Another person decides on it:"),
        );
        println!("{id}");
    } else if let Some(id) = args.approve.as_deref().or(args.refuse.as_deref()) {
        decide(&ledger, id, args.approve.is_some(), lang).await?;
    } else if let Some(id) = &args.withdraw {
        let id: Id = id.parse().map_err(failed)?;
        let mut op = ledger.operation(operator(), clock::now()).await.map_err(failed)?;
        let permit = office(&op, None, Office::Packs, "withdraw", "pack", id).map_err(failed)?;
        packs::withdraw(&mut op, permit, id).await.map_err(failed)?;
        op.commit().await.map_err(failed)?;
        say(lang, "取り下げました。", "Withdrawn.");
    } else {
        list(&ledger, lang).await?;
    }
    Ok(())
}

fn say(lang: Lang, ja: &str, en: &str) {
    println!("{}", lang.pick(ja, en));
}

async fn decide(ledger: &Ledger, id: &str, adopt: bool, lang: Lang) -> Result<(), Failure> {
    let failed = |error: ledger::Error| Failure::of(&error, lang);
    let id: Id = id.parse().map_err(failed)?;
    let mut op = ledger.operation(operator(), clock::now()).await.map_err(failed)?;
    let permit = office(&op, None, Office::Approval, if adopt { "adopt" } else { "refuse" }, "pack", id);
    packs::decide(&mut op, permit.map_err(failed)?, id, adopt).await.map_err(failed)?;
    let version = packs::get(&mut op, id).await.map_err(failed)?;
    op.commit().await.map_err(failed)?;
    let (version, day) = (&version.version, version.effective);
    if adopt {
        say(
            lang,
            &format!("版「{version}」を決裁しました。施行日 {day} に、稼働中のサーバーが切り替えます。"),
            &format!("Version '{version}' is adopted. The running server switches to it on {day}."),
        );
    } else {
        say(lang, &format!("版「{version}」を不承認としました。"), &format!("Version '{version}' is refused."));
    }
    Ok(())
}

async fn list(ledger: &Ledger, lang: Lang) -> Result<(), Failure> {
    let failed = |error: ledger::Error| Failure::of(&error, lang);
    let mut reading = ledger.reading(operator(), clock::now()).await.map_err(failed)?;
    for version in packs::versions(&mut reading).await.map_err(failed)? {
        let state = match version.state.as_str() {
            "proposed" => lang.pick("決裁待ち", "proposed"),
            "adopted" => lang.pick("施行待ち", "adopted"),
            "in_force" => lang.pick("施行", "in force"),
            "refused" => lang.pick("不承認", "refused"),
            _ => lang.pick("取下げ", "withdrawn"),
        };
        println!("{}  {}  {}  {state}  {}", version.id, version.effective, version.version, version.note);
    }
    Ok(())
}

/// The help in Japanese.
pub(super) fn in_japanese(command: clap::Command) -> clap::Command {
    municipality::in_japanese(command)
        .about("規程データを起案し、又は起案を決裁する（二人で行い、施行日に切り替わる）")
        .mut_arg("dir", |arg| arg.help("起案する規程データのフォルダー"))
        .mut_arg("approve", |arg| arg.help("この起案を決裁する（起案した人と別のログインで）"))
        .mut_arg("refuse", |arg| arg.help("この起案を不承認とする"))
        .mut_arg("withdraw", |arg| arg.help("施行前の版を取り下げる"))
        .mut_arg("list", |arg| arg.help("すべての版を示す"))
        .mut_arg("effective", |arg| arg.help("施行日（指定がなければ今日）"))
        .mut_arg("note", |arg| arg.help("改正の内容と理由（1行）"))
        .after_help("例: sekimori pack adopt packs/mycity --data /var/lib/sekimori --effective 2027-04-01 --note '年次見直し'\n    sekimori pack adopt --approve 019d… --data /var/lib/sekimori （別のログインで）\n\n施行日に、稼働中のサーバーが新しい版に切り替え、記録を読み替えます。")
}
