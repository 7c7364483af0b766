//! Flows whose rule lets through more than the register says.

use super::claim::Case;
use super::matching::{Matched, SourceNow, Surroundings, matched};
use super::passage::{Permit, Question};
use super::permitted::{mirror, of_flow};
use super::verdict::TooWide;
use crate::diagram::Level;
use crate::intervals::Intervals;
use crate::ir::{Condition, Field, protocol};

/// The flows that the violating rule also carries.
pub(super) fn of_violation(
    case: &Case<'_, '_>,
    question: &mut Question,
    permit: Option<Permit>,
    first_box: &str,
) -> Vec<TooWide> {
    let Some(permit) = permit.filter(|permit| permit.rule) else { return Vec::new() };
    let Some(placed) = case.ground.network.devices.get(permit.device) else { return Vec::new() };
    let rules =
        placed.configuration.device.chains.iter().flat_map(|chain| &chain.rules).filter(|rule| rule.at == permit.at);
    let mut out = Vec::new();
    for rule in rules {
        // Interfaces and states of the rule do not matter to whether it is the flow's.
        let asked: Vec<Condition> = rule
            .when
            .iter()
            .filter(|condition| !matches!(condition, Condition::Interface { .. } | Condition::In(Field::State, _)))
            .cloned()
            .collect();
        let source = SourceNow::Same;
        let around =
            Surroundings { names: &[], fixed_in: None, fixed_out: None, source: &source, any_source_port: false };
        let carried = matched(&mut question.diagrams, &asked, &around).may;
        for flow in case.ground.claims.flows.iter().filter(|flow| (flow.from, flow.to) == case.pair) {
            let packets = of_flow(&mut question.diagrams, case.families, flow);
            if flow.permitted_on(case.settings.on) && !question.diagrams.and(packets, carried).is_empty() {
                let place = case.ground.place(Some(permit)).0;
                out.push(TooWide {
                    flow: flow.id.clone(),
                    first_box: first_box.to_owned(),
                    file: place.file,
                    line: place.line,
                });
            }
        }
    }
    out
}

/// Without connection tracking, replies over UDP need a rule through which anything with the right source port passes.
pub(super) fn mirrors(case: &Case<'_, '_>) -> Vec<TooWide> {
    let mut out = Vec::new();
    for flow in case.ground.claims.flows.iter().filter(|flow| (flow.to, flow.from) == case.pair) {
        if !flow.permitted_on(case.settings.on) || !flow.protocol.contains(protocol::UDP.into()) {
            continue;
        }
        let mut question = case.question();
        question.by_line = true;
        let replies = mirror(&mut question.diagrams, case.families, flow);
        let udp =
            question.diagrams.split(Level::Protocol, &Intervals::one(protocol::UDP.into()), crate::diagram::Node::FULL);
        let replies = question.diagrams.and(replies, udp);
        let counting = super::permitted::counting(&mut question.diagrams, true);
        let replies = question.diagrams.and(replies, counting);
        for arrived in case.ground.travel(&mut question, case.pair.0, Matched::exactly(replies)) {
            let must = question.diagrams.and(arrived.piece.packets.must, replies);
            if must.is_empty() || arrived.piece.permit.is_none_or(|permit| !permit.rule) {
                continue;
            }
            let (boxes, _) = question.diagrams.boxes(must, 1);
            let place = case.ground.place(arrived.piece.permit).0;
            let first_box = boxes.first().map(ToString::to_string).unwrap_or_default();
            out.push(TooWide { flow: flow.id.clone(), first_box, file: place.file, line: place.line });
        }
        if question.failed() {
            out.clear();
        }
    }
    out
}
