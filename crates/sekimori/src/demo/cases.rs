//! What went wrong in 関守市（架空）: five incidents at different stages, an account on a social network that nobody uses, and the
//! accounts of three people who left. All made up.

use ledger::people::{AFFILIATION, persons, posts};
use ledger::permission::{Office, office};
use ledger::records::{self, Record};
use ledger::{Actor, Id, Result};
use serde_json::{Value as Json, json};

use super::chance::Chance;
use super::city::City;

/// An incident: unit, title, kind, from where, what happened, days ago, 重さ, personal data, persons, how far it has come.
struct Case {
    unit: &'static str,
    title: &'static str,
    kind: &'static str,
    from: &'static str,
    summary: &'static str,
    days_ago: i64,
    severity: &'static str,
    personal: &'static str,
    persons: i64,
    stage: Stage,
}

/// How far an incident has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Containing,
    Recovering,
    Preventing,
    Closed,
}

const CASES: &[Case] = &[
    Case {
        unit: "0301",
        title: "ファクスの送り先の誤り",
        kind: "wrong_sending",
        from: "resident",
        summary: "番号の押し間違いにより、住民票の写しの請求書1枚を別の事業者へ送った。電話を受けて回収した。",
        days_ago: 75,
        severity: "l3",
        personal: "personal",
        persons: 1,
        stage: Stage::Closed,
    },
    Case {
        unit: "0401",
        title: "ＵＳＢメモリの紛失と発見",
        kind: "loss",
        from: "inside",
        summary: "訪問から戻ったときに1本足りないことに気付いた。翌朝、公用車の座席の下で見付かった。中の情報は暗号化されていた。",
        days_ago: 48,
        severity: "l2",
        personal: "none",
        persons: 0,
        stage: Stage::Preventing,
    },
    Case {
        unit: "0202",
        title: "メールの宛先欄の誤り（128人）",
        kind: "wrong_sending",
        from: "inside",
        summary: "講座の案内を送るとき、BCCに入れる128人の宛先をTOに入れて送った。当日、全員にお詫びと削除の依頼を送った。",
        days_ago: 20,
        severity: "l4",
        personal: "personal",
        persons: 128,
        stage: Stage::Preventing,
    },
    Case {
        unit: "0202",
        title: "市をかたる偽のＳＮＳアカウント",
        kind: "impersonation",
        from: "resident",
        summary: "市の名称と市章を使い、給付金の申請を誘うアカウントがあると住民から知らせがあった。",
        days_ago: 6,
        severity: "l1",
        personal: "none",
        persons: 0,
        stage: Stage::Recovering,
    },
    Case {
        unit: "0105",
        title: "委託先のランサムウェア感染",
        kind: "malware",
        from: "contractor",
        summary: "印刷と封入を委託している事業者から、社内のサーバーが暗号化されたと連絡があった。市の情報への影響を確認している。",
        days_ago: 2,
        severity: "l3",
        personal: "unknown",
        persons: 0,
        stage: Stage::Containing,
    },
];

/// What happens in a year beside the planted cases: title, kind, what happened.
const SMALL: &[(&str, &str, &str)] = &[
    ("怪しいメールの添付を開きかけた", "near_miss", "差出人の表示が上司の名前だったが、開く前に気付いて知らせた。"),
    ("会議室への書類の置き忘れ", "near_miss", "次に使った課の職員が見付けて届けた。中を見た者はいなかった。"),
    ("窓口での書類の取違え", "wrong_sending", "隣の番号の方に渡しかけ、その場で気付いて取り戻した。"),
    ("ファイル共有の公開範囲の誤り", "near_miss", "課の外から見える設定になっていた。見た記録はなかった。"),
    ("複合機への原稿の置き忘れ", "near_miss", "翌朝、同じ課の職員が見付けた。"),
    ("同じ名前の方への電話", "near_miss", "名乗る前に生年月日で気付いた。"),
];

/// How many incidents there are when nobody says.
const USUAL: usize = 17;

