//! A small city on an embedded store, with a browser that keeps cookies.

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use ledger::people::persons::PersonData;
use ledger::people::posts::NewPost;
use ledger::people::units::NewUnit;
use ledger::people::{AFFILIATION, accounts, persons, posts, tokens, units};
use ledger::permission::{self, Office};
use ledger::{Actor, Id, Ledger, Location, Moment, Operation, Permit, SeededEntropy};
use pack::Pack;
use pack::expr::Day;
use tower::ServiceExt;

/// 2026-11-22T10:00+09:00.
pub(crate) const NOW: i64 = 1_795_309_200_000;
pub(crate) const PASSWORD: &str = "correct-horse-battery";
pub(crate) const TOTP: &[u8; 20] = b"12345678901234567890";

/// An asset as the form asks for it.
pub(crate) const ASSET: &[(&str, &str)] = &[
    ("name", "住民異動届一覧"),
    ("kind", "paper"),
    ("confidentiality", "2"),
    ("integrity", "2"),
    ("availability", "1"),
    ("personal", "none"),
    ("origin", "made"),
    ("place", "執務室の鍵付き書庫"),
    ("reviewed_on", "令和8年11月1日"),
];

pub(crate) struct City {
    pub(crate) ledger: Ledger,
    pub(crate) pack: Arc<Pack>,
    pub(crate) router: Router,
    pub(crate) state: console::State,
    pub(crate) now: Arc<AtomicI64>,
    _folder: tempfile::TempDir,
}

fn read_folder(root: &Path, at: &Path, source: &mut pack::Source) {
    for entry in std::fs::read_dir(at).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_folder(root, &path, source);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            source.insert(name, std::fs::read(&path).unwrap());
        }
    }
}

/// The files of this repository's pack.
pub(crate) fn policy_source() -> pack::Source {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/sodegaura");
    let mut source = pack::Source::new();
    read_folder(&root, &root, &mut source);
    source
}

/// The pack of this repository, under a made-up name.
pub(crate) fn policy() -> Arc<Pack> {
    static MADE: OnceLock<Arc<Pack>> = OnceLock::new();
    Arc::clone(MADE.get_or_init(make_policy))
}

fn make_policy() -> Arc<Pack> {
    let source = policy_source();
    let checked = pack::compile(&source);
    let wrong: Vec<_> = checked.diagnostics.iter().filter(|d| d.severity == pack::Severity::Error).take(3).collect();
    let mut pack = checked.pack.unwrap_or_else(|| panic!("the pack does not compile: {wrong:#?}"));
    pack.municipality.name = text("関守市", "Sekimori City");
    pack.municipality.notice =
        Some(text("架空のデータ：関守市は実在しません", "Made-up data: there is no Sekimori City"));
    pack.municipality.contact = Some("内線 2119（CSIRT）".to_owned());
    Arc::new(pack)
}

fn text(ja: &str, en: &str) -> pack::model::Text {
    pack::model::Text { ja: ja.to_owned(), en: Some(en.to_owned()) }
}

fn permit(op: &Operation, office: Office) -> Permit {
    permission::office(op, None, office, "set-up", "city", "").unwrap()
}

async fn unit(op: &mut Operation, code: &str, name: &str, level: &str, parent: Option<Id>) -> Id {
    let leave = permit(op, Office::People);
    let from = Day::from_date(2020, 4, 1).unwrap();
    let unit = NewUnit {
        code: code.to_owned(),
        name: name.to_owned(),
        body: "mayor".to_owned(),
        level: level.to_owned(),
        parent,
        position: code.parse().unwrap(),
        from,
    };
    units::add(op, leave, unit).await.unwrap()
}

pub(crate) async fn person(
    op: &mut Operation,
    code: &str,
    name: &str,
    kana: &str,
    category: &str,
    unit: Id,
    roles: &[&str],
) -> Id {
    let from = Day::from_date(2020, 4, 1).unwrap();
    let data = PersonData {
        code: code.to_owned(),
        name: name.to_owned(),
        name_shown: None,
        kana: kana.to_owned(),
        mail: String::new(),
        category: category.to_owned(),
        from,
        to: None,
    };
    let leave = permit(op, Office::People);
    let id = persons::add(op, leave, data).await.unwrap();
    for role in std::iter::once(&AFFILIATION).chain(roles) {
        let post = NewPost { person: id, role: (*role).to_owned(), unit, main: true, acting: false, from, to: None };
        let leave = permit(op, Office::People);
        posts::give(op, leave, post).await.unwrap();
    }
    id
}

