//! What the broker makes of children that misbehave.

use std::time::{Duration, Instant};

use worker::{Broker, Failure};

fn broker() -> Broker {
    Broker::new(env!("CARGO_BIN_EXE_worker-probe"))
}

#[test]
fn bytes_go_in_and_the_answer_comes_out() {
    let large: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    assert_eq!(broker().call("echo", &large), Ok(large));
    assert_eq!(broker().call("echo", b""), Ok(vec![]));
}

#[test]
fn a_panic_is_a_crash_and_the_last_mark_says_where() {
    let crash = broker().call_marked("mark-and-panic", b"x").unwrap_err();
    assert_eq!(crash.failure, Failure::Crashed);
    assert_eq!(crash.mark.as_deref(), Some(b"the crash".as_slice()));
}

#[test]
fn the_wall_clock_is_the_brokers() {
    let begun = Instant::now();
    let broker = broker().wall_clock(Duration::from_millis(300));
    assert_eq!(broker.call("spin", b""), Err(Failure::Timeout));
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn processor_time_is_bounded_too() {
    assert_eq!(broker().call("burn", b""), Err(Failure::Timeout));
}

#[test]
fn memory_is_bounded() {
    assert_eq!(broker().call("allocate", b""), Err(Failure::Memory));
    assert_eq!(broker().call("overflow", b""), Err(Failure::Memory));
}

#[test]
fn files_network_and_programs_are_out_of_reach() {
    for kind in ["read-file", "connect", "execute"] {
        assert_eq!(broker().call(kind, b""), Err(Failure::Forbidden), "{kind}");
    }
}

#[test]
fn success_without_a_whole_answer_is_a_crash() {
    assert_eq!(broker().call("leave", b""), Err(Failure::Crashed));
}

#[test]
fn an_answer_over_the_limit_is_no_answer() {
    assert_eq!(broker().answer_bytes(100).call("echo", &[7; 101]), Err(Failure::Crashed));
}

#[test]
fn what_cannot_start_is_unavailable_and_an_unknown_kind_a_crash() {
    assert_eq!(Broker::new("/nonexistent/program").call("echo", b""), Err(Failure::Unavailable));
    assert_eq!(broker().call("no-such-kind", b""), Err(Failure::Crashed));
}
