//! `sekimori token create`: a token of the API, alone on the last line.

use std::process::ExitCode;

use clap::Subcommand;
use ledger::people::{accounts, tokens};
use ledger::permission::{Office, office};

use crate::clock;
use crate::lang::Lang;
use crate::municipality::{self, Failure, Municipality, operator};

/// Flags of `token`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make a token that acts for a person.
    #[command(after_help = "Example: sekimori token create --data city --person admin")]
    Create(CreateArgs),
}

#[derive(Debug, clap::Args)]
struct CreateArgs {
    #[command(flatten)]
    municipality: Municipality,
    /// The login of the person for whom it acts.
    #[arg(long, value_name = "LOGIN")]
    person: String,
    /// What it may do; without one, whatever the person may. May be given several times.
    #[arg(long, value_name = "SCOPE")]
    scope: Vec<String>,
}

/// Runs the subcommand.
pub(crate) fn run(args: &Args, lang: Lang) -> ExitCode {
    let What::Create(args) = &args.what;
    municipality::run(async {
        let failed = |error: ledger::Error| Failure::of(&error, lang);
        let ledger = args.municipality.open(lang).await?;
        let mut op = ledger.operation(operator(), clock::now()).await.map_err(failed)?;
        let Some(account) = accounts::by_login(&mut op, &args.person).await.map_err(failed)? else {
            let all = accounts::all(&mut op).await.map_err(failed)?;
            let known: Vec<&str> = all.iter().take(20).map(|account| account.login.as_str()).collect();
            let (person, known) = (args.person.escape_debug(), known.join(", "));
            return Err(Failure::from(match lang {
                Lang::Ja => {
                    format!("「{person}」というログイン名はありません。登録されているのは次のとおりです：{known}")
                }
                Lang::En => format!("There is no login '{person}'. There are: {known}."),
            }));
        };
        let permit = office(&op, None, Office::Accounts, "create", "token", account.id).map_err(failed)?;
        let token =
            tokens::create(&mut op, permit, account.id, "command line", &args.scope, None).await.map_err(failed)?;
        op.commit().await.map_err(failed)?;
        println!("{token}");
        Ok(ExitCode::SUCCESS)
    })
}

/// The help in Japanese.
pub(crate) fn in_japanese(command: clap::Command) -> clap::Command {
    command.about("APIのトークンを作る").mut_subcommand("create", |c| {
        municipality::in_japanese(c)
            .about("職員として働くトークンを作る（最後の行にトークンだけを出力する）")
            .mut_arg("person", |arg| arg.help("職員のログイン名"))
            .mut_arg("scope", |arg| arg.help("できること（指定しなければその職員ができることすべて。繰り返し可）"))
            .after_help("例: sekimori token create --data city --person admin")
    })
}
