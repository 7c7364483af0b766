//! An example of every route: what stands in its address, and what a visitor sends.
//!
//! To add one: a line in [`examples`] with the route as the router writes it, and in [`Places`] whatever it needs to exist.
//! Then renew docs/generated/routes.md and look at the difference.

use std::sync::Arc;

use assurance::Evaluator;
use ledger::attestations::{self, Report};
use ledger::people::{Standing, accounts, persons};
use ledger::permission::{self, Office};
use ledger::{Actor, Id, Moment, files, packs};
use serde_json::{Value as Json, json};

use crate::city::{ASSET, Browser, City, NOW, policy_source};

/// A call.
pub(super) struct Example {
    pub(super) method: &'static str,
    /// The route as the router writes it.
    pattern: &'static str,
    /// What is special about this call, when a route has several.
    note: &'static str,
    pub(super) path: String,
    pub(super) fields: Vec<(&'static str, String)>,
    pub(super) json: Option<Json>,
    /// `If-Match`
    pub(super) version: Option<&'static str>,
}

impl Example {
    pub(super) fn route(&self) -> String {
        format!("{} {}", self.method, self.pattern)
    }

    pub(super) fn name(&self) -> String {
        if self.note.is_empty() { format!("`{}`", self.route()) } else { format!("`{}` {}", self.route(), self.note) }
    }

    fn note(mut self, note: &'static str) -> Self {
        self.note = note;
        self
    }

    fn json(mut self, json: Json) -> Self {
        self.json = Some(json);
        self
    }

    fn version(mut self, version: &'static str) -> Self {
        self.version = Some(version);
        self
    }
}

/// What the addresses name.
pub(super) struct Places {
    desk: Id,
    staff: Id,
    asset: String,
    takeout: String,
    incident: String,
    risk: String,
    contract: String,
    audit: String,
    sample: String,
    file: Id,
    policy: Id,
    invitation: String,
    style: String,
}

fn asset_json() -> Json {
    let fields: serde_json::Map<String, Json> = ASSET
        .iter()
        .map(|(name, value)| {
            ((*name).to_owned(), if *name == "reviewed_on" { json!("2026-11-01") } else { json!(value) })
        })
        .collect();
    json!({ "fields": fields })
}

impl Places {
    /// An asset and a take-out of 市民課, the evidence of its head's report, a proposed version of the policy, an invitation.
    pub(super) async fn prepare(city: &City) -> Self {
        let mut head = city.signed_in("head").await;
        let asset = head.post("/registers/assets/new", &[ASSET, &[("then", "register")]].concat()).await.location;
        let page = head.get(&asset).await.body;
        let number = page.split("<h1>").nth(1).unwrap().split('<').next().unwrap().trim().to_owned();
        let style = page.split("href=\"/assets/").nth(1).unwrap().split('"').next().unwrap();
        let style = format!("/assets/{style}");
        let takeout = [
            ("asset", number.as_str()),
            ("how", "terminal"),
            ("purpose", "申告会場で使う"),
            ("destination", "市民会館"),
            ("transport", "official_car"),
            ("carriers", "10004"),
            ("out_on", "2026-11-24"),
            ("return_by", "2026-11-25"),
            ("then", "submit"),
        ];
        let made = city.signed_in("staff").await.post("/registers/takeouts/new", &takeout).await;
        assert!(made.location.starts_with("/registers/takeouts/"), "{}", made.body);
        let incident = incident(city).await;
        let risk = head_risk(&mut head).await;
        let contract = head_contract(&mut head).await;
        let (audit, sample) = audit(city).await;
        let desk = city.unit("市民課").await;
        let mut op = city.ledger.operation(Actor::Operator("test".into()), Moment(NOW)).await.unwrap();
        let account = accounts::by_login(&mut op, "staff").await.unwrap().unwrap();
        let head = accounts::by_login(&mut op, "head").await.unwrap().unwrap().person;
        let staff = persons::get(&mut op, account.person).await.unwrap().id;
        let invitation = console::invite(&mut op, None, account.id).await.unwrap().path;
        let mut source = policy_source();
        let text = String::from_utf8(source.get("pack.toml").unwrap().to_vec()).unwrap().replacen(
            "version",
            "version = \"9999\"\n# version",
            1,
        );
        source.insert("pack.toml", text.into_bytes());
        let permit = permission::office(&op, None, Office::Packs, "propose", "pack", "").unwrap();
        let proposal = packs::Proposal {
            source: packs::to_bytes(source.files()),
            note: "案".to_owned(),
            effective: "2027-04-01".parse().unwrap(),
        };
        let policy = packs::propose(&mut op, permit, proposal).await.unwrap();
        op.commit().await.unwrap();
        let file = report(city, head, desk).await;
        Evaluator::start(&city.ledger, Arc::clone(&city.pack), Moment(NOW)).await.unwrap();
        Self {
            desk,
            staff,
            asset,
            takeout: made.location,
            incident,
            risk,
            contract,
            audit,
            sample,
            file,
            policy,
            invitation,
            style,
        }
    }

