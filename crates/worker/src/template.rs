//! The template: a process of the binary that has loaded and waits, and that has seen no byte of any file. For each request it
//! becomes two; the copy is the child, and the template tells the broker how it ended.
//!
//! What a start costs (loading, and correcting some 200,000 addresses) is paid once for many files, and a file still has a process
//! of its own.

use std::io::{self, IoSlice, IoSliceMut, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::time::Duration;

use fork::Fork;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
};
use rustix::process::{Signal, WaitOptions};

use crate::child::{self, Kind};

/// Pipes of a request: the one it is read from, and the one the answer is written to.
const PIPES: usize = 2;

/// The broker's end of a template.
#[derive(Debug)]
pub(crate) struct Template {
    process: Child,
    control: UnixStream,
}

impl Template {
    /// Starts `PROGRAM worker KIND`.
    pub(crate) fn start(program: &Path, kind: &str) -> io::Result<Self> {
        let (control, theirs) = UnixStream::pair()?;
        let process = Command::new(program)
            .args(["worker", kind])
            .env_clear()
            .env("RUST_BACKTRACE", "0")
            .current_dir("/")
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self { process, control })
    }

    /// Has a child made that reads its request from one pipe and writes its answer to the other.
    pub(crate) fn make_child(&self, request: &OwnedFd, answer: &OwnedFd) -> io::Result<()> {
        let mut room = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(PIPES))];
        let mut control = SendAncillaryBuffer::new(&mut room);
        let pipes = [request.as_fd(), answer.as_fd()];
        if !control.push(SendAncillaryMessage::ScmRights(&pipes)) {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        rustix::net::sendmsg(&self.control, &[IoSlice::new(b"1")], &mut control, SendFlags::NOSIGNAL)?;
        Ok(())
    }

    /// How the child ended; none when the template does not say so in time.
    pub(crate) fn end_of_child(&mut self, patience: Duration) -> Option<ExitStatus> {
        let mut status = [0_u8; 4];
        self.control.set_read_timeout(Some(patience)).ok()?;
        self.control.read_exact(&mut status).ok()?;
        Some(ExitStatus::from_raw(i32::from_le_bytes(status)))
    }

    /// Ends it, and with it a child that is still there. Whether it had ended by itself, as a program that cannot do what was asked.
    pub(crate) fn end(&mut self) -> bool {
        let _ = self.process.kill();
        self.process.wait().is_ok_and(|status| status.code().is_some())
    }
}

impl Drop for Template {
    fn drop(&mut self) {
        self.end();
    }
}

/// Runs as the template until the broker hangs up; in each copy of it, as the child.
pub(crate) fn serve(kind: &Kind) -> ExitCode {
    let this = rustix::process::getpid();
    loop {
        let (request, answer) = match next_request(rustix::stdio::stdin()) {
            Ok(Some(pipes)) => pipes,
            Ok(None) => return ExitCode::SUCCESS,
            Err(_) => return ExitCode::from(2),
        };
        // One thread, which holds no lock: the copy is a whole process.
        match fork::fork() {
            Ok(Fork::Child) => {
                if takes_its_place(this, &request, &answer).is_err() {
                    return ExitCode::from(child::SANDBOX_FAILED);
                }
                drop((request, answer));
                return child::run(kind);
            }
            Ok(Fork::Parent(pid)) => {
                drop((request, answer));
                if report(pid).is_err() {
                    return ExitCode::FAILURE;
                }
            }
            Err(_) => return ExitCode::FAILURE,
        }
    }
}

/// The pipes of the next request; none when the broker has hung up.
fn next_request(control: BorrowedFd<'_>) -> io::Result<Option<(OwnedFd, OwnedFd)>> {
    let mut room = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(PIPES))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut room);
    let mut byte = [0_u8; 1];
    let received = loop {
        let mut into = [IoSliceMut::new(&mut byte)];
        match rustix::net::recvmsg(control, &mut into, &mut ancillary, RecvFlags::CMSG_CLOEXEC) {
            Err(rustix::io::Errno::INTR) => {}
            other => break other?,
        }
    };
    if received.bytes == 0 {
        return Ok(None);
    }
    let mut pipes = Vec::with_capacity(PIPES);
    for message in ancillary.drain() {
        if let RecvAncillaryMessage::ScmRights(fds) = message {
            pipes.extend(fds);
        }
    }
    match (pipes.pop(), pipes.pop()) {
        (Some(answer), Some(request)) => Ok(Some((request, answer))),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// In the copy: ends when the template does, and has the pipes in place of the way to the broker.
fn takes_its_place(template: rustix::process::Pid, request: &OwnedFd, answer: &OwnedFd) -> rustix::io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    if rustix::process::getppid() != Some(template) {
        return Err(rustix::io::Errno::SRCH);
    }
    rustix::stdio::dup2_stdin(request)?;
    rustix::stdio::dup2_stdout(answer)
}

/// Waits for the child and tells the broker how it ended.
fn report(pid: i32) -> rustix::io::Result<()> {
    let pid = rustix::process::Pid::from_raw(pid).ok_or(rustix::io::Errno::SRCH)?;
    let status = loop {
        match rustix::process::waitpid(Some(pid), WaitOptions::empty()) {
            Ok(Some((_, status))) => break status.as_raw(),
            Ok(None) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    };
    rustix::io::write(rustix::stdio::stdin(), &status.to_le_bytes()).map(drop)
}
