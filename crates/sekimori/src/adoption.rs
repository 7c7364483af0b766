//! The policy in force of an open store, and its change on the 施行日 of the next one.

use std::sync::Arc;

use ledger::permission::{Office, office};
use ledger::{Actor, Id, Ledger, Moment, packs};
use pack::Pack;

use crate::lang::Lang;
use crate::municipality::Failure;

/// The part of sekimori that takes an adopted version into force on its day.
const ACTOR: Actor = Actor::Machine("adoption");

/// How long after a refusal the same version is tried again: somebody may have mended what was in the way.
const AGAIN_MS: i64 = 5 * 60_000;

/// The policy in force at a moment.
pub(crate) async fn in_force(ledger: &Ledger, at: Moment, lang: Lang) -> Result<Pack, Failure> {
    Following::start(ledger, at, lang).await.map(|(_, pack)| pack)
}

/// Which version this process runs.
#[derive(Debug)]
pub(crate) struct Following {
    current: Id,
    refused: Option<(Id, Moment)>,
}

impl Following {
    /// The version in force at a moment.
    pub(crate) async fn start(ledger: &Ledger, at: Moment, lang: Lang) -> Result<(Self, Pack), Failure> {
        let failed = |error: ledger::Error| Failure::of(&error, lang);
        let mut reading = ledger.reading(ACTOR, at).await.map_err(failed)?;
        let Some((version, pack)) = packs::pack_in_force(&mut reading).await.map_err(failed)? else {
            let ja = "施行中の規程データがありません。sekimori pack adopt で起案し、決裁を受けてください。";
            let en = "No policy is in force. Propose one with sekimori pack adopt, and have it decided.";
            return Err(lang.pick(ja, en).to_owned().into());
        };
        Ok((Self { current: version.id, refused: None }, pack))
    }

    /// Takes an adopted version into force when its day has come, and notices when another process has. The new policy,
    /// when there is one. A refusal (something was recorded in the meantime that the version would lose) is answered once
    /// and then left alone for a while; the version before it stays in force.
    pub(crate) async fn step(&mut self, ledger: &Ledger, at: Moment) -> ledger::Result<Option<Arc<Pack>>> {
        let mut reading = ledger.reading(ACTOR, at).await?;
        let due = packs::waiting(&mut reading).await?.filter(|version| version.effective <= at.day());
        let due = due.filter(|version| {
            self.refused.is_none_or(|(id, since)| id != version.id || at.0 - since.0 >= AGAIN_MS || at < since)
        });
        if let Some(version) = due {
            reading.end().await?;
            let taken = take(ledger, version.id, at).await;
            self.refused = taken.is_err().then_some((version.id, at));
            let pack = taken?;
            self.current = version.id;
            return Ok(Some(Arc::new(pack)));
        }
        match packs::in_force(&mut reading, at.day()).await? {
            Some(version) if version.id != self.current => {
                let pack = packs::compile(&packs::source(&mut reading, version.id).await?)?;
                self.current = version.id;
                Ok(Some(Arc::new(pack)))
            }
            _ => Ok(None),
        }
    }
}

async fn take(ledger: &Ledger, version: Id, at: Moment) -> ledger::Result<Pack> {
    let mut op = ledger.operation(ACTOR, at).await?;
    let permit = office(&op, None, Office::Packs, "take-force", "pack", version)?;
    let (pack, _) = packs::take_force(&mut op, permit, version).await?;
    op.commit().await?;
    Ok(pack)
}
