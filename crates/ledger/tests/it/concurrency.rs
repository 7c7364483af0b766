//! Operations and snapshots beside each other, within a process and between two.

use std::sync::Arc;
use std::time::Duration;

use ledger::people::units;
use ledger::{Actor, Ledger, SystemEntropy};

use crate::city::{NOON, add_unit, operator};
use crate::engines::on_both_engines;

on_both_engines! {
    /// Another process's writer holds nobody's thread: while its lock is waited for, other work of the same thread goes on, and
    /// so also what sets the lock free.
    async fn a_writer_waits_for_another_process(fresh: Fresh) {
        let other = Ledger::open(&fresh.location, Arc::new(SystemEntropy)).await.unwrap();
        let mut first = operator(&fresh.ledger).await;
        let one = add_unit(&mut first, "総務課", None, "2020-04-01").await;
        let second = async {
            let mut op = operator(&other).await;
            let unit = add_unit(&mut op, "財政課", None, "2020-04-01").await;
            op.commit().await.unwrap();
            unit
        };
        let end = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            first.commit().await.unwrap();
        };
        let ((), two) = tokio::join!(end, second);
        let mut reading = fresh.ledger.reading(Actor::Machine("test"), NOON).await.unwrap();
        let mut all: Vec<_> = units::all(&mut reading).await.unwrap().iter().map(|unit| unit.id).collect();
        all.sort_unstable();
        let mut both = vec![one, two];
        both.sort_unstable();
        assert_eq!(all, both);
    }
}

on_both_engines! {
    /// More tasks than there are connections all get their snapshot, and one that is given up in between leaves its place.
    async fn snapshots_queue(fresh: Fresh) {
        let mut op = operator(&fresh.ledger).await;
        add_unit(&mut op, "総務課", None, "2020-04-01").await;
        op.commit().await.unwrap();
        let tasks = (0..40).map(|i| {
            let ledger = fresh.ledger.clone();
            tokio::spawn(async move {
                let mut reading = ledger.reading(Actor::Machine("test"), NOON).await.unwrap();
                let found = units::all(&mut reading).await.unwrap().len();
                tokio::time::sleep(Duration::from_millis(3)).await;
                if i % 2 == 0 {
                    reading.end().await.unwrap();
                }
                found
            })
        });
        for (i, task) in tasks.collect::<Vec<_>>().into_iter().enumerate() {
            if i % 5 == 4 {
                task.abort();
            } else {
                assert_eq!(task.await.unwrap(), 1);
            }
        }
        let mut reading = fresh.ledger.reading(Actor::Machine("test"), NOON).await.unwrap();
        assert_eq!(units::all(&mut reading).await.unwrap().len(), 1);
    }
}

on_both_engines! {
    /// A snapshot does not see what is written after it began.
    async fn a_snapshot_stays_as_it_was(fresh: Fresh) {
        let mut before = fresh.ledger.reading(Actor::Machine("test"), NOON).await.unwrap();
        assert_eq!(units::all(&mut before).await.unwrap().len(), 0);
        let mut op = operator(&fresh.ledger).await;
        add_unit(&mut op, "総務課", None, "2020-04-01").await;
        op.commit().await.unwrap();
        assert_eq!(units::all(&mut before).await.unwrap().len(), 0);
        let mut after = fresh.ledger.reading(Actor::Machine("test"), NOON).await.unwrap();
        assert_eq!(units::all(&mut after).await.unwrap().len(), 1);
    }
}

on_both_engines! {
    /// A closed store says so, and waits for what is under way.
    async fn a_closed_store_refuses(fresh: Fresh) {
        let reading = fresh.ledger.reading(Actor::Machine("test"), NOON).await.unwrap();
        let ledger = fresh.ledger.clone();
        let closing = tokio::spawn(async move { ledger.close().await });
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(!closing.is_finished(), "a snapshot is open");
        reading.end().await.unwrap();
        closing.await.unwrap();
        assert!(fresh.ledger.reading(Actor::Machine("test"), NOON).await.is_err());
    }
}
