//! Contracts in 関守市（架空）: one lacks clauses, one waits for its decision, one was not checked, one ended and its information is not
//! back; a tree of sub-contracts with one that nobody permitted and one that began too early; shortfalls and what follows.

use std::collections::HashMap;

use ledger::records::{self, Record};
use ledger::{Actor, Id, Result};
use serde_json::{Value as Json, json};

use super::city::City;

/// A contractor: name, kind, certificate, days until that ends (0: none).
const CONTRACTORS: &[(&str, &str, &str, i64)] = &[
    ("関守システムズ（架空）", "system", "both", 320),
    ("関守印刷（架空）", "work", "privacy", 180),
    ("関守リサイクル（架空）", "disposal", "isms", 90),
    ("みなとデータセンター（架空）", "system", "isms", 400),
    ("安全監査法人（架空）", "consulting", "none", 0),
    ("窓口サポート（架空）", "work", "privacy", 200),
];

/// A contract.
struct Contract {
    title: &'static str,
    /// Which contractor.
    partner: usize,
    kind: &'static str,
    class: &'static str,
    personal: &'static str,
    place: &'static str,
    range: &'static str,
    /// Days since its start, and until its end.
    since: i64,
    until: i64,
    /// Days since it was checked; none: not checked.
    checked: Option<i64>,
    /// Clauses that its paper does not have.
    lacks: &'static [&'static str],
}

const SYSTEMS: &str = "標準化業務システムの運用・保守";
const PRINTING: &str = "納税通知書の印刷と封入";
/// The contract under which machines are taken away.
pub(super) const RECYCLER: &str = "機器の廃棄と運搬";
const WEBSITE: &str = "公式ウェブサイトの運用";
const LIBRARY: &str = "旧 図書館システムの運用";

const CONTRACTS: &[Contract] = &[
    Contract {
        title: SYSTEMS,
        partner: 0,
        kind: "operate",
        class: "3B",
        personal: "my_number",
        place: "contractor",
        range: "住民の基本情報と税・福祉の情報",
        since: 600,
        until: 500,
        checked: Some(150),
        lacks: &[],
    },
    // The terms on personal data and the rule on carrying were forgotten.
    Contract {
        title: PRINTING,
        partner: 1,
        kind: "work",
        class: "3B",
        personal: "personal",
        place: "contractor",
        range: "納税義務者の氏名、住所、税額",
        since: 220,
        until: 130,
        checked: None,
        lacks: &["personal_terms", "carrying"],
    },
    Contract {
        title: RECYCLER,
        partner: 2,
        kind: "disposal",
        class: "3B",
        personal: "personal",
        place: "contractor",
        range: "廃棄する機器に残る情報",
        since: 230,
        until: 130,
        checked: None,
        lacks: &[],
    },
    // Nobody checked it in the year after its start.
    Contract {
        title: WEBSITE,
        partner: 3,
        kind: "operate",
        class: "2",
        personal: "none",
        place: "remote",
        range: "公開前の原稿",
        since: 400,
        until: 330,
        checked: None,
        lacks: &[],
    },
    // It ends in six weeks.
    Contract {
        title: "情報セキュリティ監査の補助",
        partner: 4,
        kind: "work",
        class: "2",
        personal: "none",
        place: "office",
        range: "監査調書",
        since: 200,
        until: 44,
        checked: None,
        lacks: &[],
    },
    // It ended forty days ago.
    Contract {
        title: LIBRARY,
        partner: 3,
        kind: "operate",
        class: "3C",
        personal: "personal",
        place: "contractor",
        range: "図書館の利用者の情報",
        since: 760,
        until: -41,
        checked: Some(300),
        lacks: &[],
    },
];

/// One waits for the head's decision, and lacks what personal data asks for.
const WAITING: Contract = Contract {
    title: "窓口の受付と入力の委託",
    partner: 5,
    kind: "work",
    class: "3C",
    personal: "personal",
    place: "office",
    range: "申請書の記載事項",
    since: -20,
    until: 345,
    checked: None,
    lacks: &["personal_terms", "return_erase"],
};

