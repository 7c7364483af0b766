//! Pages of kind `contract`: the checklist of clauses, the tree of contractors, checks and measures, what comes back, the first page.

use axum::http::StatusCode;
use ledger::{Actor, Day, Moment, notices};

use crate::city::{Browser, City, number, version};

/// Takes a step with a record.
async fn step(browser: &mut Browser<'_>, at: &str, step: &str, fields: &[(&str, &str)]) {
    let version = version(&browser.get(at).await.body);
    let mut all = vec![("version", version.as_str())];
    all.extend(fields);
    let answer = browser.post(&format!("{at}/do/{step}"), &all).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{step}: {}", answer.body);
}

async fn contractor(head: &mut Browser<'_>) {
    let fields = [
        ("name", "関守入力（架空）"),
        ("kind", "work"),
        ("contact", "責任者"),
        ("certificate", "none"),
        ("then", "register"),
    ];
    head.makes("contractors", &fields).await;
}

/// Every clause that handling of personal data of class 3C in the contractor's own office needs.
const CLAUSES: &[&str] = &[
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
    "reporting",
    "audit",
    "return_erase",
    "damages",
    "data_place",
    "personal_terms",
    "my_number_terms",
    "progress",
];

/// A contract of 市民課, written by its staff, with these clauses.
async fn contract(staff: &mut Browser<'_>, clauses: &[&str], more: &[(&str, &str)]) -> String {
    let mut fields = vec![
        ("contractor", "関守入力（架空）"),
        ("partner", "関守入力（架空）"),
        ("kind", "work"),
        ("range", "申請書の記載事項"),
        ("place", "contractor"),
        ("then", "submit"),
    ];
    let usual = [
        ("title", "申請書の入力"),
        ("confidentiality", "3C"),
        ("personal", "personal"),
        ("starts_on", "2026-04-01"),
        ("ends_on", "2027-03-31"),
    ];
    for (field, value) in usual {
        if !more.iter().any(|(other, _)| *other == field) {
            fields.push((field, value));
        }
    }
    fields.extend(more);
    fields.extend(clauses.iter().map(|clause| ("clauses", *clause)));
    staff.makes("contracts", &fields).await
}

/// A contract in force, with all clauses.
async fn in_force(city: &City, more: &[(&str, &str)]) -> String {
    let (mut head, mut staff) = (city.signed_in("head").await, city.signed_in("staff").await);
    contractor(&mut head).await;
    let at = contract(&mut staff, CLAUSES, more).await;
    step(&mut head, &at, "approve", &[]).await;
    at
}