    /// A record's address under another prefix: `/registers/…` as the API has it.
    fn api(page: &str) -> String {
        let (register, id) = page.trim_start_matches("/registers/").split_once('/').unwrap();
        format!("/api/v1/registers/{register}/records/{id}")
    }

    fn id(page: &str) -> &str {
        page.rsplit('/').next().unwrap()
    }
}

/// An attack on 市民課, reported at the desk.
async fn incident(city: &City) -> String {
    let report =
        [("kind", "ransomware"), ("summary", "ファイルが開けない"), ("day", "2026-11-20"), ("section", "市民課")];
    let answer = city.browser().post("/report", &report).await;
    let number = answer.body.split("class=\"num\">").nth(1).expect("a receipt").split('<').next().unwrap().to_owned();
    let number: String = form_urlencoded::byte_serialize(number.as_bytes()).collect();
    city.signed_in("csirt").await.get(&format!("/search?q={number}")).await.location
}

/// A risk that the head of 市民課 is writing.
async fn head_risk(head: &mut Browser<'_>) -> String {
    let risk = [
        ("title", "画面を来庁者に見られる"),
        ("threat", "disclosure"),
        ("loss_confidentiality", "3"),
        ("loss_integrity", "1"),
        ("loss_availability", "1"),
        ("likelihood", "2"),
        ("weakness", "2"),
        ("treatment", "reduce"),
        ("assessed_on", "2026-11-20"),
    ];
    let made = head.post("/registers/risk-assessments/new", &risk).await;
    assert!(made.location.starts_with("/registers/risk-assessments/"), "{}", made.body);
    made.location
}

/// A contract that the head of 市民課 is writing.
async fn head_contract(head: &mut Browser<'_>) -> String {
    let contractor = [
        ("name", "関守入力（架空）"),
        ("kind", "work"),
        ("contact", "責任者"),
        ("certificate", "none"),
        ("then", "register"),
    ];
    let made = head.post("/registers/contractors/new", &contractor).await;
    assert!(made.location.starts_with("/registers/contractors/"), "{}", made.body);
    let contract = [
        ("title", "申請書の入力"),
        ("contractor", "関守入力（架空）"),
        ("partner", "関守入力（架空）"),
        ("kind", "work"),
        ("confidentiality", "3C"),
        ("range", "申請書の記載事項"),
        ("personal", "personal"),
        ("place", "office"),
        ("clauses", "obey"),
        ("starts_on", "2026-12-01"),
        ("ends_on", "2027-03-31"),
    ];
    let made = head.post("/registers/contracts/new", &contract).await;
    assert!(made.location.starts_with("/registers/contracts/"), "{}", made.body);
    made.location
}

/// An audit that the auditor is writing, and a sample for it.
async fn audit(city: &City) -> (String, String) {
    let mut auditor = city.signed_in("auditor").await;
    let audit = [
        ("theme", "窓口の情報の取扱い"),
        ("kind", "internal"),
        ("auditors", "10006"),
        ("skills", "研修を受けた"),
        ("scope", "書類の確認"),
        ("starts_on", "2026-12-01"),
        ("ends_on", "2026-12-11"),
        ("period_from", "2025-04-01"),
        ("period_to", "2026-03-31"),
    ];
    let audit = auditor.post("/registers/audits/new", &audit).await;
    assert!(audit.location.starts_with("/registers/audits/"), "{}", audit.body);
    let page = auditor.get(&audit.location).await.body;
    let number = page.split("<h1>").nth(1).unwrap().split('<').next().unwrap().trim().to_owned();
    let sample = [
        ("title", "台帳の標本"),
        ("audit", number.as_str()),
        ("population", "assets"),
        ("reach", "all"),
        ("from_day", "2026-04-01"),
        ("until_day", "2026-11-21"),
        ("size", "5"),
    ];
    let sample = auditor.post("/registers/audit-samples/new", &sample).await;
    assert!(sample.location.starts_with("/registers/audit-samples/"), "{}", sample.body);
    (audit.location, sample.location)
}

/// The head's report on a duty of the section, with its evidence.
async fn report(city: &City, head: Id, desk: Id) -> Id {
    let mut op = city.ledger.operation(Actor::Person(head), Moment(NOW)).await.unwrap();
    let standing = Standing::of(&mut op, &city.pack, head).await.unwrap();
    let permit = permission::attach(&op, Some(&standing)).unwrap();
    let file = files::add(&mut op, permit, "返却.txt", "text/plain", &b"evidence"[..]).await.unwrap().id;
    let control = city.pack.control(REPORTED).unwrap();
    let permit = permission::attest(&mut op, &standing, control, Some(desk)).await.unwrap();
    let subject = format!("unit:{desk}");
    let report =
        Report {
            control, subject, on: "2026-11-20".parse().unwrap(), note: "確かめた".to_owned(), file: Some(file)
        };
    attestations::attest(&mut op, permit, report).await.unwrap();
    op.commit().await.unwrap();
    file
}

/// A duty that every section's head reports.
const REPORTED: &str = "leavers-returned";
/// A duty that no head has reported yet.
const OWED: &str = "labels-sampled";
/// An id that names nothing.
const NOTHING: &str = "01900000-0000-7000-8000-000000000000";

fn get(pattern: &'static str, path: impl Into<String>) -> Example {
    Example { method: "GET", pattern, note: "", path: path.into(), fields: Vec::new(), json: None, version: None }
}

fn post(pattern: &'static str, path: impl Into<String>, fields: &[(&'static str, &str)]) -> Example {
    let fields = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Example { method: "POST", fields, ..get(pattern, path) }
}

