//! What audits and risks name by id follows a revision of the policy.

use ledger::Actor;
use ledger::records;
use serde_json::json;

use super::population::{Case, files};
use crate::city::NOON;
use crate::engines::on_both_engines;
use crate::packs::{decide, on, propose, replaced, take_force};

on_both_engines! {
    /// An item, a finding and a risk name a clause; the clause gets another slug; they name it by that from then on. Words that
    /// are no clause's id stay.
    async fn a_renamed_clause_is_followed(fresh: Fresh) {
        let first = propose(&fresh.ledger, &files(), NOON.day()).await.unwrap();
        decide(&fresh.ledger, "決裁", first).await.unwrap();
        let case = Case::new(fresh.ledger).await;
        let audit = case.audit(&[case.auditor]).await.id.to_string();
        let item = json!({ "title": "予備", "audit": audit, "clause": "standard#backup" });
        let finding = |clause: &str| json!({
            "title": "予備がない", "audit": audit, "grade": "minor", "clause": clause, "content": "予備を取っていない。",
        });
        let mut made = Vec::new();
        for (register, fields) in [
            ("audit-items", item),
            ("audit-findings", finding("standard#backup")),
            ("audit-findings", finding("対策基準5.2(2)")),
        ] {
            made.push(case.made(NOON, register, case.desk, fields, &[]).await);
        }

        let renamed = replaced(&files(), "version = \"2026.1\"", "version = \"2026.2\"");
        let renamed = replaced(&renamed, "{#backup .must", "{#spare-copies .must was=\"backup\"");
        let renamed = replaced(&renamed, "standard#backup\"", "standard#spare-copies\"");
        let id = propose(&case.ledger, &renamed, on(3).day()).await.unwrap_or_else(|e| panic!("{:#?}", e.fields()));
        decide(&case.ledger, "決裁", id).await.unwrap();
        let pack = take_force(&case.ledger, id, on(3)).await.unwrap();
        let mut reading = case.ledger.reading(Actor::Machine("test"), on(3)).await.unwrap();
        let mut named = Vec::new();
        for record in &made {
            let register = pack.register(&record.register).unwrap();
            let after = records::get(&mut reading, None, register, record.id).await.unwrap();
            named.push((after.text("clause").unwrap().to_owned(), after.version - record.version));
        }
        let spare = "standard#spare-copies".to_owned();
        assert_eq!(named, [(spare.clone(), 1), (spare, 1), ("対策基準5.2(2)".to_owned(), 0)]);
    }
}