/// What every contract of the demo says that gives information away.
const USUAL: &[&str] = &[
    "obey",
    "persons",
    "teaching",
    "secrecy",
    "purpose",
    "copying",
    "information",
    "storage",
    "subcontract",
    "carrying",
    "progress",
    "reporting",
    "audit",
    "return_erase",
    "damages",
    "data_place",
];
/// What the operation of a system asks for besides.
const OF_SYSTEMS: &[&str] = &["integrity", "testing", "vulnerability", "service_level", "logs"];

impl Contract {
    fn fields(&self, city: &City, contractor: Id, name: &str) -> Json {
        let mut clauses = USUAL.to_vec();
        if self.kind == "operate" {
            clauses.extend(OF_SYSTEMS);
        }
        clauses.extend((self.place == "remote").then_some("remote"));
        clauses.extend((self.personal != "none").then_some("personal_terms"));
        clauses.extend((self.personal == "my_number").then_some("my_number_terms"));
        clauses.retain(|clause| !self.lacks.contains(clause));
        json!({
            "title": self.title, "contractor": contractor.to_string(), "partner": name, "kind": self.kind,
            "confidentiality": self.class, "personal": self.personal, "place": self.place, "range": self.range, "clauses": clauses,
            "starts_on": city.ago(self.since).to_string(), "ends_on": city.ago(-self.until).to_string(),
        })
    }
}

/// The contract of this title.
pub(super) async fn of(city: &City, title: &str) -> Result<Option<Id>> {
    let mut reading = city.ledger.reading(Actor::Machine("demo"), city.at(0, 0)).await?;
    let all = records::all_stored(&mut reading, "contracts").await?;
    reading.end().await?;
    Ok(all.into_iter().find(|contract| contract.name == title).map(|contract| contract.id))
}

/// Contractors, contracts with their yearly checks, and who works for whom.
pub(crate) async fn contracts(city: &mut City) -> Result<()> {
    let (Some(head), Some(clerk)) = (city.person("0105", 0), city.somebody("0105", 5)) else { return Ok(()) };
    let partners = contractors(city, head).await?;
    let mut made: HashMap<&str, Record> = HashMap::new();
    for contract in CONTRACTS {
        let Some((id, name)) = partners.get(contract.partner) else { continue };
        let record = city.apply(clerk, contract.since + 5, "contracts", contract.fields(city, *id, name)).await?;
        if let Some(days) = contract.checked {
            city.act(head, days, &record, "check", json!({"checked_on": city.ago(days).to_string()})).await?;
        }
        made.insert(contract.title, record);
    }
    if let Some((id, name)) = partners.get(WAITING.partner) {
        city.enter(clerk, 4, "contracts", "submit", WAITING.fields(city, *id, name)).await?;
    }
    if let Some(systems) = made.get(SYSTEMS) {
        subcontracts(city, clerk, &systems.id.to_string()).await?;
        visit(city, head, clerk, &systems.id.to_string()).await?;
    }
    if let Some(printing) = made.get(PRINTING) {
        serious(city, head, clerk, &printing.id.to_string()).await?;
    }
    if let Some(library) = made.get(LIBRARY) {
        ended(city, head, clerk, library).await?;
    }
    Ok(())
}

