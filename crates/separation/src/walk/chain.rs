//! One packet through a step, its chain and the chains it jumps to.

use super::{Passed, Sure, Walker, Walking};
use crate::ir::{Action, AddressTo, ChainId, Default, Step, Translation};
use crate::source::At;

/// Deepest nesting of jumps.
const MAX_DEPTH: usize = 64;
/// Most rules that one step may look at.
const MAX_LOOKS: u64 = 50_000_000;

/// How a chain was left.
struct Fate {
    /// How sure it is that a rule let the packet through.
    passed: Sure,
    /// How sure it is that no rule decided.
    undecided: Sure,
    /// The lines up to where it was let through.
    trail: Vec<(At, &'static str)>,
    /// What the permitting rule puts in.
    translation: Option<Translation>,
}

struct State<'s> {
    depth: Vec<ChainId>,
    looks: &'s mut u64,
}

impl Walker<'_> {
    /// Takes the packet through one step.
    pub(super) fn step(&self, step: &Step, mut walking: Walking) -> Walking {
        let guard = self.all(&step.guard, &walking, true);
        if guard == Sure::No {
            return walking;
        }
        let mut looks = 0;
        let mut fate = self.chain(step.chain, &walking, &mut State { depth: Vec::new(), looks: &mut looks });
        let by_default = match step.default {
            Default::Accept => fate.undecided,
            Default::Drop => Sure::No,
            Default::Unread => fate.undecided.min(Sure::Maybe),
        };
        if by_default > fate.passed {
            fate.trail = vec![(step.default_at, if step.default == Default::Unread { "unread" } else { "default" })];
            fate.translation = None;
        } else if fate.passed == Sure::No {
            let dropped = fate.trail.last().is_some_and(|(_, verdict)| matches!(*verdict, "drop" | "reject"));
            if !dropped {
                fate.trail.push((step.default_at, "drop"));
            }
        }
        // A packet that the guard may not mean passes this step untouched.
        let through = fate.passed.max(by_default);
        let through = if guard == Sure::Maybe { through.max(Sure::Maybe) } else { through };
        walking.alive = walking.alive.min(through);
        walking.trail.extend(fate.trail.into_iter().map(|(at, verdict)| Passed { device: self.index, at, verdict }));
        if let Some(translation) = fate.translation {
            self.translate(&translation, &mut walking);
        }
        walking
    }

    fn chain(&self, id: ChainId, walking: &Walking, state: &mut State<'_>) -> Fate {
        let mut fate = Fate { passed: Sure::No, undecided: Sure::Yes, trail: Vec::new(), translation: None };
        let Some(chain) = self.device.chains.get(id.0 as usize) else { return fate };
        if state.depth.contains(&id) || state.depth.len() >= MAX_DEPTH {
            return Fate {
                passed: Sure::Maybe,
                undecided: Sure::Maybe,
                trail: vec![(chain.at, "unread")],
                translation: None,
            };
        }
        state.depth.push(id);
        // How sure it is that the packet came back to the caller before the end.
        let mut returned = Sure::No;
        for rule in &chain.rules {
            *state.looks += 1;
            if fate.undecided == Sure::No || *state.looks > MAX_LOOKS {
                break;
            }
            let (matches, moments) = self.rule(rule, walking);
            if matches == Sure::No {
                continue;
            }
            let here = matches.min(fate.undecided);
            // What is undecided afterwards if this rule ends the packet's way in this chain.
            let otherwise = if matches == Sure::Yes && !moments { Sure::No } else { fate.undecided.min(Sure::Maybe) };
            match &rule.action {
                Action::Continue | Action::NoTrack => {}
                Action::Accept => {
                    fate.pass(here, rule.at, "accept", None);
                    fate.undecided = otherwise;
                }
                Action::Translate(translation) => {
                    let local = translation.destination == Some(AddressTo::Local);
                    let (sure, verdict) = if local { (Sure::No, "drop") } else { (here, "translate") };
                    fate.pass(sure, rule.at, verdict, Some(translation));
                    fate.undecided = otherwise;
                }
                Action::Drop | Action::Reject => {
                    let verdict = if rule.action == Action::Drop { "drop" } else { "reject" };
                    fate.pass(Sure::No, rule.at, verdict, None);
                    fate.undecided = otherwise;
                }
                Action::Unread => {
                    fate.pass(Sure::Maybe, rule.at, "unread", None);
                    fate.undecided = fate.undecided.min(Sure::Maybe);
                }
                Action::Return => {
                    returned = returned.max(here);
                    fate.undecided = otherwise;
                }
                Action::Jump(target) | Action::Goto(target) => {
                    let inner = self.chain(*target, walking, state);
                    fate.enter(here, rule.at, &inner);
                    let left = inner.undecided.min(here);
                    if matches!(rule.action, Action::Goto(_)) {
                        returned = returned.max(left);
                        fate.undecided = otherwise;
                    } else {
                        fate.undecided = after_jump(fate.undecided, matches, moments, inner.undecided);
                    }
                }
            }
        }
        state.depth.pop();
        fate.undecided = fate.undecided.max(returned);
        fate
    }

    fn translate(&self, translation: &Translation, walking: &mut Walking) {
        let wanted = self.wanted;
        let packet = &mut walking.packet;
        match translation.destination {
            Some(AddressTo::Range(_, low, high)) => {
                packet.destination = if (low..=high).contains(&wanted.0) { wanted.0 } else { low }
            }
            Some(AddressTo::Shift { from, to, .. }) => {
                packet.destination = packet.destination.wrapping_sub(from).wrapping_add(to)
            }
            Some(AddressTo::OutInterface | AddressTo::Unknown) => walking.alive = walking.alive.min(Sure::Maybe),
            Some(AddressTo::Local) | None => {}
        }
        if let Some((low, high)) = translation.destination_port {
            packet.destination_port = if (low..=high).contains(&wanted.1) { wanted.1 } else { low };
        }
        match translation.source {
            Some(AddressTo::Range(_, low, high)) if low == high => packet.source = low,
            Some(AddressTo::Shift { from, to, .. }) => {
                packet.source = packet.source.wrapping_sub(from).wrapping_add(to)
            }
            Some(_) => walking.source_known = false,
            None => {}
        }
        walking.source_port_known &= translation.source_port.is_none();
    }
}

/// Still undecided behind a jump: the packet did not jump, or came back.
fn after_jump(before: Sure, matches: Sure, moments: bool, came_back: Sure) -> Sure {
    let behind = match (matches, came_back) {
        (_, Sure::Yes) => Sure::Yes,
        (Sure::Yes, back) if !moments => back,
        _ => Sure::Maybe,
    };
    before.min(behind)
}

impl Fate {
    /// A rule may let the packet through (`No`: it may throw it away).
    fn pass(&mut self, sure: Sure, at: At, verdict: &'static str, translation: Option<&Translation>) {
        if sure > self.passed || (self.passed == Sure::No && self.trail.is_empty()) {
            self.trail.push((at, verdict));
            self.translation = translation.cloned();
        }
        self.passed = self.passed.max(sure);
    }

    fn enter(&mut self, here: Sure, at: At, inner: &Self) {
        let sure = inner.passed.min(here);
        if sure > self.passed || (self.passed == Sure::No && here == Sure::Yes && inner.undecided == Sure::No) {
            self.trail = vec![(at, "jump")];
            self.trail.extend(&inner.trail);
            self.translation.clone_from(&inner.translation);
        }
        self.passed = self.passed.max(sure);
    }
}
