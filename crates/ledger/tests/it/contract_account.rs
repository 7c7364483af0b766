//! What was given out under a contract against what came back, for everybody who holds something.

use ledger::kinds::contract::account;
use serde_json::json;

use crate::contracts::{Entered, contract, id, judged, record, register, stored};

#[test]
fn forty_units_with_thirty_nine_certificates_lack_one() {
    let disposal = record("disposals", 1, "done", json!({ "units": 40, "certificates": 39 }));
    let lent = record("provisions", 2, "lent", json!({ "units": 3, "holder": id(7).to_string() }));
    let asked = record("provisions", 3, "asked", json!({ "units": 5 }));
    let given = [(register("disposals"), &disposal), (register("provisions"), &lent), (register("provisions"), &asked)];
    let below = Entered {
        above: None,
        state: "granted",
        personal: "none",
        began: None,
        permitted: None,
        number: false,
        found: "asked",
        back: false,
    };
    let waiting = Entered { state: "asked", ..below.clone() };
    let nodes = judged(vec![stored(7, &below), stored(8, &waiting)]);
    let running = account(&contract(json!({})), false, &nodes, &given);
    assert_eq!(running.holders.len(), 2, "who only asks holds nothing");
    assert_eq!(running.counts(), (43, 39));
    let short: Vec<_> = running.short().map(|(holder, item)| (holder.partner.as_deref(), item.without())).collect();
    assert_eq!(short, [(Some("元請（架空）"), 1)], "what is still out is not missed before the end");
    assert_eq!(running.unsettled().count(), 0);

    let done = contract(json!({ "returned_on": "2026-11-20", "certificate": id(5).to_string() }));
    let ended = account(&done, true, &nodes, &given);
    let short: Vec<_> = ended.short().map(|(holder, item)| (holder.partner.as_deref(), item.without())).collect();
    assert_eq!(short, [(Some("元請（架空）"), 1), (Some("下請7"), 3)]);
    let unsettled: Vec<_> = ended.unsettled().map(|holder| holder.partner.as_deref()).collect();
    assert_eq!(unsettled, [Some("下請7")], "the certificate of the one below is missing");
}

#[test]
fn what_somebody_else_holds_is_never_counted_with_the_contractor() {
    let waiting = Entered {
        above: None,
        state: "asked",
        personal: "none",
        began: None,
        permitted: None,
        number: false,
        found: "asked",
        back: false,
    };
    let nodes = judged(vec![stored(8, &waiting), stored(9, &waiting)]);
    let lent = |number: usize, holder: usize| {
        record("provisions", number, "lent", json!({ "units": 2, "holder": id(holder).to_string() }))
    };
    let (early, strange) = (lent(1, 8), lent(2, 77));
    let given = [(register("provisions"), &early), (register("provisions"), &strange)];
    let ended = account(&contract(json!({})), true, &nodes, &given);
    let held: Vec<_> = ended.holders.iter().map(|h| (h.partner.as_deref(), h.items.len())).collect();
    let wanted = [(Some("元請（架空）"), 0), (Some("下請8"), 1), (None, 1)];
    assert_eq!(
        held, wanted,
        "one without permission holds it; of another nothing is known; who only asks holds nothing"
    );
    assert_eq!(ended.short().map(|(holder, _)| holder.subcontract).collect::<Vec<_>>(), [Some(id(8)), Some(id(77))]);
    let unsettled: Vec<_> = ended.unsettled().map(|holder| holder.partner.as_deref()).collect();
    assert_eq!(unsettled, [Some("元請（架空）"), Some("下請8")], "of the unknown one it cannot be said");
}
