//! The policy of 関守市（架空） as its bodies adopted and published it, the committee's year, plans, drills and contacts.

use ledger::{Id, Result};
use serde_json::{Value as Json, json};

use super::city::City;
use super::units::{self, Level};

/// A body that adopts: its id in the pack, its name, whether it did so jointly with the mayor, days until it published (none: not
/// yet).
type Adopter = (&'static str, &'static str, bool, Option<i64>);

/// 農業委員会 has adopted and not published.
const ADOPTERS: &[Adopter] = &[
    ("mayor", "市長", true, Some(1)),
    ("assembly", "議会", false, Some(6)),
    ("education_board", "教育委員会", true, Some(1)),
    ("election_commission", "選挙管理委員会", true, Some(3)),
    ("audit_commissioners", "監査委員", true, Some(3)),
    ("agriculture_committee", "農業委員会", true, None),
    ("equity_commission", "公平委員会", true, Some(3)),
    ("property_assessment", "固定資産評価審査委員会", true, Some(3)),
    ("water_authority", "関守広域水道企業団", false, Some(9)),
];

/// Who adopted, and where each published (地方自治法第244条の6).
pub(crate) async fn adoptions(city: &mut City) -> Result<()> {
    let Some(secretariat) = city.somebody("0105", 3) else { return Ok(()) };
    let start = city.days_since(city.fiscal_start(1));
    let edition = city.pack.version.clone();
    let hash = exchange::publication::text_hash(&city.pack);
    for (body, name, joint, published_after) in ADOPTERS {
        let adopted_ago = start - 1;
        let adoption = json!({
            "title": format!("{name}のサイバーセキュリティを確保するための方針"), "body": body, "edition": edition,
            "adopted_on": city.ago(adopted_ago).to_string(), "joint": if *joint { "joint" } else { "single" },
        });
        let adoption = city.enter(secretariat, adopted_ago, "policy-adoptions", "record", adoption).await?;
        let Some(after) = published_after else { continue };
        let site = if *body == "water_authority" {
            "https://suido.sekimori.invalid/policy/"
        } else {
            "https://www.sekimori.invalid/security/policy/"
        };
        let publication = json!({
            "title": format!("{name}の方針の公表"), "adoption": adoption.id.to_string(),
            "published_on": city.ago(adopted_ago - after).to_string(), "address": site, "hash": hash,
        });
        city.enter(secretariat, adopted_ago - after, "policy-publications", "record", publication).await?;
    }
    Ok(())
}

/// A meeting of the committee: days ago, topic, title, what was decided.
const MEETINGS: &[(i64, &str, &str, &str)] = &[
    (
        228,
        "plan",
        "第１回　年間計画",
        "研修は６月から、自己点検は８月、監査は１０月に行う。標的型メールの訓練は６月に全職員へ行う。",
    ),
    (
        190,
        "policy",
        "第２回　ポリシーの見直し",
        "一年の変化を踏まえて見直した。基本方針は改めない。対策基準のクラウドの節を次の改訂で改める。",
    ),
    (
        112,
        "training",
        "第３回　研修と訓練の結果",
        "研修を受けていない者に、情報セキュリティ管理者から声を掛ける。訓練で開いた者を責めず、知らせた者を評価する。",
    ),
    (
        62,
        "self_check",
        "第４回　自己点検の結果",
        "自己点検を行った者は９１％。「席を離れるときの画面のロック」が最も低く、全課で取り組む。",
    ),
    (55, "risk", "第５回　脅威とリスク", "委託先の再委託先まで含めて把握する。古いサーバーの更新を前倒しする。"),
    (34, "improvement", "第６回　改善計画", "監査と自己点検から三件の改善計画を決めた。"),
    (17, "audit", "第７回　監査の結果", "指摘四件。同じ弱点がほかの課にないかを十二月までに確かめる。"),
    (
        14,
        "incident",
        "第８回（臨時）　宛先の誤り",
        "百二十八人への宛先の誤りについて、速報を行ったことと再発防止策を確かめた。",
    ),
];

/// The committee's year (年間計画・委員会).
pub(crate) async fn committee(city: &mut City) -> Result<()> {
    let Some(secretariat) = city.somebody("0105", 3) else { return Ok(()) };
    for (days_ago, topic, title, decisions) in MEETINGS {
        let (mut op, standing) = city.by(secretariat, city.at(*days_ago, 240)).await?;
        let minutes = city.paper(&mut op, &standing, "議事録.txt", &format!("{title}\n{decisions}")).await?;
        let fields = json!({
            "title": title, "topic": topic, "held_on": city.ago(*days_ago).to_string(), "attendees": 11, "decisions": decisions,
            "minutes": minutes,
        });
        let meeting = city.create(&mut op, &standing, "committee-meetings", fields).await?;
        city.step(&mut op, &standing, &meeting, "record", Json::Null, None).await?;
        op.commit().await?;
    }
    Ok(())
}

/// A drill: days ago, kind, title, how many took part, the result, what is to be done better.
type Drill = (i64, &'static str, &'static str, i64, &'static str, &'static str);

const DRILLS: &[Drill] = &[
    (
        210,
        "contact",
        "連絡網の確認",
        61,
        "平日の夜に二十分で全員につながった。三人が番号を変えていた。",
        "異動の月に連絡網を改める",
    ),
    (
        162,
        "mail",
        "標的型メールの訓練（６月）",
        1002,
        "開いた者は九十三人（９．３％）、知らせた者は四百十一人（４１％）。前の年は開いた者が１４％だった。",
        "開いたときに知らせる先を、画面の隅に示す",
    ),
    (
        101,
        "incident",
        "緊急時対応の訓練",
        24,
        "ランサムウェアの筋書きで、切離しの判断まで四十分かかった。",
        "切離しを決める者が不在のときの順を決める",
    ),
    (
        72,
        "continuity",
        "業務継続の訓練",
        38,
        "窓口を紙で続ける手順を試した。住民票の控えの印刷が足りなかった。",
        "控えを月に一度印刷する",
    ),
    (71, "cut_off", "ＬＧＷＡＮの切離しの訓練", 9, "手順どおり十二分で切り離し、つながる団体に知らせた。", ""),
];

