//! Decisions (決裁): routes of 承認, 合議, 決裁, 供覧 with 代決 and 後閲, 差戻し, 引戻し, 引上げ, 不承認; and the inbox (処理待ち).
//!
//! 1. A record comes into a state from which a decision leads: [`open_for`] plans its course and opens the first tasks.
//! 2. Tasks are addressed to roles in units, and so move by themselves when people move; [`inbox`] finds a person's.
//! 3. [`agree`] takes one answer; after the last one the deciding transition happens in the same operation.
//!    [`refuse`], [`send_back`] and [`withdraw`] end or rewind the course.
//! 4. What a substitute decided leaves a 後閲 task for the absent holder, done by [`countersign`].

mod answer;
mod course;
mod inbox;
mod possible;
mod reroute;
mod route;

pub use answer::{Answer, Back, agree, countersign, read_circulated, refuse, send_back, withdraw};
pub use course::{Capacity, Course, Kind, MOST_STEPS, NotNow, Said, Seat, Step};
pub use inbox::{Waiting, count, inbox};
pub use possible::{Countersign, Possible, Way, countersigns, earlier_steps, possible};
pub(crate) use reroute::follow;
pub(crate) use route::open_for;
pub use route::{OpenTask, Route, RouteState, routes};