#[tokio::test]
async fn the_decider_is_told_what_the_contract_lacks_and_the_wording_stands_there() {
    let city = City::new().await;
    let (mut head, mut staff) = (city.signed_in("head").await, city.signed_in("staff").await);
    contractor(&mut head).await;
    let lacking: Vec<&str> =
        CLAUSES.iter().copied().filter(|id| !matches!(*id, "secrecy" | "personal_terms")).collect();
    let at = contract(&mut staff, &lacking, &[]).await;

    let inbox = head.get("/inbox").await.body;
    assert!(inbox.contains("契約に書く事項が2件足りない"), "who agrees to many at once sees it: {inbox}");
    let page = head.get(&at).await.body;
    assert!(page.contains("契約に書く事項が足りません") && page.contains("守秘、個人情報取扱特記事項"), "{page}");
    assert!(page.contains("この業務で知ったことを他に漏らさない"), "the wording: {page}");
    assert!(page.contains("href=\"/documents/procedure-outsourcing/contract-clauses\""), "who asks for it: {page}");
    assert!(page.contains("この契約では要らない事項：") && page.contains("サービスの水準"), "{page}");

    // It says; it does not forbid.
    step(&mut head, &at, "approve", &[]).await;
    let page = head.get(&at).await.body;
    assert!(page.contains("契約中") && page.contains("2件足りない"), "{page}");
    let list = head.get("/registers/contracts").await.body;
    assert!(list.contains("契約に書く事項が2件足りない"), "{list}");

    let seen = version(&page);
    let refused = staff.post(&format!("{at}/contract"), &[("version", &seen), ("clause", "secrecy")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "whoever asked for it no longer changes it");
    let nothing = head.post(&format!("{at}/contract"), &[("version", &seen)]).await;
    assert_eq!(nothing.status, StatusCode::SEE_OTHER);
    assert!(head.get(&at).await.body.contains("契約書に書いた事項に印を付けてください"));
    let unknown = head.post(&format!("{at}/contract"), &[("version", &seen), ("clause", "nonsense")]).await;
    assert_eq!(unknown.status, StatusCode::SEE_OTHER);
    let page = head.get(&at).await.body;
    assert!(page.contains("2件足りない"), "what is no clause is not written: {page}");
    let ticked = [("version", seen.as_str()), ("clause", "secrecy"), ("clause", "personal_terms")];
    let answer = head.post(&format!("{at}/contract"), &ticked).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let page = head.get(&at).await.body;
    assert!(page.contains("そろっている") && !page.contains("件足りない"), "{page}");
    let stale = head.post(&format!("{at}/contract"), &ticked).await;
    assert_eq!(stale.status, StatusCode::CONFLICT, "somebody else's change is not written over");
}

#[tokio::test]
async fn what_is_needed_follows_from_what_is_given_away() {
    let city = City::new().await;
    let (mut head, mut staff) = (city.signed_in("head").await, city.signed_in("staff").await);
    contractor(&mut head).await;
    let at = contract(&mut staff, &["obey"], &[("personal", "my_number"), ("title", "番号の入力")]).await;
    let page = staff.get(&at).await.body;
    assert!(page.contains("特定個人情報の特記事項<div>") && page.contains("情報を置く場所と適用法<div>"), "{page}");
    let sheet = staff.get(&format!("{at}/clauses")).await;
    assert_eq!(sheet.status, StatusCode::OK);
    for wanted in
        ["契約に書く事項の確認票", "☑", "☐", "番号の入力", "どの段階であっても、あらかじめ市の許諾を受ける", "統括"]
    {
        assert!(sheet.body.contains(wanted), "{wanted}: {}", sheet.body);
    }
    let policy = sheet.headers.get("content-security-policy").unwrap().to_str().unwrap();
    assert!(!policy.contains("unsafe-inline") && !sheet.body.contains("style="), "{policy}");
    let elsewhere = at.replace("contracts", "assets");
    assert_eq!(staff.get(&format!("{elsewhere}/clauses")).await.status, StatusCode::NOT_FOUND);
    let mut taxer = city.signed_in("taxer").await;
    assert_eq!(taxer.get(&format!("{at}/clauses")).await.status, StatusCode::NOT_FOUND, "another section's");
}

/// A sub-contract under a contract of 市民課.
async fn below(staff: &mut Browser<'_>, contract: &str, partner: &str, more: &[(&str, &str)]) -> String {
    let mut fields = vec![("contract", contract), ("partner", partner), ("work", "入力"), ("confidentiality", "3C")];
    fields.extend([("place", "contractor"), ("supervision", "月に一度")]);
    for (field, value) in [("level", "1"), ("personal", "personal"), ("found", "asked"), ("then", "submit")] {
        if !more.iter().any(|(other, _)| *other == field) {
            fields.push((field, value));
        }
    }
    fields.extend(more);
    staff.makes("subcontracts", &fields).await
}

#[tokio::test]
async fn the_tree_names_who_works_without_permission_at_every_level() {
    let city = City::new().await;
    let at = in_force(&city, &[("personal", "my_number")]).await;
    let (mut head, mut staff) = (city.signed_in("head").await, city.signed_in("staff").await);
    let contract = number(&head.get(&at).await.body);
    let leave = [("personal", "my_number"), ("permission_number", "市民第５号")];
    let first = below(&mut staff, &contract, "一次（架空）", &leave).await;
    step(&mut head, &first, "approve", &[]).await;
    let above = number(&head.get(&first).await.body);
    let found = [
        ("above", above.as_str()),
        ("level", "2"),
        ("personal", "my_number"),
        ("found", "discovered"),
        ("began_on", "2026-09-10"),
    ];
    let second = below(&mut staff, &contract, "二次（架空）", &found).await;
    let above = number(&head.get(&second).await.body);
    let third = [
        ("above", above.as_str()),
        ("level", "3"),
        ("personal", "my_number"),
        ("began_on", "2026-10-01"),
        ("permission_number", "市民第６号"),
    ];
    let third = below(&mut staff, &contract, "三次（架空）", &third).await;
    step(&mut head, &third, "approve", &[]).await;

    let page = head.get(&at).await.body;
    for wanted in [
        "再々々委託",
        "市の承認なく、令和8年9月10日から作業しています",
        "番号法：市の許諾なく、マイナンバーを扱っています",
        "上の段階の「二次（架空）」が承認されていません",
        "番号法：上の段階の「二次（架空）」に市の許諾がありません",
        "承認（令和8年11月22日）より前の令和8年10月1日に作業を始めています",
        "承認のないもの 2件",
    ] {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    assert!(head.get("/registers/contracts").await.body.contains("承認のない再委託 2件"));
    assert!(head.get("/").await.body.contains("承認のない再委託 2件"), "it is on the head's first page");
    assert!(!staff.get("/").await.body.contains("確認が要る委託契約"), "not on everybody's");
    assert!(city.signed_in("ciso").await.get("/").await.body.contains("承認のない再委託 2件"));

    // Permitted afterwards: it began before, which stays said.
    step(&mut head, &second, "approve", &[]).await;
    let page = head.get(&at).await.body;
    assert!(!page.contains("が承認されていません"), "{page}");
    assert!(
        page.contains("番号法：市の許諾の文書番号がありません"),
        "the city's document is still to be named: {page}"
    );
    assert!(page.contains("より前の令和8年9月10日に作業を始めています"), "{page}");
}

#[tokio::test]
async fn a_ring_and_a_wrong_level_are_named() {
    let city = City::new().await;
    let at = in_force(&city, &[]).await;
    let (mut head, mut staff) = (city.signed_in("head").await, city.signed_in("staff").await);
    let contract = number(&head.get(&at).await.body);
    let first = below(&mut staff, &contract, "甲（架空）", &[("then", "")]).await;
    let above = number(&staff.get(&first).await.body);
    let second = below(&mut staff, &contract, "乙（架空）", &[("above", &above), ("level", "4")]).await;
    let page = head.get(&at).await.body;
    assert!(page.contains("段階の入力は4ですが、図では2です"), "{page}");

    // 甲 is put under 乙, which is under 甲.
    let above = number(&staff.get(&second).await.body);
    let seen = version(&staff.get(&format!("{first}/edit")).await.body);
    let fields = [
        ("version", seen.as_str()),
        ("contract", &contract),
        ("above", &above),
        ("level", "1"),
        ("partner", "甲（架空）"),
        ("work", "入力"),
        ("confidentiality", "3C"),
        ("personal", "personal"),
        ("place", "contractor"),
        ("found", "asked"),
        ("supervision", "月に一度"),
    ];
    let answer = staff.post(&format!("{first}/edit"), &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let page = head.get(&at).await.body;
    // A ring has no beginning: it is told from either of its records.
    let (one, other) = ("「甲（架空）」", "「乙（架空）」");
    let told = [format!("{one} → {other} → {one}"), format!("{other} → {one} → {other}")];
    assert!(told.iter().any(|ring| page.contains(ring)), "{page}");
}

#[tokio::test]
async fn why_no_check_is_due_is_said() {
    let city = City::new().await;
    let mut head = city.signed_in("head").await;
    contractor(&mut head).await;
    let draft = contract(&mut city.signed_in("staff").await, CLAUSES, &[]).await;
    let page = head.get(&draft).await.body;
    assert!(page.contains("契約が始まると、年一回の点検の期限をここに示します"), "{page}");
}

#[tokio::test]
async fn information_of_the_lowest_class_needs_no_yearly_check_and_the_page_says_so() {
    let city = City::new().await;
    let at = in_force(&city, &[("confidentiality", "1")]).await;
    let page = city.signed_in("head").await.get(&at).await.body;
    assert!(page.contains("年一回の点検は要りません"), "{page}");
}

#[tokio::test]
async fn the_yearly_check_is_due_from_the_start_and_then_from_the_last_check() {
    let city = City::new().await;
    let at = in_force(&city, &[("starts_on", "2025-11-01")]).await;
    let (mut head, mut staff) = (city.signed_in("head").await, city.signed_in("staff").await);
    let page = head.get(&at).await.body;
    assert!(page.contains("令和8年11月1日") && page.contains("21日過ぎています"), "{page}");
    assert!(head.get("/").await.body.contains("点検の期限切れ（21日）"));
    let contract = number(&page);
    let check = [("title", "年次点検"), ("contract", &contract), ("checked_on", "2026-11-20"), ("way", "sheet")];
    let draft = staff.makes("contractor-checks", &[&check[..], &[("result", "good")]].concat()).await;
    assert!(head.get(&at).await.body.contains("21日過ぎています"), "a draft is no check");
    step(&mut staff, &draft, "record", &[]).await;
    let page = head.get(&at).await.body;
    assert!(page.contains("令和8年11月20日") && page.contains("契約の終わりまでに、次の期限は来ません"), "{page}");
    assert!(!head.get("/").await.body.contains("点検の期限切れ"));
}

#[tokio::test]
async fn a_serious_shortfall_is_followed_by_measures_with_owner_and_day() {
    let city = City::new().await;
    let at = in_force(&city, &[]).await;
    let (mut head, mut staff) = (city.signed_in("head").await, city.signed_in("staff").await);
    let contract = number(&head.get(&at).await.body);
    let check = [
        ("title", "立入り"),
        ("contract", contract.as_str()),
        ("checked_on", "2026-11-20"),
        ("way", "visit"),
        ("result", "serious"),
        ("findings", "控えが同じ場所にある"),
        ("due_on", "2026-12-20"),
        ("then", "record"),
    ];
    let check = staff.makes("contractor-checks", &check).await;
    let page = head.get(&at).await.body;
    assert!(page.contains("重大な不足") && page.contains("控えが同じ場所にある"), "{page}");
    assert!(page.contains("ＣＩＳＯに報告した日が空欄です"), "{page}");
    assert!(page.contains("次の案：改善の求め（令和8年12月4日まで）"), "{page}");
    let ciso = city.signed_in("ciso").await.get("/").await.body;
    assert!(ciso.contains("報告していない重大な不足 1件"), "the CISO sees it: {ciso}");

    let (_, rest) = page.split_once("/registers/contractor-measures/new?").expect("where the next is entered");
    let form = format!("/registers/contractor-measures/new?{}", rest.split('"').next().unwrap().replace("&amp;", "&"));
    let form = staff.get(&form).await.body;
    assert!(form.contains("value=\"2026-12-04\"") && form.contains("改善の求め：立入り"), "it is filled: {form}");
    let measure = [
        ("title", "改善の求め"),
        ("check", &number(&head.get(&check).await.body)),
        ("step", "request"),
        ("owner", "10004"),
        ("due_on", "2026-11-21"),
    ];
    let measure = staff.makes("contractor-measures", &measure).await;
    let page = head.get(&at).await.body;
    assert!(page.contains("髙橋 直") && page.contains("令和8年11月21日（過ぎています）"), "{page}");
    assert!(head.get("/registers/contracts").await.body.contains("期限を過ぎた措置 1件"));
    step(&mut staff, &measure, "finish", &[("done_on", "2026-11-22"), ("result", "書面を出した")]).await;
    let page = head.get(&at).await.body;
    assert!(page.contains("書面を出した") && page.contains("次の案：事業者の回答（令和8年12月6日まで）"), "{page}");
}

/// The daily round of reminders; how many were made.
async fn round(city: &City, day: &str) -> usize {
    let day: Day = day.parse().unwrap();
    let noon = Moment(i64::from(day.number()) * 86_400_000 + 3 * 3_600_000);
    let mut op = city.ledger.operation(Actor::Machine("deadlines"), noon).await.unwrap();
    let done = notices::round(&mut op, &city.pack).await.unwrap();
    op.commit().await.unwrap();
    assert!(done.unknown.is_empty(), "{:?}", done.unknown);
    done.made
}

#[tokio::test]
async fn the_head_is_reminded_of_the_yearly_check_and_the_ciso_of_a_serious_shortfall() {
    let city = City::new().await;
    let at = in_force(&city, &[("starts_on", "2026-02-28"), ("ends_on", "2030-03-31")]).await;
    let mut head = city.signed_in("head").await;
    // A month before twelve months after the start, and on the day itself.
    for (day, made) in [("2027-01-28", 0), ("2027-01-29", 1), ("2027-02-28", 1), ("2027-03-01", 1), ("2027-03-02", 0)] {
        assert_eq!(round(&city, day).await, made, "{day}");
    }
    assert!(head.get("/notices").await.body.contains("委託先の年一回の点検の期限です"));
    let contract = number(&head.get(&at).await.body);
    let check = [("title", "点検"), ("contract", &contract), ("checked_on", "2026-11-20"), ("way", "visit")];
    let serious = [("result", "serious"), ("due_on", "2027-06-30"), ("then", "record")];
    let check = head.makes("contractor-checks", &[&check[..], &serious].concat()).await;
    assert_eq!(round(&city, "2027-03-07").await, 0, "the check counts, and it is not a day on which it is said again");
    // Two are told: the CISO and the chief.
    assert_eq!(round(&city, "2026-11-21").await, 2);
    assert!(city.signed_in("ciso").await.get("/notices").await.body.contains("委託先に重大な不足があります"));
    let seen = version(&head.get(&format!("{check}/edit")).await.body);
    let told = [
        ("version", seen.as_str()),
        ("title", "点検"),
        ("contract", &contract),
        ("checked_on", "2026-11-20"),
        ("way", "visit"),
        ("result", "serious"),
        ("due_on", "2027-06-30"),
        ("told_ciso_on", "2026-11-21"),
        ("told_chief_on", "2026-11-21"),
    ];
    let answer = head.post(&format!("{check}/edit"), &told).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(round(&city, "2026-11-27").await, 0, "told");
}

#[tokio::test]
async fn at_the_end_everything_given_out_is_counted_for_every_contractor() {
    let city = City::new().await;
    let at = in_force(&city, &[]).await;
    let (mut head, mut staff) = (city.signed_in("head").await, city.signed_in("staff").await);
    let contract = number(&head.get(&at).await.body);
    let first = below(&mut staff, &contract, "一次（架空）", &[]).await;
    step(&mut head, &first, "approve", &[]).await;
    let holder = number(&head.get(&first).await.body);
    let given = [
        ("summary", "入力用のディスク"),
        ("direction", "give"),
        ("confidentiality", "3C"),
        ("partner", "一次（架空）"),
        ("basis", "契約"),
        ("way", "medium"),
        ("encrypted", "yes"),
        ("contract", &contract),
        ("holder", &holder),
        ("units", "40"),
        ("then", "submit"),
    ];
    let given = staff.makes("provisions", &given).await;
    step(&mut head, &given, "approve", &[]).await;
    step(&mut staff, &given, "hand_over", &[("given_on", "2026-11-20")]).await;
    let page = head.get(&at).await.body;
    assert!(
        page.contains("渡したもの・任せたもの40点、証明書0枚") && page.contains("契約の終わりに確かめる"),
        "{page}"
    );
    assert!(!page.contains("足りないもの"), "{page}");

    step(&mut head, &at, "end", &[]).await;
    let page = head.get(&at).await.body;
    assert!(page.contains("「一次（架空）」の返却・消去の証明書") && page.contains("40点に対して証明書0枚"), "{page}");
    let proof = {
        let page = head.get(&given).await.body;
        version(&page)
    };
    let back = [("version", proof.as_str()), ("returned_on", "2026-11-22"), ("certificates", "39")];
    let answer = head.post_file(&format!("{given}/do/take_back"), &back, ("certificate", "証明書.pdf", b"%PDF")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let page = head.get(&at).await.body;
    assert!(page.contains("40点に対して証明書39枚、1枚足りない"), "{page}");
    let home = head.get("/").await.body;
    assert!(home.contains("証明書が1枚足りない") && home.contains("返却・消去の証明書なし 2者"), "{home}");
}

#[tokio::test]
async fn what_the_reader_may_not_see_is_counted_and_not_judged() {
    let city = City::new().await;
    let at = in_force(&city, &[("starts_on", "2025-11-01")]).await;
    let mut staff = city.signed_in("staff").await;
    let mut head = city.signed_in("head").await;
    let contract = number(&head.get(&at).await.body);
    let check = [
        ("title", "点検"),
        ("contract", contract.as_str()),
        ("checked_on", "2026-11-20"),
        ("way", "sheet"),
        ("result", "good"),
        ("then", "record"),
    ];
    head.makes("contractor-checks", &check).await;
    let page = staff.get(&at).await.body;
    assert!(page.contains("この契約の記録のうち1件は、あなたには表示されません"), "{page}");
    assert!(
        page.contains("令和8年11月20日") && !page.contains("過ぎています"),
        "when it was checked is no secret: {page}"
    );
    assert!(!page.contains("令和8年度委託点検第1号"), "the check is: {page}");
    assert!(!head.get(&at).await.body.contains("あなたには表示されません"));
}
