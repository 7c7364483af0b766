//! 事故・ヒヤリハット.

mod stage;

pub use stage::{Stage, Standing, stages};
