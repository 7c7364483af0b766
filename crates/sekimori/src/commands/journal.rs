//! `sekimori journal verify|checkpoint|export`.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use exchange::evidence;
use ledger::journal::{Checkpoint, Export, SignerKey, Verdict, VerifierKey, root, verify, verify_export};
use ledger::permission::{Office, office};
use ledger::{Entropy as _, SystemEntropy};

use crate::clock;
use crate::lang::Lang;
use crate::municipality::{self, Failure, Municipality, operator};

/// Largest zip of evidence that is read, in bytes.
const EVIDENCE_MAX: u64 = 1 << 30;

/// Flags of `journal`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Check that no entry and no row was changed; ends with 3 and names the entries when something does not agree.
    #[command(after_help = "Example: sekimori journal verify --data city --checkpoint monday.txt --key journal.pub")]
    Verify(VerifyArgs),
    /// Sign how many entries there are and their root. Keep the file and the key outside the server.
    #[command(after_help = "Example: sekimori journal checkpoint --data city --key journal.key --out monday.txt")]
    Checkpoint(CheckpointArgs),
    /// Write all entries to a file that verifies without the server.
    #[command(after_help = "Example: sekimori journal export --data city journal.txt")]
    Export(ExportArgs),
}

#[derive(Debug, clap::Args)]
struct VerifyArgs {
    #[command(flatten)]
    municipality: Municipality,
    /// A checkpoint that was signed before.
    #[arg(long, value_name = "FILE", requires = "key")]
    checkpoint: Option<PathBuf>,
    /// The public key that it was signed for (KEY.pub).
    #[arg(long, value_name = "PUB", requires = "checkpoint")]
    key: Option<PathBuf>,
    /// Check an exported file, or the zip of evidence that the console gave, instead of the data.
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct CheckpointArgs {
    #[command(flatten)]
    municipality: Municipality,
    /// The signing key; made, with its public half in KEY.pub, when the file is not there.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Where to write the checkpoint.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Debug, clap::Args)]
struct ExportArgs {
    #[command(flatten)]
    municipality: Municipality,
    /// Where to write.
    file: PathBuf,
}

/// Runs the subcommand.
pub(crate) fn run(args: &Args, lang: Lang) -> ExitCode {
    municipality::run(async {
        match &args.what {
            What::Verify(args) => run_verify(args, lang).await,
            What::Checkpoint(args) => run_checkpoint(args, lang).await,
            What::Export(args) => run_export(args, lang).await,
        }
    })
}

fn file_failure(path: &Path, error: &std::io::Error, lang: Lang) -> Failure {
    let name = path.display();
    match lang {
        Lang::Ja => format!("「{name}」を読み書きできません：{error}。場所と権限を確かめてください。"),
        Lang::En => format!("'{name}' cannot be read or written: {error}. Check the place and your rights to it."),
    }
    .into()
}

fn read_text(path: &Path, lang: Lang) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| file_failure(path, &error, lang))
}

fn read_checkpoint(args: &VerifyArgs, lang: Lang) -> Result<Option<Checkpoint>, Failure> {
    let (Some(checkpoint), Some(key)) = (&args.checkpoint, &args.key) else { return Ok(None) };
    let key = VerifierKey::from_text(&read_text(key, lang)?).map_err(|error| Failure::of(&error, lang))?;
    let opened = key.open(&read_text(checkpoint, lang)?).map_err(|error| Failure::of(&error, lang))?;
    Ok(Some(opened))
}