async fn contractors(city: &mut City, head: Id) -> Result<Vec<(Id, &'static str)>> {
    let mut partners = Vec::new();
    for (name, kind, certificate, until) in CONTRACTORS {
        let mut fields = json!({
            "name": name, "kind": kind, "contact": "情報管理責任者（架空） 000-000-0000", "certificate": certificate,
            "explained_on": city.ago(610).to_string(),
        });
        if let (true, Some(fields)) = (*until > 0, fields.as_object_mut()) {
            fields.insert("certificate_until".to_owned(), json!(city.ago(-until).to_string()));
        }
        let (mut op, standing) = city.by(head, city.at(610, 0)).await?;
        let partner = city.create(&mut op, &standing, "contractors", fields).await?;
        let partner = city.step(&mut op, &standing, &partner, "register", Json::Null, None).await?;
        op.commit().await?;
        // What they have to keep is explained to them again each year.
        let (mut op, standing) = city.by(head, city.at(200, 0)).await?;
        city.edit(&mut op, &standing, &partner, json!({"explained_on": city.ago(200).to_string()})).await?;
        op.commit().await?;
        partners.push((partner.id, *name));
    }
    Ok(partners)
}

/// Three levels: the first was permitted; of the two below it, one came to light at a visit and one began ten days before it was
/// permitted; the third level is in order.
async fn subcontracts(city: &mut City, clerk: Id, contract: &str) -> Result<()> {
    let first = json!({
        "contract": contract, "level": 1, "partner": "北関守テック（架空）", "work": "夜間の監視と一次対応", "confidentiality": "3B",
        "personal": "my_number", "place": "contractor", "began_on": city.ago(560).to_string(),
        "permission_number": "関情第１２３号（架空）", "found": "asked", "supervision": "元の受託者が月に一度点検し、結果を市に報告する",
    });
    let first = city.apply(clerk, 580, "subcontracts", first).await?.id.to_string();
    let early = json!({
        "contract": contract, "above": first, "level": 2, "partner": "南関守ネット（架空）", "work": "通信回線の監視", "confidentiality": "2",
        "personal": "none", "place": "remote", "began_on": city.ago(310).to_string(), "found": "asked",
        "supervision": "接続の記録を月に一度見る",
    });
    let early = city.apply(clerk, 300, "subcontracts", early).await?.id.to_string();
    let third = json!({
        "contract": contract, "above": early, "level": 3, "partner": "海辺データ（架空）", "work": "監視の記録の保管", "confidentiality": "2",
        "personal": "none", "place": "contractor", "began_on": city.ago(280).to_string(), "found": "asked",
        "supervision": "南関守ネットが半年に一度点検する",
    });
    city.apply(clerk, 290, "subcontracts", third).await?;
    let unknown = json!({
        "contract": contract, "above": first, "level": 2, "partner": "個人事業の技術者（架空）", "work": "監視の当番の一部",
        "confidentiality": "3B", "personal": "my_number", "place": "remote", "began_on": city.ago(75).to_string(), "found": "discovered",
        "supervision": "確かめている",
    });
    city.enter(clerk, 16, "subcontracts", "submit", unknown).await.map(|_| ())
}

/// The sheet of the yearly check was good; a visit found what it did not say. The contractor's answer is awaited.
async fn visit(city: &mut City, head: Id, clerk: Id, contract: &str) -> Result<()> {
    let sheet = json!({
        "title": "年次点検（点検票）", "contract": contract, "checked_on": city.ago(150).to_string(), "way": "sheet", "result": "good",
    });
    let sheet = city.enter(clerk, 150, "contractor-checks", "record", sheet).await?;
    city.act(head, 149, &sheet, "close", Json::Null).await?;
    let visit = json!({
        "title": "立入りによる確認", "contract": contract, "checked_on": city.ago(16).to_string(), "way": "visit", "result": "shortfall",
        "findings": "当番の一部が、市の承認を受けていない個人の技術者に任されていた", "due_on": city.ago(-14).to_string(),
    });
    let visit = city.enter(clerk, 16, "contractor-checks", "record", visit).await?;
    let request = measure(city, clerk, 15, &visit, ("request", "改善の求め", 12)).await?;
    let done = json!({"done_on": city.ago(14).to_string(), "result": "書面で求め、作業を止めさせた"});
    city.act(clerk, 14, &request, "finish", done).await?;
    measure(city, clerk, 14, &visit, ("answer", "事業者の回答を受ける", -3)).await.map(|_| ())
}

