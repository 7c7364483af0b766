//! The first start on an empty store: the policy of the configuration, and one account that can set up the rest.
//!
//! Two people decide on every later version of the policy; at the first start there are none yet, so the first version is
//! proposed by whoever runs the command and decided by `machine:first-start`, and the journal says exactly that.

use std::path::Path;

use ledger::people::{AFFILIATION, accounts, persons, posts, units};
use ledger::permission::{ADMINISTRATOR, Office, SECRETARIAT, office};
use ledger::{Actor, Id, Ledger, Moment, Operation, packs};
use pack::{Pack, Severity};

use crate::commands::pack_folder;
use crate::lang::Lang;
use crate::municipality::{Failure, operator};

/// The account made at the first start.
const LOGIN: &str = "admin";

/// Puts the configured policy in force when the store has none.
pub(crate) async fn policy(ledger: &Ledger, folder: Option<&Path>, at: Moment, lang: Lang) -> Result<(), Failure> {
    let failed = |error: ledger::Error| Failure::of(&error, lang);
    let mut reading = ledger.reading(operator(), at).await.map_err(failed)?;
    if !packs::versions(&mut reading).await.map_err(failed)?.is_empty() {
        return Ok(());
    }
    reading.end().await.map_err(failed)?;
    let Some(folder) = folder else {
        return Err(Failure::from(
            lang.pick(
                "規程データがまだありません。設定ファイルに pack = \"フォルダー\" を書くか、sekimori pack adopt で起案してください。",
                "There is no policy yet. Write pack = \"FOLDER\" in the configuration, or propose one with sekimori pack adopt.",
            )
            .to_owned(),
        ));
    };
    let (source, checked) = pack_folder::check(folder, lang).map_err(Failure::from)?;
    let errors = checked.count(Severity::Error);
    if errors > 0 {
        let dir = folder.display();
        return Err(Failure::from(match lang {
            Lang::Ja => format!("「{dir}」に誤りが{errors}件あります。sekimori pack check {dir} で確かめてください"),
            Lang::En => format!("'{dir}' has {errors} errors; see sekimori pack check {dir}"),
        }));
    }
    let mut op = ledger.operation(operator(), at).await.map_err(failed)?;
    let permit = office(&op, None, Office::Packs, "propose", "pack", "").map_err(failed)?;
    let note = lang.pick("最初の版", "The first version").to_owned();
    let proposal = packs::Proposal { source: packs::to_bytes(source.files()), note, effective: at.day() };
    let id = packs::propose(&mut op, permit, proposal).await.map_err(failed)?;
    op.commit().await.map_err(failed)?;
    let mut op = ledger.operation(Actor::Machine("first-start"), at).await.map_err(failed)?;
    let permit = office(&op, None, Office::Approval, "adopt", "pack", id).map_err(failed)?;
    packs::decide(&mut op, permit, id, true).await.map_err(failed)?;
    op.commit().await.map_err(failed)?;
    Ok(())
}

/// The path of a one-time set-up link, when nobody can sign in yet: a new one at every start until it has been used.
pub(crate) async fn link(ledger: &Ledger, pack: &Pack, at: Moment, lang: Lang) -> Result<Option<String>, Failure> {
    invitation(ledger, pack, at).await.map_err(|error| Failure::of(&error, lang))
}

async fn invitation(ledger: &Ledger, pack: &Pack, at: Moment) -> ledger::Result<Option<String>> {
    let mut op = ledger.operation(operator(), at).await?;
    let all = accounts::all(&mut op).await?;
    for account in &all {
        let credentials = accounts::credentials(&mut op, account.id).await?;
        if account.login != LOGIN || credentials.iter().any(|credential| credential.kind != "setup") {
            return Ok(None);
        }
    }
    let account = match all.first() {
        Some(account) => account.id,
        None => first_account(&mut op, pack).await?,
    };
    let invitation = console::invite(&mut op, None, account).await?;
    op.commit().await?;
    Ok(Some(invitation.path))
}

/// The city's own unit, a person for the set-up who administers the product there, and the account.
async fn first_account(op: &mut Operation, pack: &Pack) -> ledger::Result<Id> {
    let today = op.today();
    let people = |op: &Operation, kind: &str| office(op, None, Office::People, "first-start", kind, "");
    let unit = match units::on(op, today).await?.into_iter().find(|unit| unit.parent.is_none()) {
        Some(unit) => unit.id,
        None => {
            let permit = people(op, "unit")?;
            let new = units::NewUnit {
                code: "0".to_owned(),
                name: pack.municipality.name.ja.clone(),
                body: pack.bodies.first().map(|body| body.id.clone()).unwrap_or_default(),
                level: "body".to_owned(),
                parent: None,
                position: 0,
                from: today,
            };
            units::add(op, permit, new).await?
        }
    };
    let category = pack.staff_categories.iter().find(|category| category.in_scope && !category.external);
    let permit = people(op, "person")?;
    let data = persons::PersonData {
        code: "first-start".to_owned(),
        name: "初期設定担当".to_owned(),
        name_shown: None,
        kana: "ショキセッテイタントウ".to_owned(),
        mail: String::new(),
        category: category.map(|category| category.id.clone()).unwrap_or_default(),
        from: today,
        to: None,
    };
    let person = persons::add(op, permit, data).await?;
    let role = if pack.role(ADMINISTRATOR).is_some() { ADMINISTRATOR } else { SECRETARIAT };
    for role in [AFFILIATION, role] {
        let permit = people(op, "post")?;
        let post = posts::NewPost {
            person,
            role: role.to_owned(),
            unit,
            main: role == AFFILIATION,
            acting: false,
            from: today,
            to: None,
        };
        posts::give(op, permit, post).await?;
    }
    let permit = office(op, None, Office::Accounts, "first-start", "account", "")?;
    accounts::add(op, permit, person, LOGIN).await
}