async fn run_verify(args: &VerifyArgs, lang: Lang) -> Result<ExitCode, Failure> {
    let checkpoint = read_checkpoint(args, lang)?;
    let covered = checkpoint.is_some();
    let failed = |error: ledger::Error| Failure::of(&error, lang);
    let verdict = if let Some(file) = &args.export {
        if begins_as_evidence(file, lang)? {
            return verify_evidence(file, checkpoint, lang);
        }
        let input = File::open(file).map_err(|error| file_failure(file, &error, lang))?;
        verify_export(BufReader::new(input), checkpoint).map_err(failed)?
    } else {
        let ledger = args.municipality.open(lang).await?;
        let mut reading = ledger.reading(operator(), clock::now()).await.map_err(failed)?;
        verify(&mut reading, checkpoint).await.map_err(failed)?
    };
    print_verdict(&verdict, covered, lang);
    Ok(if verdict.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

fn begins_as_evidence(path: &Path, lang: Lang) -> Result<bool, Failure> {
    let file = File::open(path).map_err(|error| file_failure(path, &error, lang))?;
    let mut first = Vec::new();
    file.take(4).read_to_end(&mut first).map_err(|error| file_failure(path, &error, lang))?;
    Ok(evidence::is_evidence(&first))
}

/// Verifies a zip of evidence; every file that does not agree is named.
fn verify_evidence(path: &Path, checkpoint: Option<Checkpoint>, lang: Lang) -> Result<ExitCode, Failure> {
    let covered = checkpoint.is_some();
    let size = fs::metadata(path).map_err(|error| file_failure(path, &error, lang))?.len();
    if size > EVIDENCE_MAX {
        let says = lang
            .pick("1GBを超えるファイルは、証跡として読めません。", "A file over 1 GB is no evidence that can be read.");
        return Err(says.to_owned().into());
    }
    let bytes = fs::read(path).map_err(|error| file_failure(path, &error, lang))?;
    let checked = evidence::verify(&bytes, checkpoint).map_err(|error| Failure::of(&error, lang))?;
    for (name, wrong) in &checked.problems {
        let (ja, en) = wrong.says();
        println!("{name}: {}", lang.pick(ja, en));
    }
    let (files, wrong, withheld) = (checked.files, checked.problems.len(), checked.journal.withheld);
    let sum = ledger::journal::entry::hex(&exchange::sha256(&bytes));
    match lang {
        Lang::Ja => {
            println!("zipのSHA-256: {sum}（市の操作記録の「証跡」「書出し」に残る値と比べてください）");
            println!("ファイル {files} 個を SHA-256 と照合しました。不一致 {wrong} 件。");
            println!("抜粋のためハッシュだけの操作記録: {withheld} 件");
        }
        Lang::En => {
            println!("SHA-256 of the zip: {sum} (compare it with what the journal of the city says of this evidence)");
            println!("{files} files compared with their SHA-256; {wrong} do not agree.");
            println!("Entries of which the extract has the hash alone: {withheld}");
        }
    }
    print_verdict(&checked.journal, covered, lang);
    let agrees = checked.problems.is_empty() && checked.journal.problems.is_empty();
    Ok(if agrees { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

/// Prints what a verification found.
pub(super) fn print_verdict(verdict: &Verdict, covered: bool, lang: Lang) {
    for problem in &verdict.problems {
        let (ja, en) = problem.fault.says();
        let row = problem.row.as_ref().map(|(table, key)| format!(" [{table} {key}]")).unwrap_or_default();
        println!("seq {}: {}{row}", problem.seq, lang.pick(ja, en));
    }
    let (entries, rows, problems, open) = (verdict.entries, verdict.rows, verdict.problems.len(), verdict.uncovered);
    match lang {
        Lang::Ja => {
            println!("操作記録 {entries} 件、行 {rows} 件を照合しました。不一致 {problems} 件。");
            println!("確認印に含まれない操作記録: {open} 件{}", if covered { "" } else { "（確認印指定なし）" });
        }
        Lang::En => {
            println!("{entries} entries and {rows} rows compared; {problems} do not agree.");
            println!(
                "Entries that no checkpoint covers: {open}{}",
                if covered { "" } else { " (no checkpoint given)" }
            );
        }
    }
}

async fn run_checkpoint(args: &CheckpointArgs, lang: Lang) -> Result<ExitCode, Failure> {
    let failed = |error: ledger::Error| Failure::of(&error, lang);
    let ledger = args.municipality.open(lang).await?;
    let key = signing_key(&args.key, lang)?;
    let mut reading = ledger.reading(operator(), clock::now()).await.map_err(failed)?;
    let (size, hash) = root(&mut reading).await.map_err(failed)?;
    fs::write(&args.out, key.sign(size, &hash)).map_err(|error| file_failure(&args.out, &error, lang))?;
    match lang {
        Lang::Ja => println!(
            "操作記録 {size} 件に署名し「{}」に書きました。鍵とともにサーバーの外で保管してください。",
            args.out.display()
        ),
        Lang::En => {
            println!("Signed {size} entries into '{}'. Keep it and the key outside the server.", args.out.display())
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads the signing key, or makes it with its public half beside it.
fn signing_key(path: &Path, lang: Lang) -> Result<SignerKey, Failure> {
    let failed = |error: ledger::Error| Failure::of(&error, lang);
    if path.exists() {
        return SignerKey::from_text(&read_text(path, lang)?).map_err(failed);
    }
    let mut seed = [0; 32];
    SystemEntropy.fill(&mut seed).map_err(failed)?;
    let key = SignerKey::new("sekimori-journal", seed);
    let mut public = path.as_os_str().to_owned();
    public.push(".pub");
    let public = PathBuf::from(public);
    write_secret(path, &format!("{}\n", key.to_text())).map_err(|error| file_failure(path, &error, lang))?;
    fs::write(&public, format!("{}\n", key.public_text())).map_err(|error| file_failure(&public, &error, lang))?;
    match lang {
        Lang::Ja => println!("署名鍵「{}」と公開鍵「{}」を作りました。", path.display(), public.display()),
        Lang::En => println!("Made the signing key '{}' and its public half '{}'.", path.display(), public.display()),
    }
    Ok(key)
}

/// Writes a file that only its owner reads.
fn write_secret(path: &Path, text: &str) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

/// Writes the file, then notes it in the journal, then gives the file its name: nothing leaves without its entry.
async fn run_export(args: &ExportArgs, lang: Lang) -> Result<ExitCode, Failure> {
    let failed = |error: ledger::Error| Failure::of(&error, lang);
    let ledger = args.municipality.open(lang).await?;
    let mut reading = ledger.reading(operator(), clock::now()).await.map_err(failed)?;
    let part = municipality::part_of(&args.file);
    let file = File::create(&part).map_err(|error| file_failure(&args.file, &error, lang))?;
    let mut out = BufWriter::new(file);
    let export = Export::write(&mut reading, &mut out).await.map_err(failed)?;
    out.get_ref().sync_all().map_err(|error| file_failure(&args.file, &error, lang))?;
    reading.end().await.map_err(failed)?;
    let mut op = ledger.operation(operator(), clock::now()).await.map_err(failed)?;
    let permit = office(&op, None, Office::Journal, "export", "journal", "").map_err(failed)?;
    export.note(&mut op, permit);
    op.commit().await.map_err(failed)?;
    fs::rename(&part, &args.file).map_err(|error| file_failure(&args.file, &error, lang))?;
    match lang {
        Lang::Ja => println!("操作記録 {} 件を「{}」に書き出しました。", export.entries, args.file.display()),
        Lang::En => println!("Wrote {} entries to '{}'.", export.entries, args.file.display()),
    }
    Ok(ExitCode::SUCCESS)
}

/// The help in Japanese.
pub(crate) fn in_japanese(command: clap::Command) -> clap::Command {
    command
        .about("操作記録を検証し、署名し、書き出す")
        .mut_subcommand("verify", |c| {
            municipality::in_japanese(c)
                .about(
                    "操作記録と行が書き換えられていないことを確かめる（不一致があれば終了コード3で、記録の番号を示す）",
                )
                .mut_arg("checkpoint", |arg| arg.help("以前に署名した確認印"))
                .mut_arg("key", |arg| arg.help("その署名の公開鍵（KEY.pub）"))
                .mut_arg("export", |arg| arg.help("データの代わりに、書き出したファイルか、証跡のzipを検証する"))
                .after_help("例: sekimori journal verify --data city --checkpoint monday.txt --key journal.pub")
        })
        .mut_subcommand("checkpoint", |c| {
            municipality::in_japanese(c)
                .about("操作記録の件数とルートハッシュに署名する（ファイルと鍵はサーバーの外で保管する）")
                .mut_arg("key", |arg| arg.help("署名鍵（なければ作り、公開鍵を KEY.pub に書く）"))
                .mut_arg("out", |arg| arg.help("確認印を書くファイル"))
                .after_help("例: sekimori journal checkpoint --data city --key journal.key --out monday.txt")
        })
        .mut_subcommand("export", |c| {
            municipality::in_japanese(c)
                .about("サーバーなしで検証できるファイルに操作記録を書き出す")
                .mut_arg("file", |arg| arg.help("書き出すファイル"))
                .after_help("例: sekimori journal export --data city journal.txt")
        })
}
