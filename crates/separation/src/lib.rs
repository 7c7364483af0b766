//! The network separation verifier: device configurations and claims in, verdicts with witnesses out.
//!
//! Pure: no files, clock, environment, network or randomness. Outside bytes come in through
//! [`dialects::read_configurations`] only.

pub mod address;
pub mod claims;
pub mod compile;
pub mod diagram;
pub mod dialects;
pub mod document;
pub mod door;
pub mod flows;
pub mod intervals;
pub mod ir;
pub mod judge;
pub mod network;
pub mod reading;
pub mod report;
pub mod source;
pub mod walk;
