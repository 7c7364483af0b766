//! `sekimori import`: a table into a register, or a file of a data source into facts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use exchange::{Attachments, Became, Import, Intake, Report, sha256};
use ledger::facts::Delivery;
use ledger::people::{Standing, accounts};
use ledger::records::{Passage, note_passage};
use ledger::{Actor, Day, Ledger, Operation};
use pack::Pack;
use tables::Table;

use crate::lang::Lang;
use crate::municipality::{self, Failure, Municipality, operator};
use crate::{adoption, clock};

/// Flags of `import`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: sekimori import assets assets.xlsx --data city --dry-run\n\n\
REGISTER is a register (assets) or a data source (antimalware). Rows find their record by its number; rows without one are\n\
new. Everything is taken in, or, when one cell has an error, nothing.")]
pub(crate) struct Args {
    /// The register, or the data source.
    register: String,
    /// The table: xlsx, or CSV in UTF-8 or CP932.
    file: PathBuf,
    /// Only say what would happen.
    #[arg(long)]
    dry_run: bool,
    /// Act as this person, by login; without it, as administration.
    #[arg(long, value_name = "LOGIN")]
    person: Option<String>,
    /// The day that a data source's rows speak of; today without it.
    #[arg(long, value_name = "DATE", value_parser = municipality::day)]
    as_of: Option<Day>,
    /// Folder with the files that cells name.
    #[arg(long, value_name = "DIR")]
    files: Option<PathBuf>,
    #[command(flatten)]
    municipality: Municipality,
}

/// Imports, and prints what became of every row; ends with 1 when something was refused.
pub(crate) fn run(args: &Args, lang: Lang) -> ExitCode {
    municipality::run(import(args, lang))
}

async fn import(args: &Args, lang: Lang) -> Result<ExitCode, Failure> {
    let failed = |error: ledger::Error| Failure::of(&error, lang);
    let ledger = args.municipality.open(lang).await?;
    let pack = adoption::in_force(&ledger, clock::now(), lang).await?;
    let bytes = fs::read(&args.file).map_err(|error| unreadable(&args.file, &error, lang))?;
    let table = table(&bytes, lang)?;
    let (mut op, standing) = acting(&ledger, &pack, args.person.as_deref(), lang).await?;
    let report = if let Some(source) = pack.source(&args.register) {
        let file_name = args.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let as_of = args.as_of.unwrap_or(op.today());
        let delivery = Delivery { file_name, sha256: sha256(&bytes), as_of };
        exchange::import_source(&mut op, &pack, standing.as_ref(), source, delivery, &table).await.map_err(failed)?
    } else {
        let register = register(&pack, &args.register, lang)?;
        let attachments = Folder(args.files.as_deref());
        let import = Import { pack: &pack, standing: standing.as_ref(), register, attachments: &attachments };
        let report = exchange::import(&mut op, &import, &table).await.map_err(failed)?;
        let rows = report.lines.len();
        note_passage(&mut op, register, &Passage { act: "import", sha256: sha256(&bytes), rows });
        report
    };
    let done = report.accepted() && !args.dry_run;
    if done {
        op.commit().await.map_err(failed)?;
    }
    print(&report, &args.file, done, lang);
    Ok(if report.accepted() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Files beside a table, by their plain names.
struct Folder<'a>(Option<&'a Path>);

impl Attachments for Folder<'_> {
    fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        let plain = !name.contains(['/', '\\']) && !matches!(name, "" | "." | "..");
        fs::read(self.0.filter(|_| plain)?.join(name)).ok()
    }
}

/// Reads a table in a worker.
pub(super) fn table(bytes: &[u8], lang: Lang) -> Result<Table, Failure> {
    let intake = Intake::of_this_binary().map_err(|error| Failure::from(error.to_string()))?;
    intake.read(bytes).map_err(|problem| {
        let place = problem.at.map(|at| format!("{at}: ")).unwrap_or_default();
        Failure::from(format!("{place}{}", lang.pick(&problem.ja, &problem.en)))
    })
}