/// All of them, in the order in which they are called: what ends a session or a credential comes last.
pub(super) fn examples(at: &Places) -> Vec<Example> {
    let mut all = reading(at);
    all.extend(writing(at));
    all.extend(api(at));
    all.extend(signing(at));
    all
}

fn reading(at: &Places) -> Vec<Example> {
    let (asset, takeout) = (&at.asset, &at.takeout);
    vec![
        get("/", "/"),
        get("/inbox", "/inbox"),
        get("/compliance", "/compliance"),
        get("/compliance/findings", "/compliance/findings"),
        get("/compliance/controls/{id}", format!("/compliance/controls/{REPORTED}")),
        get("/search", "/search?q=%E4%BD%8F%E6%B0%91"),
        get("/me", "/me"),
        get("/organisation", "/organisation"),
        get("/organisation/absences", "/organisation/absences"),
        get("/organisation/units/{id}", format!("/organisation/units/{}", at.desk)),
        get("/organisation/people/{id}", format!("/organisation/people/{}", at.staff)),
        get("/place/{id}", "/place/assets"),
        get("/registers/{register}", "/registers/assets").note("情報資産"),
        get("/registers/{register}", "/registers/incidents").note("事故"),
        get("/registers/{register}/new", "/registers/assets/new").note("情報資産"),
        get("/registers/{register}/new", "/registers/audits/new").note("監査"),
        get("/registers/{register}/export", "/registers/assets/export?form=csv"),
        get("/registers/{register}/import", "/registers/assets/import"),
        get("/registers/{register}/{id}", asset).note("市民課の情報資産"),
        get("/registers/{register}/{id}", takeout).note("市民課の持出し"),
        get("/registers/{register}/{id}/edit", format!("{asset}/edit")),
        get("/registers/{register}/{id}/print", format!("{takeout}/print")),
        get("/registers/{register}/matrix", "/registers/risk-assessments/matrix"),
        get("/registers/{register}/audit-plan", "/registers/audits/audit-plan"),
        get("/registers/{register}/{id}/items", format!("{}/items", at.audit)),
        get("/registers/{register}/{id}/population", format!("{}/population", at.sample)),
        get("/registers/{register}/{id}/common-form", format!("{}/common-form", at.incident)),
        get("/registers/{register}/{id}/clauses", format!("{}/clauses", at.contract)),
        get("/report", "/report"),
        get("/settings", "/settings"),
        get("/settings/about", "/settings/about"),
        get("/settings/accounts", "/settings/accounts"),
        get("/settings/packs", "/settings/packs"),
        get("/settings/packs/{id}", format!("/settings/packs/{}", at.policy)),
        get("/settings/people", "/settings/people"),
        get("/settings/retention", "/settings/retention"),
        get("/settings/sources", "/settings/sources"),
        get("/settings/sources/{source}", "/settings/sources/antimalware"),
        get("/files/{id}", format!("/files/{}", at.file)).note("実施報告の証跡"),
        get("/journal", "/journal"),
        get("/evidence", "/evidence"),
        get("/oversight", "/oversight?way=administrator"),
        get("/as-of", "/as-of?on=2026-11-22"),
        get("/registers/{register}/as-of", "/registers/assets/as-of?on=2026-11-22"),
        get("/healthz", "/healthz"),
        get("/metrics", "/metrics"),
        get("/pick/people", "/pick/people?q=%E4%BD%90%E8%97%A4"),
        get("/pick/records/{register}", "/pick/records/assets?q=%E4%BD%8F%E6%B0%91"),
        get("/documents", "/documents"),
        get("/documents/compare", "/documents/compare"),
        get("/documents/{document}", "/documents/policy"),
        get("/documents/{document}/{clause}", "/documents/policy/policy-meaning"),
        get("/crosswalk/{edition}", "/crosswalk/source-policy"),
        get("/publication", "/publication"),
        get("/publication/{file}", "/publication/publication.html"),
        get("/notices", "/notices"),
        get("/reports", "/reports"),
        get("/reports/{control}", format!("/reports/{OWED}?subject=unit:{}", at.desk)),
        get("/questionnaires", "/questionnaires"),
        get("/questionnaires/{id}", "/questionnaires/self-check"),
        get("/questionnaires/{id}/results", "/questionnaires/self-check/results"),
        get("/language", "/language?to=ja&back=/"),
        get("/assets/{version}/{name}", &at.style),
        get("/me/list", "/me/list"),
    ]
}

