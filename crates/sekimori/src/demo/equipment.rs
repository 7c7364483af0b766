//! Machines of 関守市（架空）: terminals, forty returned PCs with one certificate too few, an old server under an exception.

use ledger::{Id, Result};
use serde_json::{Value as Json, json};

use super::city::City;
use super::contracts;
use super::units::{self, Level};

/// Sections whose terminals stand on the register of the demo.
const WITH_TERMINALS: usize = 12;

/// Some terminals of the register; the settings of all of them come from the data source.
pub(crate) async fn terminals(city: &mut City) -> Result<()> {
    let Some(manager) = city.person("0105", 0) else { return Ok(()) };
    let (mut op, standing) = city.by(manager, city.at(260, 0)).await?;
    let sections = units::all().into_iter().filter(|unit| unit.level == Level::Section).take(WITH_TERMINALS);
    for (number, unit) in (1_i64..).zip(sections) {
        let Some(user) = city.person(unit.code, 0) else { continue };
        let fields = json!({
            "host": format!("LG-{number:03}"), "kind": "notebook", "serial": format!("SK{number:06}"), "zone": "lgwan",
            "user": user.to_string(), "place": format!("{}　執務室", unit.name), "leased": "leased",
            "lease_ends_on": city.ago(-500).to_string(), "outside_use": "no",
        });
        let terminal = city.create(&mut op, &standing, "terminals", fields).await?;
        city.step(&mut op, &standing, &terminal, "register", Json::Null, None).await?;
    }
    op.commit().await.map(|_| ())
}

/// What was disposed of: title, kind, class, My Number, units, certificates, method, days ago.
type Disposed = (&'static str, &'static str, &'static str, &'static str, i64, i64, &'static str, i64);

const DISPOSED: &[Disposed] = &[
    ("賃貸借を終えたノート型パソコン", "terminal", "3C", "no", 40, 39, "certified_erase", 24),
    ("住民記録システムの旧サーバーの記憶装置", "server", "3B", "yes", 6, 6, "destroyed", 140),
    ("保存期間を終えた申請書", "paper", "3B", "no", 120, 0, "shredded", 66),
];

/// Disposals with their certificates: 39 certificates came back for 40 PCs.
pub(crate) async fn disposals(city: &mut City) -> Result<()> {
    let (Some(clerk), Some(witness)) = (city.somebody("0105", 5), city.somebody("0105", 3)) else { return Ok(()) };
    let recycler = contracts::of(city, contracts::RECYCLER).await?;
    for (title, kind, class, mynumber, count, certificates, method, days_ago) in DISPOSED {
        let asked = json!({
            "title": title, "kind": kind, "confidentiality": class, "mynumber": mynumber, "units": count, "method": method,
            "place": if *kind == "paper" { "contractor" } else { "office" }, "reason": "使用を終えたため",
            "contract": recycler.filter(|_| *kind != "paper").map(|contract| contract.to_string()),
        });
        let disposal = city.apply(clerk, days_ago + 10, "disposals", asked).await?;
        let (mut op, standing) = city.by(clerk, city.at(*days_ago, 0)).await?;
        let paper = format!("{title}　{count}点　証明書{certificates}枚");
        let certificate = city.paper(&mut op, &standing, "証明書の写し.txt", &paper).await?;
        let done = json!({
            "disposed_on": city.ago(*days_ago).to_string(), "worker": "関守リサイクル（架空）", "witness": witness.to_string(),
            "certificates": certificates, "certificate": certificate,
        });
        city.step(&mut op, &standing, &disposal, "finish", done, None).await?;
        op.commit().await?;
    }
    Ok(())
}

/// The server of the roads ledger: its maker has ended the maintenance, an exception covers it for one more week. Another
/// covers the ledger itself for three.
pub(crate) async fn old_server(city: &mut City) -> Result<()> {
    let Some(manager) = city.person("0802", 0) else { return Ok(()) };
    let (mut op, standing) = city.by(manager, city.at(270, 0)).await?;
    let server = json!({
        "name": "旧道路台帳サーバー", "kind": "server", "availability": "2", "fixed_on": city.ago(270).to_string(),
        "maintained_on": city.ago(640).to_string(),
    });
    let server = city.create(&mut op, &standing, "servers-facilities", server).await?;
    let server = city.step(&mut op, &standing, &server, "register", Json::Null, None).await?;
    op.commit().await?;
    let server = Excepted {
        // A week before, whoever asked for it is reminded.
        ends_in: 7,
        rule: "機器の定期保守",
        control: "servers-maintained",
        subject: Some(server.number.clone()),
        reason: "製造元の保守が終わり、新しい道路台帳システムへの移行が終わっていないため",
        risk: "故障したときに直せない。修正が出ないため、攻撃に弱い",
        alternative: "ほかのネットワークから切り離し、毎日複製を取り、予備機を置く",
        plan: "移行を終えしだい止め、記憶装置を壊す",
    };
    server.ask(city, manager).await?;
    let assets = Excepted {
        ends_in: 20,
        rule: "台帳の年一回の見直し",
        control: "assets-reviewed-yearly",
        subject: None,
        reason: "旧道路台帳システムの更新が終わるまで、現物の照合ができないため",
        risk: "台帳と現物の食い違いに気付くのが遅れる",
        alternative: "月に一度、件数だけを照合する",
        plan: "更新後に全件を照合する",
    };
    assets.ask(city, manager).await
}

/// An exception that was permitted four months ago.
struct Excepted {
    /// In how many days it ends.
    ends_in: i64,
    rule: &'static str,
    control: &'static str,
    subject: Option<String>,
    reason: &'static str,
    risk: &'static str,
    alternative: &'static str,
    plan: &'static str,
}

impl Excepted {
    async fn ask(&self, city: &mut City, manager: Id) -> Result<()> {
        let mut fields = json!({
            "rule": self.rule, "control": self.control, "reason": self.reason, "risk": self.risk, "alternative": self.alternative,
            "urgency": "ordinary", "starts_on": city.ago(120).to_string(), "ends_on": city.ago(-self.ends_in).to_string(), "plan": self.plan,
        });
        if let (Some(subject), Some(fields)) = (&self.subject, fields.as_object_mut()) {
            fields.insert("subject".to_owned(), json!(subject));
        }
        let (mut op, standing) = city.by(manager, city.at(130, 0)).await?;
        let record = city.create(&mut op, &standing, "exceptions", fields).await?;
        let record = city.step(&mut op, &standing, &record, "submit", Json::Null, None).await?;
        op.commit().await?;
        city.decide(&record, 128).await
    }
}