/// The register of this id, or a sentence that lists registers and data sources.
pub(super) fn register<'a>(pack: &'a Pack, id: &str, lang: Lang) -> Result<&'a pack::model::Register, Failure> {
    pack.register(id).ok_or_else(|| {
        let registers: Vec<&str> = pack.registers.iter().map(|register| register.id.as_str()).collect();
        let sources: Vec<&str> = pack.sources.iter().map(|source| source.id.as_str()).collect();
        let (id, registers, sources) = (id.escape_debug(), registers.join(", "), sources.join(", "));
        Failure::from(match lang {
            Lang::Ja => format!(
                "「{id}」という台帳やデータ源はありません。\n台帳：{registers}\nデータ源（取込みのみ）：{sources}"
            ),
            Lang::En => format!(
                "There is no register or data source '{id}'.\nRegisters: {registers}\nData sources (import only): {sources}"
            ),
        })
    })
}

/// An operation as the person of a login, or as administration.
pub(super) async fn acting(
    ledger: &Ledger,
    pack: &Pack,
    login: Option<&str>,
    lang: Lang,
) -> Result<(Operation, Option<Standing>), Failure> {
    let failed = |error: ledger::Error| Failure::of(&error, lang);
    let mut op = ledger.operation(operator(), clock::now()).await.map_err(failed)?;
    let Some(login) = login else { return Ok((op, None)) };
    let account = accounts::by_login(&mut op, login).await.map_err(failed)?;
    let Some(account) = account else {
        let login = login.escape_debug();
        return Err(Failure::from(match lang {
            Lang::Ja => format!("「{login}」というログイン名はありません。登録済みのログイン名を指定してください。"),
            Lang::En => format!("There is no login '{login}'. Give one that is registered."),
        }));
    };
    drop(op);
    let mut op = ledger.operation(Actor::Person(account.person), clock::now()).await.map_err(failed)?;
    let standing = Standing::of(&mut op, pack, account.person).await.map_err(failed)?;
    Ok((op, Some(standing)))
}

/// A file that cannot be read or written.
pub(super) fn unreadable(path: &Path, error: &std::io::Error, lang: Lang) -> Failure {
    let name = path.display();
    Failure::from(match lang {
        Lang::Ja => format!("「{name}」を読み書きできません：{error}。場所と権限を確かめてください。"),
        Lang::En => format!("'{name}' cannot be read or written: {error}. Check the place and your rights to it."),
    })
}

/// Prints errors at their cells, and how many rows became what.
pub(super) fn print(report: &Report, file: &Path, done: bool, lang: Lang) {
    let name = file.display();
    for refusal in &report.refusals {
        let heading = if refusal.heading.is_empty() { String::new() } else { format!(" [{}]", refusal.heading) };
        eprintln!("{name}:{}{heading}: {}", refusal.at, refusal.message.pick(lang == Lang::En));
    }
    let count = |became| report.count(became);
    let (new, changed) = (count(Became::New), count(Became::Changed));
    let (unchanged, refused) = (count(Became::Unchanged), count(Became::Refused));
    match lang {
        Lang::Ja => println!("新規 {new} 件、変更 {changed} 件、変更なし {unchanged} 件、誤り {refused} 件"),
        Lang::En => println!("{new} new, {changed} changed, {unchanged} unchanged, {refused} with errors"),
    }
    let (ja, en) = match (done, report.accepted()) {
        (true, _) => ("取り込みました。", "Imported."),
        (false, true) => ("試行のため、何も書き込んでいません。", "Nothing was written: this was a dry run."),
        (false, false) => (
            "誤りがあるため、何も書き込んでいません。セルを直してもう一度取り込んでください。",
            "Nothing was written: correct the cells and import again.",
        ),
    };
    println!("{}", lang.pick(ja, en));
}

/// The help in Japanese.
pub(crate) fn in_japanese(command: clap::Command) -> clap::Command {
    municipality::in_japanese(command)
        .about("表（xlsx、CSV）を台帳やデータ源に取り込む")
        .mut_arg("register", |arg| arg.help("台帳（assets など）か、データ源（antimalware など）"))
        .mut_arg("file", |arg| arg.help("表のファイル（xlsx、UTF-8 か CP932 の CSV）"))
        .mut_arg("dry_run", |arg| arg.help("何が起こるかを示すだけで、書き込まない"))
        .mut_arg("person", |arg| arg.help("この職員として取り込む（ログイン名。指定がなければ管理作業）"))
        .mut_arg("as_of", |arg| arg.help("データ源の内容の日付（指定がなければ今日）"))
        .mut_arg("files", |arg| arg.help("セルに名前のあるファイルを置いたフォルダー"))
        .after_help(
            "例: sekimori import assets assets.xlsx --data city --dry-run\n\n\
             番号のある行はその記録を直し、番号のない行は新しい記録になります。セルに一つでも誤りがあれば、何も書き込みません。",
        )
}
