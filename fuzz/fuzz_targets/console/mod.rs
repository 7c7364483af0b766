//! The console of a small city on the shipped policy, answering one request after the other without a network. Every register
//! may be written by everybody, so that no request ends at a refusal of permission.

#![allow(dead_code, reason = "each target uses one of the doors")]

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use ledger::people::persons::PersonData;
use ledger::people::posts::NewPost;
use ledger::people::units::NewUnit;
use ledger::people::{AFFILIATION, accounts, persons, posts, tokens, units};
use ledger::permission::{Office, office};
use ledger::{Actor, Ledger, Location, Moment, Operation, Permit, SeededEntropy};
use pack::Pack;
use pack::model::{AccessRule, Register, Term, TermScope};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt;

/// 2026-11-22T10:00+09:00.
const NOW: i64 = 1_795_309_200_000;
const PASSWORD: &str = "correct-horse-battery";
/// Records after which the city is made anew, so that a long run stays small.
const RECORDS: usize = 3_000;

pub struct City {
    runtime: Runtime,
    router: Router,
    pub pack: Arc<Pack>,
    pub token: String,
    cookies: Vec<(String, String)>,
    pub proof: String,
    made: usize,
    _folder: TempDir,
}

fn read_folder(root: &Path, at: &Path, source: &mut pack::Source) {
    for entry in std::fs::read_dir(at).expect("the pack's folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read_folder(root, &path, source);
        } else {
            let name = path.strip_prefix(root).expect("below the root").to_str().expect("a name").to_owned();
            source.insert(name, std::fs::read(&path).expect("a file"));
        }
    }
}

fn policy() -> Pack {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packs/sodegaura");
    let mut source = pack::Source::new();
    read_folder(&root, &root, &mut source);
    let mut pack = pack::compile(&source).pack.expect("the shipped pack");
    let everybody = || {
        let who = Term::Role { role: "staff".to_owned(), scope: TermScope::All };
        vec![AccessRule { who, states: Vec::new() }]
    };
    for register in &mut pack.registers {
        (register.access.create, register.access.edit, register.access.view) = (everybody(), everybody(), everybody());
    }
    pack
}

fn leave(op: &Operation, of: Office) -> Permit {
    office(op, None, of, "set-up", "city", "").expect("the operator's leave")
}

/// A unit with a clerk in it; the clerk's token.
async fn people(ledger: &Ledger) -> ledger::Result<String> {
    let mut op = ledger.operation(Actor::Operator("fuzz".into()), Moment(NOW)).await?;
    let from = "2020-04-01".parse().expect("a day");
    let permit = leave(&op, Office::People);
    let unit = NewUnit {
        code: "1".into(), name: "市民課".into(), body: "mayor".into(), level: "section".into(), parent: None, position: 0, from,
    };
    let unit = units::add(&mut op, permit, unit).await?;
    let permit = leave(&op, Office::People);
    let person = PersonData {
        code: "10004".into(), name: "髙橋 直".into(), name_shown: None, kana: String::new(), mail: String::new(),
        category: "full_time".into(), from, to: None,
    };
    let person = persons::add(&mut op, permit, person).await?;
    let permit = leave(&op, Office::People);
    let post = NewPost { person, role: AFFILIATION.into(), unit, main: true, acting: false, from, to: None };
    posts::give(&mut op, permit, post).await?;
    let permit = leave(&op, Office::Accounts);
    let account = accounts::add(&mut op, permit, person, "staff").await?;
    let permit = leave(&op, Office::Accounts);
    let stored = console::hash_password(PASSWORD, [7; 16]).expect("a hash");
    accounts::add_credential(&mut op, permit, account, "password", "", stored).await?;
    let permit = leave(&op, Office::Accounts);
    let token = tokens::create(&mut op, permit, account, "", &[], None).await?;
    op.commit().await?;
    Ok(token)
}

impl City {
    pub fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let folder = tempfile::tempdir().expect("a folder");
        let pack = Arc::new(policy());
        let (router, token) = runtime.block_on(async {
            let location = Location::File(folder.path().join("city.db"));
            let ledger = Ledger::create(&location, Arc::new(SeededEntropy::new(1))).await.expect("a store");
            let token = people(&ledger).await.expect("people");
            let settings = console::Settings { secure: false, clock: Arc::new(|| NOW) };
            (console::router(console::State::new(ledger, Arc::clone(&pack), settings)), token)
        });
        let mut city =
            Self { runtime, router, pack, token, cookies: Vec::new(), proof: String::new(), made: 0, _folder: folder };
        city.sign_in();
        city
    }

    fn cookie(&self) -> String {
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    fn sign_in(&mut self) {
        let form = |city: &Self| Request::get("/signin").header(header::COOKIE, city.cookie());
        self.answer(form(self).body(Body::empty()).expect("a request"));
        let page = self.answer(form(self).body(Body::empty()).expect("a request")).1;
        let proof = page.split_once("name=\"proof\" value=\"").expect("a form").1.split('"').next().expect("a proof");
        let body = format!("login=staff&password={PASSWORD}&proof={proof}");
        let request = Request::post("/signin").header(header::COOKIE, self.cookie());
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        assert_eq!(self.answer(request.body(Body::from(body)).expect("a request")).0, StatusCode::SEE_OTHER);
        let me = Request::get("/me").header(header::COOKIE, self.cookie()).body(Body::empty()).expect("a request");
        let page = self.answer(me).1;
        self.proof =
            page.split_once("name=\"proof\" value=\"").expect("a form").1.split('"').next().expect("a proof").to_owned();
    }

    /// The register that a byte names.
    pub fn register(&self, byte: u8) -> &Register {
        &self.pack.registers[usize::from(byte) % self.pack.registers.len()]
    }

    /// A posted form of the signed-in clerk.
    pub fn post(&mut self, path: &str, kind: &str, body: Vec<u8>) -> (StatusCode, String) {
        let request = Request::post(path).header(header::COOKIE, self.cookie()).header(header::CONTENT_TYPE, kind);
        self.answer(request.body(Body::from(body)).expect("a request"))
    }

    /// A call of the API with the clerk's token.
    pub fn call(&mut self, method: &str, path: &str, body: Vec<u8>) -> (StatusCode, String) {
        let request = Request::builder().method(method).uri(path).header(header::IF_MATCH, "\"1\"");
        let request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        self.answer(request.body(Body::from(body)).expect("a request"))
    }

    fn answer(&mut self, request: Request<Body>) -> (StatusCode, String) {
        let router = self.router.clone();
        let (parts, body) = self.runtime.block_on(async {
            let (parts, body) = router.oneshot(request).await.expect("an answer").into_parts();
            (parts, axum::body::to_bytes(body, 64 << 20).await.expect("a body"))
        });
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().expect("a cookie").split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        assert!(!parts.status.is_server_error(), "{} {}", parts.status, String::from_utf8_lossy(&body));
        self.made += usize::from(matches!(parts.status, StatusCode::CREATED | StatusCode::SEE_OTHER));
        (parts.status, String::from_utf8_lossy(&body).into_owned())
    }

    /// Whether it has grown so much that another one should take its place.
    pub fn is_full(&self) -> bool {
        self.made > RECORDS
    }
}
