//! The running console: its listener, and the assurance that follows what is recorded.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use assurance::Evaluator;
use ledger::{Actor, Ledger, Moment, findings};
use pack::Pack;
use tokio::net::TcpListener;

use crate::adoption::Following;
use crate::lang::Lang;
use crate::municipality::Failure;
use crate::post::Post;
use crate::unpack;

/// How often the journal is read on.
const ROUND: Duration = Duration::from_secs(1);

/// How the console is served.
#[derive(Debug, Clone)]
pub(crate) struct Serving {
    /// Where it listens.
    pub(crate) listen: SocketAddr,
    /// Whether browsers reach it over TLS (a proxy in front); cookies are then sent over nothing else.
    pub(crate) behind_tls: bool,
    /// The address at which people reach it; none: the one on which it listens.
    pub(crate) url: Option<String>,
    /// Folder into which mails are laid; none: no mail.
    pub(crate) outbox: Option<PathBuf>,
}

impl Serving {
    /// The address for links. Browsers know localhost; the loopback address itself may be refused for passkeys.
    pub(crate) fn address(&self, listening: SocketAddr) -> String {
        match &self.url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None if listening.ip().is_loopback() => format!("http://localhost:{}", listening.port()),
            None => format!("http://{listening}"),
        }
    }

    /// The address that browsers show, where it is known: behind TLS only the configuration can say it.
    fn shown(&self, listening: SocketAddr) -> Option<String> {
        (self.url.is_some() || !self.behind_tls).then(|| self.address(listening))
    }
}

/// Runs a server's work on as many threads as the machine has cores, and two more for those that wait for the disk.
pub(crate) fn block_on(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = cores + 2;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build();
    runtime.map_err(|error| Failure::from(error.to_string()))?.block_on(work)
}

/// Serves under the policy in force until a signal to stop arrives. `ready` is called once requests are answered.
pub(crate) async fn run(
    ledger: Ledger,
    (mut version, pack): (Following, Pack),
    serving: &Serving,
    clock: console::Clock,
    lang: Lang,
    ready: impl FnOnce(&str),
) -> Result<(), Failure> {
    let at = Moment(clock());
    let mut pack = Arc::new(pack);
    match version.step(&ledger, at).await {
        Ok(Some(next)) => pack = next,
        Ok(None) => {}
        Err(error) => eprintln!("adoption: {}", error.log()),
    }
    let evaluator = first_evaluation(&ledger, &pack, at).await.map_err(|error| Failure::of(&error, lang))?;
    let settings = console::Settings { secure: serving.behind_tls, clock: Arc::clone(&clock) };
    let state = console::State::new(ledger.clone(), Arc::clone(&pack), settings);
    if let Ok(intake) = exchange::Intake::of_this_binary() {
        state.read_tables_with(Arc::new(move |bytes| intake.read(bytes)));
    }
    if let Some(unpack) = unpack::unpacker() {
        state.unpack_with(unpack);
    }
    let listener = TcpListener::bind(serving.listen).await.map_err(|error| {
        Failure::from(match lang {
            Lang::Ja => format!("{} で待ち受けられません：{error}。別のアドレスを指定してください。", serving.listen),
            Lang::En => format!("Cannot listen on {}: {error}. Choose another address.", serving.listen),
        })
    })?;
    let address = listener.local_addr().map_err(|error| Failure::from(error.to_string()))?;
    let post = Post { outbox: serving.outbox.clone(), url: serving.address(address) };
    if let Some(shown) = serving.shown(address) {
        state.reached_at(&shown);
    }
    if let Begun::Before(as_of) = evaluator {
        state.evaluating(as_of);
    }
    let evaluator = if let Begun::Now(evaluator) = evaluator { Some(*evaluator) } else { None };
    let following = follow(state.clone(), ledger.clone(), evaluator, version, post, clock);
    let (stop, stopping) = tokio::sync::oneshot::channel::<()>();
    let runtime = tokio::runtime::Handle::current();
    // An evaluation computes for a while without a pause: on a thread of its own it keeps no request waiting.
    let following = tokio::task::spawn_blocking(move || {
        runtime.block_on(async {
            tokio::select! {
                () = following => {}
                _ = stopping => {}
            }
        });
    });
    let service = console::router(state).into_make_service_with_connect_info::<SocketAddr>();
    ready(&serving.address(address));
    let served = axum::serve(listener, service).with_graceful_shutdown(stopped()).await;
    drop(stop);
    following.await.map_err(|error| Failure::from(error.to_string()))?;
    ledger.close().await;
    served.map_err(|error| Failure::from(error.to_string()))
}

/// What was evaluated before requests are answered.
enum Begun {
    /// Everything, a moment ago.
    Now(Box<Evaluator>),
    /// Nothing yet in this start: what the store holds is as of then.
    Before(Moment),
}

/// Evaluates everything when that was never done: there is nothing to show yet. Otherwise the numbers of the last run are shown
/// as such until those of this start are there.
async fn first_evaluation(ledger: &Ledger, pack: &Arc<Pack>, at: Moment) -> ledger::Result<Begun> {
    let mut reading = ledger.reading(Actor::Machine("assurance"), at).await?;
    let as_of = findings::as_of(&mut reading).await?;
    reading.end().await?;
    match as_of {
        Some(as_of) => Ok(Begun::Before(as_of)),
        None => Ok(Begun::Now(Box::new(Evaluator::start(ledger, Arc::clone(pack), at).await?))),
    }
}

/// Round after round: switches to the version of the policy whose day has come, and brings findings and counts in step with
/// the journal. What fails is tried again.
async fn follow(
    state: console::State,
    ledger: Ledger,
    mut evaluator: Option<Evaluator>,
    mut version: Following,
    post: Post,
    clock: console::Clock,
) {
    loop {
        let at = Moment(clock());
        match version.step(&ledger, at).await {
            Ok(Some(pack)) => state.put_in_force(pack),
            Ok(None) => {}
            Err(error) => eprintln!("adoption: {}", error.log()),
        }
        let caught_up = evaluate(&mut evaluator, &ledger, state.pack(), at).await;
        state.evaluated(caught_up.is_ok());
        if let Err(error) = caught_up {
            eprintln!("assurance: {}", error.log());
        }
        if let Err(error) = post.round(&ledger, &state.pack(), at).await {
            eprintln!("deadlines: {error}");
        }
        tokio::time::sleep(ROUND).await;
    }
}

/// Evaluates what changed since the last round, or everything in the first.
async fn evaluate(
    evaluator: &mut Option<Evaluator>,
    ledger: &Ledger,
    pack: Arc<Pack>,
    at: Moment,
) -> ledger::Result<()> {
    match evaluator {
        Some(evaluator) => evaluator.catch_up(ledger, pack, at).await.map(|_| ()),
        None => Evaluator::start(ledger, pack, at).await.map(|started| *evaluator = Some(started)),
    }
}

/// Resolves at Ctrl-C or a request to terminate.
async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = interrupted => {}
        () = terminated => {}
    }
}
