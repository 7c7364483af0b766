//! The walls around a child: rlimits, then Landlock, then seccomp.

use std::collections::BTreeMap;

use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, Scope};
use rustix::process::{Resource, Rlimit, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

/// What a child may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of private memory (`RLIMIT_DATA`).
    pub memory: u64,
    /// Seconds of processor time (`RLIMIT_CPU`).
    pub cpu_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory: 256 << 20, cpu_seconds: 60 }
    }
}

/// Address space: code, stack and private memory together.
const ADDRESS_SPACE: u64 = 2 << 30;

type Wall = Result<(), Box<dyn std::error::Error>>;

/// Shuts this process in for the rest of its life. On an error nothing may be read.
pub(crate) fn enter(limits: Limits) -> Wall {
    rlimits(limits)?;
    landlock()?;
    seccomp()
}

fn rlimits(limits: Limits) -> Wall {
    let fixed = |value| Rlimit { current: Some(value), maximum: Some(value) };
    setrlimit(Resource::Core, fixed(0))?;
    setrlimit(Resource::Fsize, fixed(0))?;
    setrlimit(Resource::Nofile, fixed(16))?;
    setrlimit(Resource::Cpu, fixed(limits.cpu_seconds))?;
    setrlimit(Resource::As, fixed(ADDRESS_SPACE))?;
    setrlimit(Resource::Data, fixed(limits.memory))?;
    Ok(())
}

/// No file system, no network, no signals or sockets to other processes. On a kernel without Landlock (before 5.13) seccomp
/// alone stands: it has no call that opens a file or a socket.
fn landlock() -> Wall {
    let abi = ABI::V6;
    Ruleset::default()
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .scope(Scope::from_all(abi))?
        .create()?
        .restrict_self()?;
    Ok(())
}

/// The system calls that parsing needs. Anything else kills the process with SIGSYS.
const CALLS: &[libc::c_long] = &[
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_close,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_futex,
    libc::SYS_sched_yield,
    libc::SYS_getrandom,
    libc::SYS_clock_gettime,
    // A panic, an abort and the handler of a stack overflow end by these.
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_gettid,
    libc::SYS_getpid,
];

/// Memory may be mapped and protected, but never be made executable.
const WITHOUT_EXEC: &[libc::c_long] = &[libc::SYS_mmap, libc::SYS_mprotect];

fn seccomp() -> Wall {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = CALLS.iter().map(|call| (*call, Vec::new())).collect();
    let exec = u64::try_from(libc::PROT_EXEC)?;
    for call in WITHOUT_EXEC {
        let no_exec = SeccompCondition::new(2, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(exec), 0)?;
        rules.insert(*call, vec![SeccompRule::new(vec![no_exec])?]);
    }
    // An abort sends a signal to this process itself; to another one none can be sent, also where Landlock does not scope them.
    let this = u64::from(std::process::id());
    let to_itself = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, this)?;
    rules.insert(libc::SYS_tgkill, vec![SeccompRule::new(vec![to_itself])?]);
    let filter = SeccompFilter::new(
        rules,
        SeccompAction::KillProcess,
        SeccompAction::Allow,
        std::env::consts::ARCH.try_into()?,
    )?;
    let program: BpfProgram = filter.try_into()?;
    seccompiler::apply_filter(&program)?;
    Ok(())
}