/// What the CSIRT has warned of: days ago, kind, title, what was said.
const ADVISORIES: &[(i64, &str, &str, &str)] = &[
    (
        131,
        "vulnerability",
        "文書作成ソフトウェアの修正",
        "再起動を促す表示が出たら、その日のうちに再起動してください。",
    ),
    (
        47,
        "phishing",
        "宅配の不在通知を装うメール",
        "添付を開かず、知らせてください。開いたときも、すぐに知らせてください。",
    ),
    (5, "malware", "請求書を装う添付ファイル", "心当たりのない請求書は、電話で確かめてから開いてください。"),
];

/// Drills, the plans that they test, warnings, and who is called.
pub(crate) async fn readiness(city: &mut City) -> Result<()> {
    let Some(secretariat) = city.somebody("0105", 3) else { return Ok(()) };
    for (days_ago, kind, title, body) in ADVISORIES {
        let fields = json!({
            "title": title, "kind": kind, "source": "県の注意喚起（架空）", "issued_on": city.ago(*days_ago).to_string(), "body": body,
            "audience": "all",
        });
        city.enter(secretariat, *days_ago, "advisories", "issue", fields).await?;
    }
    for (days_ago, kind, title, participants, result, improvement) in DRILLS {
        let mut fields = json!({
            "title": title, "kind": kind, "held_on": city.ago(*days_ago).to_string(), "participants": participants, "result": result,
        });
        if let (false, Some(fields)) = (improvement.is_empty(), fields.as_object_mut()) {
            fields.insert("improvement".to_owned(), json!(improvement));
        }
        city.enter(secretariat, *days_ago, "drills", "record", fields).await?;
    }
    let emergency = json!({
        "title": "緊急時対応計画", "kind": "emergency", "edition": "第４版",
        "contents": ["contacts", "reporting", "steps", "prevention", "cut_off", "publication"],
    });
    let continuity = json!({
        "title": "ＩＣＴ－ＢＣＰ", "kind": "continuity", "edition": "第３版",
        "contents": ["contacts", "steps", "activation", "activator", "priority", "alternatives"],
        "scenarios": ["earthquake", "power", "epidemic", "cyber"],
    });
    for mut plan in [emergency, continuity] {
        if let Some(plan) = plan.as_object_mut() {
            plan.insert("adopted_on".to_owned(), json!(city.ago(205).to_string()));
            plan.insert("reviewed_on".to_owned(), json!(city.ago(205).to_string()));
        }
        let plan = city.apply(secretariat, 205, "recovery-plans", plan).await?;
        let printed = json!({"paper_on": city.ago(19).to_string()});
        city.act(secretariat, 19, &plan, "print_copy", printed).await?;
    }
    contacts(city, secretariat).await
}

/// The contact list: officers and every section's head but one.
async fn contacts(city: &mut City, secretariat: Id) -> Result<()> {
    let mut called: Vec<(String, Id)> = Vec::new();
    let ciso = city.people.iter().find(|(person, _)| person.login == "ciso").map(|(_, id)| *id);
    called.extend(ciso.map(|id| ("最高情報セキュリティ責任者".to_owned(), id)));
    for unit in units::all().into_iter().filter(|unit| unit.level != Level::Body && unit.code != "0603") {
        called.extend(city.person(unit.code, 0).map(|head| (format!("{}の長", unit.name), head)));
    }
    let (mut op, standing) = city.by(secretariat, city.at(209, 0)).await?;
    for (order, (title, person)) in (1_i64..).zip(called) {
        let fields = json!({
            "title": title, "person": person.to_string(), "order": order, "phone": format!("000-000-{:04}", 1000 + order),
            "checked_on": city.ago(210).to_string(),
        });
        city.create(&mut op, &standing, "emergency-contacts", fields).await?;
    }
    op.commit().await.map(|_| ())
}

/// What is to be improved this year: title, from what, in how many days it is due, how far it has come.
const IMPROVEMENTS: &[(&str, &str, i64, &str)] = &[
    ("送信前に二人で宛先を確かめる仕組みの導入", "incident", 59, "三つの課で試している"),
    ("再委託先までの一覧の作成", "risk", 90, "契約三十二件のうち十九件を終えた"),
    ("画面ロックの徹底", "self_check", 32, "全端末で五分に設定した。机の上の確認を続ける"),
];

/// Improvement plans of the year, decided by the CISO.
pub(crate) async fn improvements(city: &mut City) -> Result<()> {
    let (Some(secretariat), Some(owner)) = (city.somebody("0105", 3), city.person("0105", 0)) else { return Ok(()) };
    for (title, source, due, progress) in IMPROVEMENTS {
        let fields = json!({
            "title": title, "year": city.today.fiscal_year(), "source": source, "owner_person": owner.to_string(),
            "due_on": city.ago(-due).to_string(), "checked_on": city.ago(33).to_string(),
        });
        let plan = city.apply(secretariat, 33, "improvement-plans", fields).await?;
        let checked = json!({"progress": progress, "checked_on": city.ago(7).to_string()});
        city.act(secretariat, 7, &plan, "check", checked).await?;
    }
    Ok(())
}
