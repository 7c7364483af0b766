//! `sekimori demo`: opens the made-up city in a browser.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use ledger::{Day, Ledger, Location, Moment, SystemEntropy};

use crate::adoption::Following;
use crate::clock;
use crate::demo::{self, CARD, Card, Size};
use crate::lang::Lang;
use crate::municipality::{self, Failure, STORE};
use crate::server::{self, Serving};

/// Flags of `demo`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: sekimori demo --data demo-data --assets 5000")]
pub(crate) struct Args {
    /// Folder for the city; one that exists is opened as it is.
    #[arg(long, value_name = "DIR", default_value = "sekimori-data")]
    data: PathBuf,
    /// Where to listen.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// How many people (about); only when the city is made.
    #[arg(long, value_name = "N")]
    people: Option<usize>,
    /// How many assets (about); only when the city is made.
    #[arg(long, value_name = "N")]
    assets: Option<usize>,
    /// How many incidents; only when the city is made.
    #[arg(long, value_name = "N")]
    incidents: Option<usize>,
    /// The day on which the city stands; only when it is made.
    #[arg(long, value_name = "DATE", value_parser = municipality::day)]
    as_of: Option<Day>,
    /// Make the city anew, throwing away the one in the folder.
    #[arg(long)]
    reset: bool,
}

/// Makes or opens the city and serves it until it is stopped.
pub(crate) fn run(args: &Args, lang: Lang) -> ExitCode {
    municipality::exit(server::block_on(open(args, lang)))
}

async fn open(args: &Args, lang: Lang) -> Result<(), Failure> {
    let card = match read_card(&args.data, lang)? {
        Some(card) if !args.reset => card,
        Some(_) => {
            std::fs::remove_dir_all(&args.data).map_err(|error| at(&args.data, &error))?;
            make(args, lang).await?
        }
        None => make(args, lang).await?,
    };
    let location = Location::File(args.data.join(STORE));
    let ledger = Ledger::open(&location, Arc::new(SystemEntropy)).await.map_err(|error| Failure::of(&error, lang))?;
    let shift = card.shift_ms;
    let clock: console::Clock = Arc::new(move || clock::now().0.saturating_add(shift));
    let outbox = Some(args.data.join("outbox"));
    let serving = Serving { listen: args.listen, behind_tls: false, url: None, outbox };
    let in_force = Following::start(&ledger, Moment(clock()), lang).await?;
    server::run(ledger, in_force, &serving, clock, lang, |address| print(&card, address, lang)).await
}

/// The card of a folder that holds a demo; none for one that is empty or not there.
fn read_card(dir: &Path, lang: Lang) -> Result<Option<Card>, Failure> {
    let file = dir.join(CARD);
    match std::fs::read_to_string(&file) {
        Ok(text) => serde_json::from_str(&text).map(Some).map_err(|error| at(&file, &error)),
        Err(_) if dir.read_dir().is_ok_and(|mut entries| entries.next().is_some()) => Err(Failure::from(match lang {
            Lang::Ja => format!(
                "「{}」は空ではなく、デモのフォルダーでもありません。別のフォルダーを --data で指定してください",
                dir.display()
            ),
            Lang::En => format!("'{}' is not empty and holds no demo; name another folder with --data", dir.display()),
        })),
        Err(_) => Ok(None),
    }
}

/// A failure at a file or folder.
fn at(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::from(format!("{}: {error}", path.display()))
}

async fn make(args: &Args, lang: Lang) -> Result<Card, Failure> {
    let now = clock::now();
    let today = now.day();
    let as_of = args.as_of.unwrap_or(today);
    eprintln!("{}", lang.pick("関守市（架空）を作っています…", "making the city of Sekimori (made up) …"));
    std::fs::create_dir_all(&args.data).map_err(|error| at(&args.data, &error))?;
    let size = Size { people: args.people, assets: args.assets, incidents: args.incidents };
    let accounts = demo::build(&args.data, as_of, size, lang).await?;
    let shift_ms = (i64::from(as_of.number()) - i64::from(today.number())) * 86_400_000;
    let card = Card { as_of: as_of.to_string(), shift_ms, accounts };
    let text = serde_json::to_string_pretty(&card).map_err(|error| at(&args.data, &error))?;
    std::fs::write(args.data.join(CARD), text).map_err(|error| at(&args.data, &error))?;
    Ok(card)
}

fn print(card: &Card, address: &str, lang: Lang) {
    println!("{address}");
    println!("{}", lang.pick("アカウント（すべて架空の人物です）:", "accounts (all people are made up):"));
    for account in &card.accounts {
        let totp = account.totp.as_deref().map(|secret| format!("  TOTP {secret}")).unwrap_or_default();
        println!("  {:<10} {}{totp}  {}", account.login, account.password, account.who);
    }
}

/// The help in Japanese.
pub(crate) fn in_japanese(command: clap::Command) -> clap::Command {
    command
        .about("架空の関守市を作り、ブラウザーで開く")
        .mut_arg("data", |arg| arg.help("市のデータを置くフォルダー（すでにあれば、そのまま開きます）"))
        .mut_arg("listen", |arg| arg.help("待ち受けるアドレス"))
        .mut_arg("people", |arg| arg.help("おおよその人数（作るときだけ）"))
        .mut_arg("assets", |arg| arg.help("おおよその情報資産の数（作るときだけ）"))
        .mut_arg("incidents", |arg| arg.help("事故の数（作るときだけ）"))
        .mut_arg("as_of", |arg| arg.help("市の「今日」とする日（作るときだけ）"))
        .mut_arg("reset", |arg| arg.help("フォルダーの市を捨てて作り直す"))
        .after_help("例: sekimori demo --data demo-data --assets 5000")
}