fn writing(at: &Places) -> Vec<Example> {
    let (asset, takeout) = (&at.asset, &at.takeout);
    let subject = format!("unit:{}", at.desk);
    let task = format!("takeouts/{}/2", Places::id(takeout));
    let step = |name: &str, fields: &[(&'static str, &str)]| {
        post("/registers/{register}/{id}/do/{transition}", format!("{takeout}/do/{name}"), fields)
    };
    vec![
        step("approve", &[("version", "2")]).note("承認する"),
        step("refuse", &[("version", "2"), ("reason", "代替手段がある")]).note("不承認とする"),
        step("withdraw", &[("version", "2")]).note("引き戻す"),
        post("/inbox", "/inbox", &[("task", &task)]),
        post("/inbox/read", "/inbox/read", &[("task", NOTHING), ("kind", "countersign")]),
        post("/absence", "/absence", &[("to", "")]),
        post("/absence/end", "/absence/end", &[("absence", NOTHING)]),
        post("/organisation/absences", "/organisation/absences", &[("person", "10004"), ("from", "2026-11-30")]),
        post("/organisation/absences/end", "/organisation/absences/end", &[("absence", NOTHING)]),
        post("/evidence", "/evidence", &[("control", REPORTED), ("from", "2026-04-01"), ("to", "2026-11-22")]),
        post("/registers/{register}/new", "/registers/assets/new", ASSET).note("情報資産"),
        post("/registers/{register}/new", "/registers/audits/new", &[]).note("監査"),
        post("/registers/{register}/import", "/registers/assets/import", &[("act", "check"), ("carried", "")]),
        post("/registers/{register}/{id}/edit", format!("{asset}/edit"), &[ASSET, &[("version", "2")]].concat()),
        post(
            "/registers/{register}/{id}/incident",
            format!("{}/incident", at.incident),
            &[("version", "2"), ("what", "timeline"), ("says", "通信を切った")],
        ),
        post(
            "/registers/{register}/{id}/risk",
            format!("{}/risk", at.risk),
            &[("version", "1"), ("what", "clause"), ("clause", "standard#incident-report"), ("change", "改める")],
        ),
        post(
            "/registers/{register}/{id}/contract",
            format!("{}/contract", at.contract),
            &[("version", "1"), ("clause", "secrecy")],
        ),
        post(
            "/registers/{register}/{id}/audit",
            format!("{}/audit", at.audit),
            &[("what", "items"), ("item", "standard#audit-plan audit-plan-cooperation")],
        ),
        post("/report", "/report", &[("kind", "loss"), ("summary", "鍵がない"), ("day", "2026-11-20")]),
        post("/settings/sources/{source}", "/settings/sources/antimalware", &[("act", "check"), ("carried", "")]),
        post("/settings/accounts", "/settings/accounts", &[("act", "add"), ("code", "10001"), ("login", "x")]),
        post("/settings/packs", "/settings/packs", &[("effective", "2027-04-01")]),
        post("/settings/packs/{id}", format!("/settings/packs/{}", at.policy), &[("act", "adopt")]).note("決裁"),
        post("/settings/packs/{id}", format!("/settings/packs/{}", at.policy), &[("act", "withdraw")]).note("取下げ"),
        post("/settings/people", "/settings/people", &[("act", "unit"), ("unit_code", "99"), ("name", "新課")]),
        post(
            "/settings/retention",
            "/settings/retention",
            &[("act", "propose"), ("record", Places::id(takeout)), ("reason", "満了")],
        ),
        post("/notices/read", "/notices/read", &[]),
        post("/reports/{control}", format!("/reports/{OWED}"), &[("subject", &subject), ("on", "2026-11-20")]),
        post("/questionnaires/{id}", "/questionnaires/self-check", &[]),
    ]
}

fn api(at: &Places) -> Vec<Example> {
    let records = "/api/v1/registers/assets/records";
    let (one, takeout) = (Places::api(&at.asset), Places::api(&at.takeout));
    let patch = Example { method: "PATCH", ..get("/api/v1/registers/{register}/records/{id}", &one) };
    vec![
        get("/api/openapi.json", "/api/openapi.json"),
        get("/api/v1/registers", "/api/v1/registers"),
        get("/api/v1/registers/{register}/records", records),
        get("/api/v1/registers/{register}/records/{id}", &one).note("市民課の情報資産"),
        get("/api/v1/search", "/api/v1/search?q=x"),
        get("/api/v1/assurance/summary", "/api/v1/assurance/summary"),
        get("/api/v1/findings", "/api/v1/findings"),
        get("/api/v1/journal", "/api/v1/journal?after=0"),
        post("/api/v1/registers/{register}/records", records, &[]).json(asset_json()),
        patch.json(json!({ "fields": { "place": "地下書庫" } })).version("\"3\""),
        post(
            "/api/v1/registers/{register}/records/{id}/transitions/{name}",
            format!("{takeout}/transitions/approve"),
            &[],
        )
        .json(json!({}))
        .version("\"1\""),
    ]
}

fn signing(at: &Places) -> Vec<Example> {
    vec![
        get("/setup/{account}/{token}", &at.invitation),
        post("/setup/{account}/{token}", &at.invitation, &[("password", "short"), ("again", "short")]),
        get("/signin", "/signin"),
        get("/signin/second", "/signin/second"),
        get("/signin/enrol", "/signin/enrol"),
        post("/signin/second", "/signin/second", &[("code", "000000")]),
        post("/signin/enrol", "/signin/enrol", &[("secret", "x"), ("code", "000000")]),
        post("/signin", "/signin", &[("login", "staff"), ("password", "wrong-horse-battery")]),
        post("/me/list", "/me/list", &[]),
        post("/me/list/remove", "/me/list/remove", &[]),
        post("/me/totp/remove", "/me/totp/remove", &[]),
        post("/signin/enrol/passkey", "/signin/enrol/passkey", &[("answer", "{}")]),
        post("/signin/enrol/passkey/ask", "/signin/enrol/passkey/ask", &[]),
        post("/signin/passkey", "/signin/passkey", &[("answer", "{}")]),
        post("/signin/passkey/ask", "/signin/passkey/ask", &[]),
        post("/me/passkeys/remove", "/me/passkeys/remove", &[("id", "x")]),
        post("/signout", "/signout", &[]),
    ]
}
