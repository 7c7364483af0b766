//! What the broker makes of children that misbehave.

use std::collections::BTreeMap;
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

/// What a library allocates by its own means ends in a panic when there is nothing left.
#[test]
fn a_panic_for_want_of_memory_is_no_crash() {
    assert_eq!(broker().call("allocate-and-panic", b""), Err(Failure::Memory));
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
fn what_cannot_start_is_unavailable_and_so_is_an_unknown_kind() {
    assert_eq!(Broker::new("/nonexistent/program").call("echo", b""), Err(Failure::Unavailable));
    assert_eq!(broker().call("no-such-kind", b""), Err(Failure::Unavailable));
}

/// What a child leaves behind in its memory is not there for the next, and the next is not hurt by how it ended.
#[test]
fn a_child_knows_nothing_of_the_one_before() {
    let broker = broker();
    for round in 0..120_u32 {
        // The first of its process: 0 again and again, however many were there before.
        assert_eq!(broker.call("count", b""), Ok(vec![0]), "{round}");
        if round % 40 == 7 {
            assert_eq!(broker.call("mark-and-panic", b"x").unwrap_err(), Failure::Crashed);
            assert_eq!(broker.call("count", b""), Ok(vec![0]), "{round}");
        }
    }
}

/// Many at the same time, each with its own answer.
#[test]
fn answers_do_not_get_mixed_up() {
    let broker = broker();
    std::thread::scope(|scope| {
        for who in 0..8_u8 {
            let broker = &broker;
            scope.spawn(move || {
                for size in (0..100_000).step_by(9_973) {
                    let request = vec![who; size];
                    assert_eq!(broker.call("echo", &request), Ok(request));
                }
            });
        }
    });
}

/// A layout of memory is never used again after a failure, nor for many files.
#[test]
fn a_failure_and_many_files_bring_a_new_layout() {
    let broker = broker();
    let layout = || broker.call("address", b"").unwrap();
    let first = layout();
    assert_eq!(layout(), first);
    assert_eq!(broker.call("fail-or-address", b"fail").unwrap_err(), Failure::Crashed);
    // Another kind has another template.
    assert_eq!(layout(), first);
    let before = broker.call("fail-or-address", b"").unwrap();
    assert_eq!(broker.call("fail-or-address", b"").unwrap(), before);
    assert_eq!(broker.call("fail-or-address", b"fail").unwrap_err(), Failure::Crashed);
    assert_ne!(broker.call("fail-or-address", b"").unwrap(), before);
    let layouts: std::collections::BTreeSet<Vec<u8>> = (0..101).map(|_| layout()).collect();
    assert!((3..=4).contains(&layouts.len()), "{}", layouts.len());
}

/// Nobody stays behind: not the child that would never end, nor what waited for the next request.
#[test]
fn nothing_outlives_its_broker() {
    let begun = Instant::now();
    let broker = broker().wall_clock(Duration::from_millis(300));
    let crash = broker.call_marked("spin", b"").unwrap_err();
    assert_eq!(crash.failure, Failure::Timeout);
    let spinning: u32 = String::from_utf8(crash.mark.unwrap()).unwrap().parse().unwrap();
    assert!(spinning > 1);
    while stat(spinning).is_some_and(|(state, _)| state != "Z") {
        assert!(begun.elapsed() < Duration::from_secs(5), "it still spins");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(broker.call("echo", b"x"), Ok(b"x".to_vec()));
    assert!(children() > 0);
    drop(broker);
    while children() > 0 {
        assert!(begun.elapsed() < Duration::from_secs(5), "{} are left", children());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Processes that descend from this one.
fn children() -> usize {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_string_lossy().parse().ok());
    let parents: BTreeMap<u32, u32> = pids.filter_map(|pid| Some((pid, stat(pid)?.1))).collect();
    let ours = |pid: &&u32| {
        let above = std::iter::successors(Some(**pid), |pid| parents.get(pid).copied());
        above.skip(1).any(|pid| pid == std::process::id())
    };
    parents.keys().filter(ours).count()
}

/// State and parent of a process.
fn stat(pid: u32) -> Option<(String, u32)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut rest = stat.rsplit_once(") ")?.1.split(' ');
    Some((rest.next()?.to_owned(), rest.next()?.parse().ok()?))
}