/// The printer's servers were encrypted. The chief knows, the CISO was not told, and the answer is late.
async fn serious(city: &mut City, head: Id, clerk: Id, contract: &str) -> Result<()> {
    let check = json!({
        "title": "感染の後の確認", "contract": contract, "checked_on": city.ago(20).to_string(), "way": "meeting", "result": "serious",
        "findings": "控えの複製が同じネットワークにあり、修正が半年当てられていなかった", "due_on": city.ago(-25).to_string(),
        "told_chief_on": city.ago(20).to_string(),
    });
    let check = city.enter(clerk, 20, "contractor-checks", "record", check).await?;
    let request = measure(city, clerk, 19, &check, ("request", "改善の求め", 17)).await?;
    let done = json!({"done_on": city.ago(18).to_string(), "result": "複製を切り離し、修正を当てるよう求めた"});
    city.act(head, 18, &request, "finish", done).await?;
    measure(city, clerk, 18, &check, ("answer", "事業者の回答を受ける", 2)).await.map(|_| ())
}

/// A measure: step, title, and how many days ago it was due.
async fn measure(
    city: &mut City,
    clerk: Id,
    days_ago: i64,
    check: &Record,
    (step, title, due): (&str, &str, i64),
) -> Result<Record> {
    let (mut op, standing) = city.by(clerk, city.at(days_ago, 30)).await?;
    let fields = json!({
        "title": title, "check": check.id.to_string(), "step": step, "owner": clerk.to_string(), "due_on": city.ago(due).to_string(),
    });
    let measure = city.create(&mut op, &standing, "contractor-measures", fields).await?;
    op.commit().await?;
    Ok(measure)
}

/// The library's old system: its operation ended, one of two deliveries is back, and its sub-contractor sent no certificate.
async fn ended(city: &mut City, head: Id, clerk: Id, contract: &Record) -> Result<()> {
    let id = contract.id.to_string();
    let below = json!({
        "contract": id, "level": 1, "partner": "図書データ入力（架空）", "work": "書誌の入力", "confidentiality": "3C", "personal": "personal",
        "place": "contractor", "began_on": city.ago(700).to_string(), "found": "asked", "supervision": "元の受託者が点検する",
    });
    let below = city.apply(clerk, 710, "subcontracts", below).await?;
    let cards = given(city, clerk, 690, &id, None, ("利用者カードの申込書の写し", 12)).await?;
    given(city, clerk, 680, &id, Some(&below), ("入力用の外付けディスク", 3)).await?;
    city.act(head, 40, contract, "end", Json::Null).await?;
    let (mut op, standing) = city.by(clerk, city.at(30, 0)).await?;
    let certificate = city.paper(&mut op, &standing, "返却の証明書.txt", "申込書の写し　１２点　返却").await?;
    let back = json!({"returned_on": city.ago(30).to_string(), "certificates": 12, "certificate": certificate});
    city.step(&mut op, &standing, &cards, "take_back", back, None).await?;
    op.commit().await.map(|_| ())
}

/// Something that was handed to a contractor: what, and how many.
async fn given(
    city: &mut City,
    clerk: Id,
    days_ago: i64,
    contract: &str,
    holder: Option<&Record>,
    (what, units): (&str, i64),
) -> Result<Record> {
    let fields = json!({
        "summary": what, "direction": "give", "confidentiality": "3C", "partner": "みなとデータセンター（架空）", "basis": "委託契約",
        "way": "hand", "encrypted": "yes", "contract": contract, "holder": holder.map(|holder| holder.id.to_string()), "units": units,
    });
    let provision = city.apply(clerk, days_ago + 3, "provisions", fields).await?;
    city.act(clerk, days_ago, &provision, "hand_over", json!({"given_on": city.ago(days_ago).to_string()})).await
}