/// The incidents, `total` in all: the planted ones, and small ones of the year behind them.
pub(crate) async fn incidents(city: &mut City, total: Option<usize>) -> Result<()> {
    let total = total.unwrap_or(USUAL);
    let sections: Vec<&'static str> = super::units::all()
        .into_iter()
        .filter(|unit| unit.level == super::units::Level::Section && unit.staff > 4)
        .map(|unit| unit.code)
        .collect();
    let mut chance = Chance::named("incidents");
    let small = (CASES.len()..total).map(|_| {
        let (title, kind, summary) = SMALL.get(chance.below(SMALL.len())).copied().unwrap_or_default();
        let unit = sections.get(chance.below(sections.len())).copied().unwrap_or("0301");
        let days_ago = i64::try_from(chance.below(240)).unwrap_or(0) + 60;
        let (from, severity, personal) = ("inside", "l0", "none");
        Case { unit, title, kind, from, summary, days_ago, severity, personal, persons: 0, stage: Stage::Closed }
    });
    let mut small: Vec<Case> = small.collect();
    small.sort_by_key(|case| std::cmp::Reverse(case.days_ago));
    let mut reading = city.ledger.reading(Actor::Machine("demo"), city.at(0, 0)).await?;
    let contracts = records::all_stored(&mut reading, "contracts").await?;
    reading.end().await?;
    let printing = contracts.into_iter().find(|contract| contract.name.contains("印刷")).map(|contract| contract.id);
    for case in small.iter().chain(CASES.iter().take(total)) {
        let (Some(finder), Some(csirt)) = (city.somebody(case.unit, 3), city.somebody("0105", 2)) else { continue };
        let day = city.ago(case.days_ago).to_string();
        let (mut op, standing) = city.by(finder, city.at(case.days_ago, 0)).await?;
        let mut fields = json!({
            "title": case.title, "kind": case.kind, "found_on": day, "finder": "担当職員", "from_outside": case.from,
            "summary": case.summary, "personal": case.personal,
        });
        if let (true, Some(contract), Some(fields)) = (case.from == "contractor", printing, fields.as_object_mut()) {
            fields.insert("contract".to_owned(), json!(contract.to_string()));
        }
        let record = city.create(&mut op, &standing, "incidents", fields).await?;
        let record = city.step(&mut op, &standing, &record, "report", Json::Null, None).await?;
        op.commit().await?;
        handle(city, case, &record, csirt).await?;
    }
    Ok(())
}

/// What the CSIRT does about an incident, as far as it has come.
async fn handle(city: &mut City, case: &Case, record: &Record, csirt: Id) -> Result<()> {
    let day = |city: &City, after: i64| city.ago(case.days_ago - after).to_string();
    let (mut op, standing) = city.by(csirt, city.at(case.days_ago, 60)).await?;
    let accepted = json!({"severity": case.severity, "told_chief_on": day(city, 0)});
    let record = city.step(&mut op, &standing, record, "accept", accepted, None).await?;
    let from_outside = matches!(case.kind, "malware" | "impersonation");
    let mut told = json!({
        "told_manager_on": day(city, 0), "told_ciso_on": day(city, 0), "persons": case.persons, "outage": "none",
        "property": "no", "wrongful": if from_outside { "unknown" } else { "no" },
        "protected": if case.severity == "l2" { "encrypted" } else { "no" },
    });
    if let Some(told) = told.as_object_mut() {
        let (state, police) = (["told_prefecture_on", "told_ministry_on"], ["told_police_on", "told_contractor_on"]);
        let mut bodies = Vec::new();
        if case.persons > 100 || case.kind == "malware" {
            bodies.extend(state);
        }
        if case.kind == "malware" {
            bodies.extend(police);
        }
        told.extend(bodies.into_iter().map(|body| (body.to_owned(), json!(day(city, 0)))));
    }
    city.edit(&mut op, &standing, &record, told).await?;
    op.commit().await?;
    if case.stage == Stage::Containing {
        return Ok(());
    }
    let (mut op, standing) = city.by(csirt, city.at(case.days_ago, 240)).await?;
    let contained = json!({"contained_on": day(city, 0), "containment": "送信先と関係者へ連絡し、広がりを止めた"});
    let record = city.step(&mut op, &standing, &record, "contain", contained, None).await?;
    op.commit().await?;
    if case.stage == Stage::Recovering {
        return Ok(());
    }
    let (mut op, standing) = city.by(csirt, city.at(case.days_ago - 1, 0)).await?;
    let recovered = json!({"recovered_on": day(city, 1), "cause": "確認の手順が一人に任されていた"});
    let record = city.step(&mut op, &standing, &record, "recover", recovered, None).await?;
    let mut decided = json!({
        "reportable": if case.persons > 100 { "yes" } else { "no" }, "prevention": "送信前に二人で宛先を確かめる",
        "prevention_due": city.ago(case.days_ago - 80).to_string(),
    });
    if let (true, Some(decided)) = (case.persons > 100, decided.as_object_mut()) {
        // 速報 done; 確報 is due on the thirtieth day, the day on which the city knew being the first: in nine days.
        for (field, value) in [
            ("known_on", day(city, 0)),
            ("preliminary_on", day(city, 1)),
            ("preliminary_number", "架空-速報-0001".to_owned()),
            ("told_persons_on", day(city, 0)),
        ] {
            decided.insert(field.to_owned(), json!(value));
        }
    }
    city.edit(&mut op, &standing, &record, decided).await?;
    op.commit().await?;
    if case.stage == Stage::Preventing {
        return Ok(());
    }
    let (mut op, standing) = city.by(csirt, city.at(case.days_ago - 30, 0)).await?;
    let finished = json!({
        "prevention": "送信前に二人で宛先を確かめる", "prevention_due": day(city, 80), "prevention_confirmed_on": day(city, 30),
    });
    let record = city.step(&mut op, &standing, &record, "finish", finished, None).await?;
    op.commit().await?;
    city.decide(&record, case.days_ago - 31).await
}