async fn account(op: &mut Operation, person: Id, login: &str, second: bool) {
    let leave = permit(op, Office::Accounts);
    let account = accounts::add(op, leave, person, login).await.unwrap();
    let leave = permit(op, Office::Accounts);
    let stored = console::hash_password(PASSWORD, [7; 16]).unwrap();
    accounts::add_credential(op, leave, account, "password", "", stored).await.unwrap();
    if second {
        let leave = permit(op, Office::Accounts);
        accounts::add_credential(op, leave, account, "totp", "", TOTP.to_vec()).await.unwrap();
    }
}

/// Everybody, with the login of each.
async fn everybody(op: &mut Operation, [city, general, policy_section, desk, tax]: [Id; 5]) -> Vec<(&'static str, Id)> {
    vec![
        ("ciso", person(op, "10001", "山本 隆", "ヤマモト タカシ", "special_full_time", city, &["ciso"]).await),
        (
            "chief",
            person(op, "10007", "中村 直美", "ナカムラ ナオミ", "full_time", general, &["chief_security_officer"])
                .await,
        ),
        ("admin", person(op, "10002", "小川 真", "オガワ マコト", "full_time", policy_section, &["secretariat"]).await),
        ("head", person(op, "10003", "佐藤 恵", "サトウ メグミ", "full_time", desk, &["section_manager"]).await),
        ("staff", person(op, "10004", "髙橋 直", "タカハシ ナオ", "full_time", desk, &[]).await),
        ("taxer", person(op, "10005", "渡邉󠄂 葵", "ワタナベ アオイ", "full_time", tax, &[]).await),
        ("auditor", person(op, "10006", "辻 誠", "ツジ マコト", "full_time", policy_section, &["auditor"]).await),
        ("system", person(op, "10008", "森 拓", "モリ タク", "full_time", policy_section, &["system_manager"]).await),
        ("personnel", person(op, "10009", "林 遥", "ハヤシ ハルカ", "full_time", policy_section, &["personnel"]).await),
        (
            "sysadmin",
            person(op, "10010", "原 涼", "ハラ リョウ", "full_time", policy_section, &["product_administrator"]).await,
        ),
        ("kansa", person(op, "10022", "監督 章", "カントク アキラ", "full_time", general, &["audit_chief"]).await),
        ("member", person(op, "10023", "委員 結", "イイン ユイ", "full_time", general, &["committee_member"]).await),
        ("csirt", person(op, "10011", "見張 進", "ミハリ ススム", "full_time", policy_section, &["csirt"]).await),
        ("shomu", person(op, "10012", "庶務 花", "ショム ハナ", "full_time", desk, &["general_affairs"]).await),
        ("vendor", person(op, "90001", "外部 太郎", "ガイブ タロウ", "contractor", policy_section, &[]).await),
    ]
}

