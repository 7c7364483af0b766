//! Devices and how they are connected: `network.toml`, or one device without it.

mod read;
pub(crate) mod routing;

pub use read::{DeviceEntry, read};

use serde::{Deserialize, Serialize};

use crate::ir::Configuration;
use crate::source::At;

/// What an interface leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Attachment {
    /// The hosts of this zone (its id).
    Zone(String),
    /// Every other interface with this link name.
    Link(String),
}

/// A device at its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    /// What its files say.
    pub configuration: Configuration,
    /// Interface names and what they lead to; empty when there is no network file.
    pub interfaces: Vec<(String, Attachment)>,
    /// Where the network file describes it.
    pub at: At,
}

/// What is judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// The devices.
    pub devices: Vec<Placed>,
    /// Whether a network file said how they are connected. Without it there is one device, judged by addresses for any
    /// pair of its interfaces.
    pub connected: bool,
}

impl Network {
    /// One device, judged for any pair of interfaces.
    pub fn single(configuration: Configuration) -> Self {
        Self { devices: vec![Placed { configuration, interfaces: Vec::new(), at: At::default() }], connected: false }
    }
}