/// A social network service with an account that has not posted for fourteen months.
pub(crate) async fn social_networks(city: &mut City) -> Result<()> {
    let Some(head) = city.person("0202", 0) else { return Ok(()) };
    let (mut op, standing) = city.by(head, city.at(430, 0)).await?;
    let service = json!({
        "service": "写真投稿サービス（架空）", "manager": head.to_string(), "content": "市の行事、季節の風景。個人が分かる写真は本人の同意を得たもの",
        "takeover": "運営事業者に停止を求め、市のウェブサイトで知らせる", "reviewed_on": city.ago(430).to_string(),
    });
    let service = city.create(&mut op, &standing, "sns-services", service).await?;
    let service = city.step(&mut op, &standing, &service, "register", Json::Null, None).await?;
    let account = json!({
        "account": "関守市の四季", "service": service.id.to_string(), "address": "https://sns.invalid/sekimori", "aim": "市の魅力の発信",
        "writers": [head.to_string()], "shown_on": "市のウェブサイト「公式アカウント一覧」", "multi_factor": "yes",
        "last_post_on": city.ago(430).to_string(), "password_changed_on": city.ago(430).to_string(),
    });
    let account = city.create(&mut op, &standing, "sns-accounts", account).await?;
    let account = city.step(&mut op, &standing, &account, "submit", Json::Null, None).await?;
    op.commit().await?;
    city.decide(&account, 429).await
}

/// People who have left: 職員番号, name, reading.
pub(crate) const LEFT: &[(&str, &str, &str)] = &[
    ("80001", "退職 一郎", "たいしょく いちろう"),
    ("80002", "退職 二葉", "たいしょく ふたば"),
    ("80003", "転出 三郎", "てんしゅつ さぶろう"),
];

/// Three people left a month ago, and nobody has stopped their accounts.
pub(crate) async fn leavers(city: &mut City) -> Result<()> {
    let (Some(manager), Some(unit)) = (city.person("0105", 0), city.units.get("0301").copied()) else { return Ok(()) };
    for (code, name, kana) in LEFT {
        let start = city.ago(250);
        let data = persons::PersonData {
            code: (*code).to_owned(),
            name: (*name).to_owned(),
            name_shown: None,
            kana: (*kana).to_owned(),
            mail: String::new(),
            category: "full_time".to_owned(),
            from: start,
            to: None,
        };
        let mut op = city.setup(city.at(250, 0)).await?;
        let permit = office(&op, None, Office::People, "add", "person", code)?;
        let person = persons::add(&mut op, permit, data.clone()).await?;
        let permit = office(&op, None, Office::People, "give", "post", AFFILIATION)?;
        let role = AFFILIATION.to_owned();
        let post = posts::NewPost { person, role, unit, main: true, acting: false, from: start, to: None };
        let home = posts::give(&mut op, permit, post).await?;
        op.commit().await?;

        let (mut op, standing) = city.by(person, city.at(240, 0)).await?;
        let systems = records::all_stored(&mut op, "systems").await?;
        let system = systems.iter().find(|system| system.name == "グループウェア").map(|system| system.id.to_string());
        let fields = json!({
            "login": format!("s{code}"), "system": system, "approver": manager.to_string(), "kind": "personal",
            "holder": person.to_string(), "rights": "一般利用者", "checked_on": city.ago(240).to_string(),
        });
        let account = city.create(&mut op, &standing, "accounts", fields).await?;
        let account = city.step(&mut op, &standing, &account, "submit", Json::Null, None).await?;
        op.commit().await?;
        city.decide(&account, 239).await?;

        let last = city.ago(30);
        let mut op = city.setup(city.at(30, 0)).await?;
        let permit = office(&op, None, Office::People, "change", "person", code)?;
        persons::change(&mut op, permit, person, persons::PersonData { to: Some(last), ..data }).await?;
        let permit = office(&op, None, Office::People, "end", "post", AFFILIATION)?;
        posts::end(&mut op, permit, home, last).await?;
        op.commit().await?;
    }
    Ok(())
}