impl City {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::File(folder.path().join("city.db"));
        let ledger = Ledger::create(&location, Arc::new(SeededEntropy::new(1))).await.unwrap();
        let mut op = ledger.operation(Actor::Operator("test".into()), Moment(NOW)).await.unwrap();
        let city = unit(&mut op, "1", "関守市", "body", None).await;
        let general = unit(&mut op, "10", "総務部", "bureau", Some(city)).await;
        let policy_section = unit(&mut op, "11", "情報政策課", "section", Some(general)).await;
        let citizens = unit(&mut op, "20", "市民部", "bureau", Some(city)).await;
        let desk = unit(&mut op, "21", "市民課", "section", Some(citizens)).await;
        let tax = unit(&mut op, "22", "課税課", "section", Some(citizens)).await;
        let people = everybody(&mut op, [city, general, policy_section, desk, tax]).await;
        for (login, person) in people {
            account(&mut op, person, login, !matches!(login, "staff" | "taxer" | "vendor")).await;
        }
        op.commit().await.unwrap();
        let now = Arc::new(AtomicI64::new(NOW));
        let clock = Arc::clone(&now);
        let settings = console::Settings { secure: false, clock: Arc::new(move || clock.load(Ordering::SeqCst)) };
        let pack = policy();
        let state = console::State::new(ledger.clone(), Arc::clone(&pack), settings);
        state.read_tables_with(Arc::new(tables::read));
        state.unpack_with(Arc::new(|_| None));
        Self { ledger, pack, router: console::router(state.clone()), state, now, _folder: folder }
    }

    /// A token of this person.
    pub(crate) async fn token(&self, login: &str, scopes: &[&str]) -> String {
        let mut op = self.ledger.operation(Actor::Operator("test".into()), Moment(NOW)).await.unwrap();
        let account = accounts::by_login(&mut op, login).await.unwrap().unwrap();
        let leave = permit(&op, Office::Accounts);
        let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let token = tokens::create(&mut op, leave, account.id, "", &scopes, None).await.unwrap();
        op.commit().await.unwrap();
        token
    }

    /// Status, ETag and body of an API call.
    pub(crate) async fn api(
        &self,
        method: &str,
        path: &str,
        token: &str,
        if_match: Option<&str>,
        body: Option<serde_json::Value>,
    ) -> (StatusCode, String, serde_json::Value) {
        let mut request = Request::builder().method(method).uri(path);
        if !token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(tag) = if_match {
            request = request.header(header::IF_MATCH, tag);
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let tag = response.headers().get(header::ETAG).map(|tag| tag.to_str().unwrap().to_owned()).unwrap_or_default();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 64 << 20).await.unwrap();
        (parts.status, tag, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// The unit of this name.
    pub(crate) async fn unit(&self, name: &str) -> Id {
        let mut reading = self.ledger.reading(Actor::Machine("test"), Moment(NOW)).await.unwrap();
        units::all(&mut reading).await.unwrap().into_iter().find(|unit| unit.name == name).unwrap().id
    }

    pub(crate) fn browser(&self) -> Browser<'_> {
        Browser { city: self, cookies: Vec::new() }
    }

    /// A browser in which this person has signed in.
    pub(crate) async fn signed_in(&self, login: &str) -> Browser<'_> {
        let mut browser = self.browser();
        browser.get("/signin").await;
        let answer = browser.post("/signin", &[("login", login), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        if answer.location == "/signin/second" {
            // A code is good once: each sign-in happens in a time step of its own.
            let at = self.now.fetch_add(30_000, Ordering::SeqCst) + 30_000;
            let code = console::totp_code(TOTP, at).unwrap();
            let answer = browser.post("/signin/second", &[("code", &code)]).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        }
        browser
    }
}

/// The version that the page's forms carry, where it has one.
pub(crate) fn version(page: &str) -> String {
    let form = page.split_once("name=\"version\" value=\"");
    form.and_then(|(_, rest)| rest.split('"').next()).unwrap_or_default().to_owned()
}

/// The number that is the page's heading.
pub(crate) fn number(page: &str) -> String {
    page.split_once("<h1>").unwrap().1.split('<').next().unwrap().trim().to_owned()
}

#[derive(Clone)]
pub(crate) struct Browser<'a> {
    city: &'a City,
    cookies: Vec<(String, String)>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) body: String,
    /// The same as it came.
    pub(crate) bytes: Vec<u8>,
}

impl Browser<'_> {
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Posts a form with the proof that a page of ours would have carried.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let proof = self.proof().await;
        self.post_with(path, &proof, fields).await
    }

    pub(crate) async fn post_with(&mut self, path: &str, proof: &str, fields: &[(&str, &str)]) -> Answer {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("proof", proof).extend_pairs(fields);
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(body.finish())).unwrap()).await
    }

    /// Makes a record; its address.
    pub(crate) async fn makes(&mut self, register: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.post(&format!("/registers/{register}/new"), fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{register}: {}", answer.body);
        answer.location
    }

    /// Posts a form with a file, as a browser does.
    pub(crate) async fn post_file(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        (field, name, bytes): (&str, &str, &[u8]),
    ) -> Answer {
        let proof = self.proof().await;
        let mut body = Vec::new();
        for (name, value) in fields.iter().chain([&("proof", proof.as_str())]) {
            let part = format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(part.as_bytes());
        }
        let head = format!("--cut\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n");
        body.extend(head.as_bytes());
        body.extend(bytes);
        body.extend(b"\r\n--cut--\r\n");
        let request = Request::post(path).header(header::CONTENT_TYPE, "multipart/form-data; boundary=cut");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// The proof in the page that this browser would see.
    async fn proof(&mut self) -> String {
        let signed_in = self.cookies.iter().any(|(name, value)| name == "sekimori" && !value.is_empty());
        let page = self.get(if signed_in { "/me" } else { "/signin" }).await;
        let page = if page.body.contains("name=\"proof\"") { page } else { self.get("/signin").await };
        let (_, rest) = page.body.split_once("name=\"proof\" value=\"").expect("a form");
        rest.split('"').next().unwrap().to_owned()
    }

    async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let line: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !line.is_empty() {
            request.headers_mut().insert(header::COOKIE, line.join("; ").parse().unwrap());
        }
        let response = self.city.router.clone().oneshot(request).await.unwrap();
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 64 << 20).await.unwrap();
        let location = parts.headers.get(header::LOCATION).map(|l| l.to_str().unwrap().to_owned()).unwrap_or_default();
        Answer {
            status: parts.status,
            location,
            headers: parts.headers,
            body: String::from_utf8_lossy(&bytes).into_owned(),
            bytes: bytes.to_vec(),
        }
    }
}
