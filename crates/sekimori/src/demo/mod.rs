//! `sekimori demo`: the made-up city 関守市（架空） on the embedded store, the same in every run.

mod april;
mod audit;
mod audit_plan;
mod cases;
mod chance;
mod city;
mod contracts;
mod equipment;
mod facts;
mod files;
mod made_up;
mod network;
mod outsourcing;
mod people;
mod policy;
mod reports;
mod risks;
mod roles;
mod story;
mod training;
mod units;

use std::path::Path;
use std::sync::Arc;

use ledger::permission::{Office, office};
use ledger::{Actor, Day, Ledger, SeededEntropy, packs};
use serde::{Deserialize, Serialize};

use self::city::City;
pub(crate) use self::roles::Account;
use crate::lang::Lang;
use crate::municipality::{Failure, STORE};

/// Chance for ids and salts of the demo; the city is the same in every run.
const SEED: u64 = 20_261_122;

/// How large the city is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Size {
    pub(crate) people: Option<usize>,
    pub(crate) assets: Option<usize>,
    pub(crate) incidents: Option<usize>,
}

/// What a demo's folder remembers beside its store.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Card {
    /// The day on which the city was made to stand.
    pub(crate) as_of: String,
    /// By how many milliseconds its clock is ahead of the system's.
    pub(crate) shift_ms: i64,
    /// The accounts.
    pub(crate) accounts: Vec<Account>,
}

/// The folder of files to try, within the demo's folder.
pub(crate) const FILES: &str = "files";

/// The card's file within the demo's folder.
pub(crate) const CARD: &str = "demo.json";

/// Makes the city in an empty folder.
pub(crate) async fn build(dir: &Path, as_of: Day, size: Size, lang: Lang) -> Result<Vec<Account>, Failure> {
    let (source, checked) = made_up::checked();
    let wrong = "the policy in this program does not pass its own check";
    let pack = checked.pack.ok_or_else(|| Failure::from(wrong.to_owned()))?;
    let failed = |error: ledger::Error| Failure::of(&error, lang);
    let file = dir.join(STORE);
    let ledger = Ledger::build(&file, Arc::new(SeededEntropy::new(SEED))).await.map_err(failed)?;
    let mut city = City::new(ledger.clone(), Arc::new(pack), as_of);
    let accounts = fill(&mut city, &source, size).await.map_err(failed)?;
    ledger.built(city.at(0, 0)).await.map_err(failed)?;
    let on_disk = std::fs::File::open(&file).and_then(|store| store.sync_all());
    on_disk.map_err(|error| Failure::from(format!("{}: {error}", file.display())))?;
    files::make(&dir.join(FILES)).map_err(|error| Failure::from(format!("{}: {error}", dir.join(FILES).display())))?;
    Ok(accounts)
}

async fn fill(city: &mut City, source: &pack::Source, size: Size) -> ledger::Result<Vec<Account>> {
    city.settle(size.people).await?;
    let accounts = roles::appoint(city).await?;
    adopt(city, source).await?;
    policy::adoptions(city).await?;
    network::systems(city).await?;
    story::media(city).await?;
    story::assets(city, size.assets).await?;
    equipment::terminals(city).await?;
    equipment::old_server(city).await?;
    network::flows(city).await?;
    contracts::contracts(city).await?;
    equipment::disposals(city).await?;
    outsourcing::services(city).await?;
    cases::social_networks(city).await?;
    cases::leavers(city).await?;
    cases::incidents(city, size.incidents).await?;
    policy::committee(city).await?;
    policy::readiness(city).await?;
    policy::improvements(city).await?;
    training::courses(city).await?;
    training::consents(city).await?;
    training::self_check(city).await?;
    audit::audit(city).await?;
    risks::risks(city).await?;
    april::absent_and_double(city).await?;
    story::takeouts(city).await?;
    story::on_paper(city).await?;
    facts::facts(city).await?;
    reports::reports(city).await?;
    story::absence(city).await?;
    Ok(accounts)
}

/// The policy comes into force: proposed by one, decided by another.
async fn adopt(city: &City, source: &pack::Source) -> ledger::Result<()> {
    let day = city.fiscal_start(1);
    let at = city.at(city.days_since(day), 0);
    let mut op = city.setup(at).await?;
    let permit = office(&op, None, Office::Packs, "propose", "pack", &city.pack.id)?;
    let proposal =
        packs::Proposal { source: packs::to_bytes(source.files()), note: "全部改正".to_owned(), effective: day };
    let id = packs::propose(&mut op, permit, proposal).await?;
    op.commit().await?;
    let mut op = city.ledger.operation(Actor::Operator("決裁".to_owned()), city.at(city.days_since(day), 60)).await?;
    let permit = office(&op, None, Office::Approval, "decide", "pack", &city.pack.id)?;
    packs::decide(&mut op, permit, id, true).await?;
    op.commit().await.map(|_| ())
}
