//! The intermediate representation that every dialect produces and everything else works on.
//!
//! A [`Device`] is a list of [`Step`]s that a packet takes in order. A step runs a [`Chain`] of [`Rule`]s for the packets
//! that its guard matches; what a chain leaves undecided gets the step's default. A packet is forwarded when no step on
//! its way drops it. Linux base chains, an IOS access group on an interface, a FortiGate policy table are all steps.
//!
//! What a reader did not understand stays visible: a condition it cannot read is [`Condition::Unread`], a rule it cannot
//! read is [`Action::Unread`] with the conditions it could, and a line that may concern the whole device is in
//! [`Device::unread`]. The judge turns all three into *may* and *must* sets, so that nothing unread ever gives `holds`.

mod condition;
mod device;

pub use condition::{Condition, Field, InterfaceName, Side, State, protocol};
pub use device::{
    Action, AddressTo, Chain, ChainId, Configuration, Default, Device, Hook, Interface, Period, Route, Rule, Step,
    Tracking, Translation, Unread,
};
