//! The count of failures of second factors: whatever kind is tried, an account has the same few attempts.

use ledger::people::accounts;
use ledger::{Actor, Id, Operation};

use crate::page::fault::Fault;
use crate::visit::Visit;

fn name(account: Id) -> String {
    format!("second factor of {account}")
}

/// An operation to try a second factor in; refused while the account has failed too often.
pub(super) async fn open(visit: &Visit, account: Id) -> Result<Operation, Fault> {
    let mut op = visit.state.operation(Actor::Machine("sign-in")).await?;
    match accounts::locked_until(&mut op, &name(account)).await? {
        Some(until) => Err(Fault::wait(until, op.at())),
        None => Ok(op),
    }
}

/// Writes how an attempt went.
pub(super) async fn count(visit: &Visit, mut op: Operation, account: Id, fits: bool) -> Result<(), Fault> {
    if fits {
        accounts::clear_failures(&mut op, &name(account)).await?;
    } else {
        let locked = accounts::count_failure(&mut op, &name(account)).await?;
        super::failed(visit, &mut op, Some(account), locked);
    }
    op.commit().await?;
    Ok(())
}
