//! Kinds that misbehave, each in its own way.

use std::process::ExitCode;

use std::sync::atomic::{AtomicU8, Ordering};

use worker::{Kind, Limits, serve};

static COUNT: AtomicU8 = AtomicU8::new(0);

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let (Some(command), Some(kind)) = (args.next(), args.next()) else { return ExitCode::from(2) };
    if command == "worker" { serve(&kind, KINDS) } else { ExitCode::from(2) }
}

const KINDS: &[Kind] = &[
    Kind::new("echo", |request, _| request.to_vec()),
    Kind::new("mark-and-panic", |_, mark| {
        mark(b"before");
        mark(b"the crash");
        #[expect(clippy::panic, reason = "this is what the probe is for")]
        {
            panic!("as told");
        }
    }),
    Kind::new("spin", |_, mark| {
        mark(std::process::id().to_string().as_bytes());
        loop {
            std::hint::spin_loop();
        }
    }),
    Kind {
        limits: Limits { memory: 256 << 20, cpu_seconds: 1 },
        ..Kind::new("burn", |_, _| {
            loop {
                std::hint::spin_loop();
            }
        })
    },
    Kind::new("allocate", |_, _| vec![1_u8; 1 << 30]),
    Kind::new("allocate-and-panic", |_, _| {
        let mut taken = Vec::new();
        loop {
            let mut more = Vec::<u8>::new();
            #[expect(clippy::panic, reason = "what a library does that allocates by its own means")]
            if more.try_reserve_exact(300_000).is_err() {
                panic!("no memory for a compressor");
            }
            taken.push(more);
        }
    }),
    Kind::new("overflow", |request, _| vec![deep(request.len() as u64); 1]),
    Kind::new("read-file", |_, _| std::fs::read("/etc/hostname").unwrap_or_default()),
    Kind::new("connect", |_, _| std::net::TcpStream::connect("127.0.0.1:9").map(|_| vec![]).unwrap_or_default()),
    Kind::new("execute", |_, _| std::process::Command::new("/bin/true").status().map(|_| vec![]).unwrap_or_default()),
    Kind::new("count", |_, _| vec![COUNT.fetch_add(1, Ordering::Relaxed)]),
    Kind::new("address", |_, _| address()),
    Kind::new("fail-or-address", |request, _| if request.is_empty() { address() } else { std::process::exit(1) }),
    Kind::new("leave", |_, _| std::process::exit(0)),
];

/// Where this process has its code.
fn address() -> Vec<u8> {
    format!("{:?}", std::ptr::from_ref(&COUNT)).into_bytes()
}

/// Recursion without an end that the compiler could see.
fn deep(n: u64) -> u8 {
    let room = std::hint::black_box([1_u8; 4096]);
    if n == u64::MAX { 0 } else { deep(std::hint::black_box(n + 1)).wrapping_add(room[7]) }
}
