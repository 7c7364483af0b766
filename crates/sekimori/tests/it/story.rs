//! The story of the made-up city: every planted case has the right state, is the right people's, rests on the right clause, and
//! is on the page where its owner would look for it.

use std::fs;
use std::process::Command;
use std::time::Duration;

use serde_json::Value as Json;

use super::browser::{Browser, Card};
use super::command_line::sekimori;
use super::demo::Demo;

/// A planted case that a control judges: the control, the state and how many subjects are in it, the clause, the page where its
/// owner would look, what stands there, and somebody whom it does not concern.
struct Planted {
    control: &'static str,
    state: (&'static str, u64),
    clause: &'static str,
    owner: (&'static str, &'static str),
    shows: &'static str,
    not_for: Option<&'static str>,
}

const FINDINGS: &str = "/compliance/findings";

const PLANTED: &[Planted] = &[
    // 農業委員会 has not published.
    Planted {
        control: "adoptions-published",
        state: ("broken", 1),
        clause: "/documents/policy/publication",
        owner: ("admin", FINDINGS),
        shows: "「農業委員会のサイバーセキュリティを確保するための方針」が公表されていません",
        not_for: Some("head"),
    },
    // A 特定通信 expired while its rule lives: the record, and what the devices were proved to pass.
    Planted {
        control: "flows-in-date",
        state: ("broken", 1),
        clause: "/documents/standard/specified-communication",
        owner: ("system", FINDINGS),
        shows: "旧 収納データの受渡し",
        not_for: Some("koho"),
    },
    Planted {
        control: "mynumber-separation-verified",
        state: ("broken", 1),
        clause: "/documents/standard/mynumber-separation",
        owner: ("tokatsu", FINDINGS),
        shows: "「マイナンバー利用事務系とＬＧＷＡＮ接続系の間は、特定通信だけが通る」が機器の設定で守られていません",
        not_for: Some("koho"),
    },
    // 7 of 212 terminals without a second factor.
    Planted {
        control: "mynumber-terminals-multi-factor",
        state: ("broken", 7),
        clause: "/documents/standard/multi-factor",
        owner: ("system", FINDINGS),
        shows: "端末「MN-210」に多要素認証が設定されていません",
        not_for: Some("koho"),
    },
    // 3 IDs of people who left: in the register, in the directory, on the personnel list.
    Planted {
        control: "accounts-of-staff-in-office",
        state: ("broken", 3),
        clause: "/documents/standard/leaving",
        owner: ("head", FINDINGS),
        shows: "在職していない者のＩＤ「s80003」が止められていません",
        not_for: Some("koho"),
    },
    Planted {
        control: "directory-holds-only-employees",
        state: ("broken", 3),
        clause: "/documents/standard/user-ids",
        owner: ("system", FINDINGS),
        shows: "人事名簿にない者のＩＤ「s80001」が有効です",
        not_for: Some("koho"),
    },
    // 39 certificates for 40 returned PCs.
    Planted {
        control: "certificates-match-units",
        state: ("broken", 1),
        clause: "/documents/standard/equipment-disposal",
        owner: ("system", FINDINGS),
        shows: "40台に対して証明書が足りません",
        not_for: Some("head"),
    },
    // An unpermitted 再々委託.
    Planted {
        control: "subcontracts-approved",
        state: ("broken", 1),
        clause: "/documents/standard/contracting-during",
        owner: ("system", FINDINGS),
        shows: "「個人事業の技術者（架空）」への再委託が承認されていません",
        not_for: Some("head"),
    },
    // One below the same sub-contractor began ten days before it was permitted.
    Planted {
        control: "subcontracts-begin-after-approval",
        state: ("broken", 1),
        clause: "/documents/standard/contracting-during",
        owner: ("system", FINDINGS),
        shows: "「南関守ネット（架空）」への再委託は、承認の前に始まっています",
        not_for: Some("head"),
    },
    // The unpermitted one handles My Number data.
    Planted {
        control: "my-number-subcontracts-permitted",
        state: ("broken", 1),
        clause: "/documents/standard/my-number-subcontracts",
        owner: ("system", FINDINGS),
        shows: "マイナンバーを扱う「個人事業の技術者（架空）」への再委託に、市の許諾がそろっていません",
        not_for: Some("head"),
    },
    // A contract without the terms on personal data and the rule on carrying.
    Planted {
        control: "contracts-hold-the-clauses",
        state: ("broken", 1),
        clause: "/documents/procedure-outsourcing/contract-clauses",
        owner: ("system", FINDINGS),
        shows: "「納税通知書の印刷と封入」の契約に、書くべき事項が足りません",
        not_for: Some("head"),
    },
    // A contract that nobody checked in a year.
    Planted {
        control: "contracts-checked-yearly",
        state: ("broken", 1),
        clause: "/documents/procedure-outsourcing/check",
        owner: ("system", FINDINGS),
        shows: "「公式ウェブサイトの運用」の対策が、この一年確かめられていません",
        not_for: Some("head"),
    },
    // A serious shortfall that the CISO does not know, and an answer that is late.
    Planted {
        control: "serious-shortfalls-told-to-the-ciso",
        state: ("broken", 1),
        clause: "/documents/procedure-outsourcing/shortfall",
        owner: ("system", FINDINGS),
        shows: "重大な不足「感染の後の確認」が、ＣＩＳＯに報告されていません",
        not_for: Some("head"),
    },
    Planted {
        control: "measures-in-time",
        state: ("broken", 1),
        clause: "/documents/standard/contractor-shortfall",
        owner: ("system", FINDINGS),
        shows: "委託先への措置「事業者の回答を受ける」が、期限を過ぎています",
        not_for: Some("head"),
    },
    // A contract that ended forty days ago: nothing is certified, by nobody in its tree, and a delivery is still out.
    Planted {
        control: "information-returned-or-erased",
        state: ("broken", 1),
        clause: "/documents/standard/contracting-end",
        owner: ("system", FINDINGS),
        shows: "「旧 図書館システムの運用」の返却・消去が、三十日を過ぎても確かめられていません",
        not_for: Some("head"),
    },
    Planted {
        control: "subcontracts-returned-or-erased",
        state: ("broken", 1),
        clause: "/documents/procedure-outsourcing/end",
        owner: ("system", FINDINGS),
        shows: "「図書データ入力（架空）」（再委託先）の返却・消去の証明書がありません",
        not_for: Some("head"),
    },
    Planted {
        control: "given-information-comes-back",
        state: ("broken", 1),
        clause: "/documents/standard/contracting-end",
        owner: ("system", FINDINGS),
        shows: "「入力用の外付けディスク」が、契約が終わって三十日を過ぎても返却・消去されていません",
        not_for: Some("head"),
    },
    // An old server whose exception ends soon.
    Planted {
        control: "servers-maintained",
        state: ("covered", 1),
        clause: "/documents/standard/maintenance",
        owner: ("doboku", "/compliance/controls/servers-maintained"),
        shows: "旧道路台帳サーバー",
        not_for: Some("koho"),
    },
    // An SNS account idle for fourteen months.
    Planted {
        control: "idle-sns-accounts-closed",
        state: ("broken", 1),
        clause: "/documents/standard/sns",
        owner: ("koho", FINDINGS),
        shows: "「関守市の四季」から半年以上発信がありません",
        not_for: Some("head"),
    },
    // One duty 着手前.
    Planted {
        control: "handling-limits-reviewed",
        state: ("not_started", 1),
        clause: "/documents/standard/handling-limits",
        owner: ("tokatsu", "/compliance/controls/handling-limits-reviewed"),
        shows: "着手前",
        not_for: None,
    },
    // A stale anti-malware feed: nothing is said of the terminals.
    Planted {
        control: "signatures-current",
        state: ("unknown", 1),
        clause: "/documents/standard/malware-chief",
        owner: ("system", "/"),
        shows: "ウイルス対策の管理画面の出力",
        not_for: Some("koho"),
    },
];

/// What stands on whose page beside the controls.
const PAGES: &[(&str, &str, &str)] = &[
    // The head who is away finds what the deputy decided.
    ("nozei", "/inbox", "後閲"),
    ("nozei", "/inbox", "いま不在にしています"),
    // The exception ends in a week; who asked for it is reminded.
    ("doboku", "/registers/exceptions", "機器の定期保守"),
    ("doboku", "/notices", "例外措置の期限です"),
    ("system", "/inbox", "再委託の承認"),
    // Who has several roles of one rank is named by the one in the line.
    ("head", "/", "市民課　管理者"),
    ("bucho", "/", "市民部　責任者"),
    // A contract that lacks clauses waits for its decision; whoever agrees to several at once sees it.
    ("system", "/inbox", "契約に書く事項が2件足りない"),
    ("system", "/", "確認が要る委託契約"),
    ("ciso", "/", "報告していない重大な不足 1件"),
    ("admin", "/registers/contracts", "承認のない再委託 2件"),
    ("admin", "/registers/contracts", "終わりまで44日"),
    ("admin", "/registers/contracts", "証明書が1枚足りない"),
    ("csirt", "/registers/incidents", "メールの宛先欄の誤り（128人）"),
    ("csirt", "/registers/incidents", "委託先のランサムウェア感染"),
    ("csirt", "/registers/incidents", "市をかたる偽のＳＮＳアカウント"),
    ("csirt", "/registers/incidents", "ＵＳＢメモリの紛失と発見"),
    ("csirt", "/registers/incidents", "ファクスの送り先の誤り"),
    ("kansa", "/registers/audit-findings", "再委託先の把握"),
    // The section that the three-year plan forgot; what the plan means for this year.
    ("kansa", "/registers/audits/audit-plan", "三年の計画に入っていません"),
    ("kansa", "/registers/audits/audit-plan", "クリーンセンター</dd>"),
    ("kansa", "/registers/audits/audit-plan", "１０月"),
    ("admin", "/registers/audits/audit-plan", "監査の年度計画"),
    // Another section is asked whether it has the same weakness.
    ("kansa", "/registers/audit-findings", "同じ弱点の確認中"),
    ("kansa", "/", "監査の計画・調書・改善期限"),
    ("auditor", "/registers/audit-samples", "情報資産の置き場所と管理者"),
    ("auditor", "/registers/audit-items", "定めのとおり行われている"),
    // A large risk that the CISO accepted, and one that says which clause should change.
    ("ciso", "/registers/risk-assessments/matrix", "保守の終わった旧道路台帳のサーバーが侵入の足場になる"),
    ("admin", "/registers/risk-assessments/matrix", "相手と作業の場所を届け出させ、市の承認を受ける"),
    ("admin", "/registers/risk-assessments/matrix", "/documents/standard/contracting-during"),
    ("admin", "/registers/committee-meetings", "第７回　監査の結果"),
    ("admin", "/registers/drills", "標的型メールの訓練（６月）"),
    ("admin", "/registers/policy-adoptions", "関守広域水道企業団"),
    ("system", "/registers/systems", "生成ＡＩ"),
    ("system", "/registers/flows", "コンビニ交付"),
    // An auditor from an outside firm sees what the city's own auditors see.
    ("auditor", "/registers/audits", "外部委託と窓口の情報の取扱い"),
    // The commissioners' audit (行政監査) is another one; it reads this one.
    ("kansaiin", "/registers/audits", "外部委託と窓口の情報の取扱い"),
    ("auditor", FINDINGS, "在職していない者のＩＤ「s80003」が止められていません"),
    ("auditor", "/organisation", "最高情報セキュリティ責任者"),
];

fn assessed(data: &str) -> Json {
    let output = sekimori(&["assess", "--data", data, "--on", "2026-11-22", "--format", "json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_planted_case_is_where_its_owner_looks() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("city");
    let demo = Demo::start(&dir, &["--people", "200", "--assets", "90", "--incidents", "7", "--as-of", "2026-11-22"]);
    let card = Card::read(&dir);
    let mut signed_in: Vec<(&str, Browser)> = Vec::new();
    let mut page = |login: &'static str, path: &str| {
        if !signed_in.iter().any(|(known, _)| *known == login) {
            signed_in.push((login, Browser::signed_in(demo.address(), &card, login)));
        }
        let (_, browser) = signed_in.iter_mut().find(|(known, _)| *known == login).unwrap();
        let answer = browser.get(path);
        assert_eq!(answer.status, 200, "{login} {path}: {}", answer.body);
        answer.body
    };
    // The server judges everything once after its start.
    let judged = (0..600).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        page("tokatsu", FINDINGS).contains("個人事業の技術者")
    });
    assert!(judged, "the findings come");
    // Long lists have pages.
    let mut whole = |login: &'static str, path: &str| {
        let mut all = page(login, path);
        for from in (50..1000).step_by(50).take_while(|_| path == FINDINGS) {
            let next = page(login, &format!("{path}?page={from}"));
            let last = next.contains("要改善事項はありません");
            all.push_str(&next);
            if last {
                break;
            }
        }
        all
    };
    let answer = assessed(dir.to_str().unwrap());
    let mut wrong = Vec::new();
    for case in PLANTED {
        let all = answer["controls"].as_array().unwrap();
        let counts = &all.iter().find(|control| control["control"] == case.control).unwrap()["counts"];
        let (state, count) = case.state;
        if counts[state].as_u64() != Some(count) {
            wrong.push(format!("{} is not {count} {state}: {counts}", case.control));
        }
        let (login, path) = case.owner;
        if !whole(login, path).contains(case.shows) {
            wrong.push(format!("{} is not on {path} of {login}: {}", case.control, case.shows));
        }
        if !whole(login, &format!("/compliance/controls/{}", case.control))
            .contains(&format!("href=\"{}\"", case.clause))
        {
            wrong.push(format!("{} does not rest on {}", case.control, case.clause));
        }
        if case.not_for.is_some_and(|other| whole(other, path).contains(case.shows)) {
            wrong.push(format!("{} is on {path} of {:?}", case.control, case.not_for));
        }
    }
    for (login, path, shows) in PAGES {
        if !whole(login, path).contains(shows) {
            wrong.push(format!("{path} of {login} does not show {shows}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Follows the first link of a list that leads to a record with these words.
pub(crate) fn follow(browser: &mut Browser, list: &str, words: &str) -> String {
    let page = browser.get(list).body;
    let row =
        page.split("<tr>").find(|row| row.contains(words)).unwrap_or_else(|| panic!("no {words} on {list}: {page}"));
    row.split("href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

#[test]
fn the_audit_has_items_and_a_sample_and_the_large_risk_was_the_cisos_to_accept() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("city");
    let demo = Demo::start(&dir, &["--people", "200", "--assets", "90", "--incidents", "3", "--as-of", "2026-11-22"]);
    let card = Card::read(&dir);
    let mut auditor = Browser::signed_in(demo.address(), &card, "auditor");
    let audit = follow(&mut auditor, "/registers/audits", "外部委託と窓口の情報の取扱い");
    let page = auditor.get(&audit).body;
    for wanted in ["✓ 問題なし", "判定 7／7", "8／8", "今の自動判定", "契約書、作業体制の届出", "住民記録システム"]
    {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    let sample = follow(&mut auditor, "/registers/audit-samples", "情報資産の置き場所と管理者");
    let page = auditor.get(&sample).body;
    for wanted in
        ["✓ 母集団は固定したときと同じ", "✓ 引き直しても同じ標本", "第１９５１回", "不適合 1", "別の棚にあった"]
    {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    // The joint body audits itself: nobody of the city asks it, and all others can be asked at once.
    let mut kansa = Browser::signed_in(demo.address(), &card, "kansa");
    let plan = kansa.get("/registers/audits/audit-plan").body;
    assert!(plan.contains("会計課") && !plan.contains("企業団総務課"), "{plan}");
    let finding = follow(&mut kansa, "/registers/audit-findings", "指摘第1号");
    let page = kansa.get(&finding).body;
    assert!(page.contains("会計課") && !page.contains("企業団総務課"), "{page}");
    let asked = kansa.post(&format!("{finding}/audit"), &page, &[("what", "elsewhere"), ("do", "check_all")]);
    let page = kansa.get(&finding).body;
    assert!(asked.status == 303 && page.contains("依頼・指摘済み") && !page.contains("check_all"), "{page}");

    let mut ciso = Browser::signed_in(demo.address(), &card, "ciso");
    let risk = follow(&mut ciso, "/registers/risk-assessments", "旧道路台帳のサーバー");
    let page = ciso.get(&risk).body;
    let seals = page.split("class=\"stamps\"").nth(1).expect("the decision").split("</ol>").next().unwrap();
    assert!(seals.contains("ＣＩＳＯ") && seals.contains("山本") && page.contains("受容"), "{seals}");
    let small = follow(&mut ciso, "/registers/risk-assessments", "来庁者に見られる");
    let page = ciso.get(&small).body;
    let seals = page.split("class=\"stamps\"").nth(1).expect("the decision").split("</ol>").next().unwrap();
    assert!(!seals.contains("ＣＩＳＯ"), "a small one is not the CISO's to accept: {seals}");
}

/// Reads the mail of the folder as another program does.
const READ_MAIL: &str = "import sys, email, email.policy\n\
    mail = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)\n\
    print(mail['subject']); print(mail.get_content())";

#[test]
fn the_files_to_try_are_read_by_others_and_go_through_the_gateway() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("city");
    drop(Demo::start(&dir, &["--people", "60", "--assets", "60", "--incidents", "0", "--as-of", "2026-11-22"]));
    let file = |name: &str| dir.join("files").join(name).to_str().unwrap().to_owned();
    let out = folder.path().join("out").to_str().unwrap().to_owned();
    let report = folder.path().join("report.json");
    let mut args = vec!["sanitize".to_owned(), "--out".to_owned(), out.clone()];
    args.extend([
        "--password-file".to_owned(),
        file("password.txt"),
        "--report".to_owned(),
        report.to_str().unwrap().to_owned(),
    ]);
    args.extend(["公用車使用申請書.xlsx", "対策調査票.xlsm", "一覧表.zip", "回覧.jtd", "図面.xdw"].map(file));
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = sekimori(&args);
    assert_eq!(done.status.code(), Some(3), "two are of kinds that nobody reads: {done:?}");
    let lines: Json = serde_json::from_slice(&fs::read(&report).unwrap()).unwrap();
    let said = lines.to_string();
    assert!(said.contains("macro"), "the survey's macro was seen: {said}");
    let endings: Vec<&str> = lines.as_array().unwrap().iter().filter_map(|line| line["outcome"].as_str()).collect();
    assert_eq!(endings, ["rebuilt", "rebuilt_with_loss", "rebuilt", "held", "held"], "{said}");

    let mail = Command::new("python3").args(["-c", READ_MAIL, &file("お知らせ.eml")]).output().unwrap();
    assert!(mail.status.success(), "{mail:?}");

    // The public edition says what the city recorded, and not of another city's policy.
    let public = folder.path().join("public");
    let (data, to) = (dir.to_str().unwrap(), public.to_str().unwrap());
    let wrote = sekimori(&["pack", "publish", "--data", data, "--out", to, "--on", "2026-11-22"]);
    assert!(wrote.status.success(), "{wrote:?}");
    let sheet = fs::read_to_string(public.join("publication.html")).unwrap();
    assert!(
        sheet.contains("https://suido.sekimori.invalid/policy/") && sheet.contains("令和8年11月22日現在"),
        "{sheet}"
    );
    let farming = sheet.split("<tr>").find(|row| row.contains("農業委員会")).unwrap();
    assert!(farming.contains("公表の記録がありません"), "{farming}");
    let other = sekimori(&["pack", "publish", "packs/sodegaura", "--data", data, "--out", &format!("{to}2")]);
    assert_eq!(other.status.code(), Some(1), "{other:?}");

    let claims = folder.path().join("claims.toml").to_str().unwrap().to_owned();
    let wrote = sekimori(&["separation", "claims", "--data", data, "--out", &claims]);
    assert!(wrote.status.success(), "{wrote:?}");
    let verdict = sekimori(&["separation", "verify", "--claims", &claims, "--config", &file("firewall.nft")]);
    let said = String::from_utf8_lossy(&verdict.stdout).into_owned();
    assert_eq!(verdict.status.code(), Some(3), "{said}");
    assert!(said.contains("10.2.8.3"), "the rule that outlived its permission: {said}");
}

/// The page that leads a visitor through the city names every planted case where the test finds it.
#[test]
fn the_guide_to_the_city_names_every_planted_case() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/demo.md");
    let guide = fs::read_to_string(root).unwrap();
    for case in PLANTED {
        let line = guide.lines().find(|line| line.contains(&format!("`{}`", case.control)));
        let line = line.unwrap_or_else(|| panic!("{} is not in the guide", case.control));
        assert!(line.contains(&format!("`{}`", case.owner.0)), "{} is looked for as {}", case.control, case.owner.0);
    }
}
