//! Every main page of every role: nothing serious for assistive technology, no word from the browser, nothing wider than its
//! window; and the pictures of docs/screenshots.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::json;

use super::city::City;
use super::person::{Hand, Person};
use super::webdriver::Browser;

const AXE: &str = include_str!("axe/axe.min.js");

/// Runs axe-core and hands over what it holds against the page: impact, rule, place.
const JUDGE: &str = "const done = arguments[arguments.length - 1]; \
    axe.run(document, {resultTypes: ['violations']}).then( \
      (found) => done(found.violations.flatMap((rule) => rule.nodes.map((node) => \
        ({impact: rule.impact, rule: rule.id, at: node.target.join(' '), html: node.html.slice(0, 200), says: node.failureSummary})))), \
      (error) => done([{impact: 'critical', rule: String(error)}]));";

/// Pages of one role; `{register}` stands for the first record of that register's list, `{register?q=words}` of what is found there.
const PAGES: &[(&str, &[&str])] = &[
    (
        "admin",
        &[
            "/",
            "/me",
            "/inbox",
            "/notices",
            "/search?q=持出",
            "/signin/enrol",
            "/nowhere",
            "/place/requests",
            "/place/assets",
            "/compliance",
            "/compliance/findings",
            "/compliance/controls/assets-reviewed-yearly",
            "/reports",
            "/questionnaires",
            "/documents",
            "/documents/policy",
            "/documents/standard",
            "/documents/standard/handling-limits",
            "/registers/assets",
            "{assets}",
            "/registers/assets/new",
            "/registers/assets/import",
            "/registers/media",
            "{media}",
            "/registers/systems",
            "{systems}",
            "/registers/flows",
            "{flows}",
            "/registers/incidents",
            "{incidents}",
            "/registers/incidents/new",
            "/organisation",
            "{/organisation/units/}",
            "{/organisation/people/}",
            "/journal",
            "/settings/packs",
            "/settings/people",
            "/settings/sources",
            "/settings/sources/antimalware",
            "/settings/retention",
            "/settings/about",
        ],
    ),
    ("sysadmin", &["/", "/settings/accounts", "/settings/about", "/me"]),
    (
        "staff",
        &[
            "/",
            "/me",
            "/questionnaires",
            "{questionnaires}",
            "/registers/takeouts/new",
            "{takeouts}",
            "{takeouts}/print",
        ],
    ),
    ("head", &["/", "/inbox", "/compliance", "/reports", "{takeouts}", "/registers/exceptions/new"]),
    (
        "system",
        &[
            "/",
            "/inbox",
            "/registers/contracts",
            "{contracts?q=窓口の受付}",
            "{contracts?q=標準化業務}",
            "{contracts?q=納税通知書}",
            "{contracts?q=図書館}",
            "{contracts?q=納税通知書}/clauses",
        ],
    ),
    ("ciso", &["/", "/inbox", "/compliance"]),
    (
        "auditor",
        &[
            "/",
            "/compliance",
            "/compliance/findings",
            "/journal",
            "/evidence",
            "/oversight",
            "/oversight?way=deputy",
            "/oversight?way=administrator",
            "/as-of",
            "/registers/assets/as-of",
        ],
    ),
    ("shomu", &["/", "/organisation/absences"]),
    ("system", &["/", "/settings/sources"]),
    ("bucho", &["/", "/compliance"]),
    ("tokatsu", &["/", "/settings/packs"]),
    ("madoguchi", &["/"]),
    ("gikai", &["/", "/registers/assets"]),
    ("kigyocho", &["/", "/compliance"]),
    ("kansaiin", &["/", "/registers/audits"]),
    ("csirt", &["/"]),
    ("vendor", &["/", "/documents", "/me"]),
];

#[test]
fn every_main_page_serves_everyone() {
    let mut city = City::start();
    let browser = Browser::open(1280, 900);
    let narrow = Browser::open(500, 900);
    let mut wrong = Vec::new();
    for (login, pages) in PAGES {
        for browser in [&browser, &narrow] {
            let person = Person { browser, hand: Hand::Pointer, home: city.url.clone() };
            person.goes("/signin");
            wrong.extend(judged(&person, "/signin"));
            person.signs_in(&mut city, login);
            for page in *pages {
                let Some(address) = address(&person, page) else {
                    wrong.push(format!("{login}: there is no page {page}"));
                    continue;
                };
                person.goes(&address);
                wrong.extend(judged(&person, &format!("{login} {address}")));
            }
            browser.forget();
        }
    }
    let wrong: BTreeSet<String> = wrong.into_iter().collect();
    assert!(wrong.is_empty(), "{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
}

/// The address of a page: as it stands, or of the first link to one of its kind.
fn address(person: &Person<'_>, page: &str) -> Option<String> {
    let Some((kind, rest)) = page.strip_prefix('{').and_then(|page| page.split_once('}')) else {
        return Some(page.to_owned());
    };
    let (list, start) = match kind {
        "questionnaires" => ("/questionnaires".to_owned(), "/questionnaires/".to_owned()),
        kind if kind.starts_with('/') => ("/organisation".to_owned(), kind.to_owned()),
        kind => {
            let register = kind.split('?').next().unwrap_or(kind);
            (format!("/registers/{kind}"), format!("/registers/{register}/0"))
        }
    };
    person.goes(&list);
    let script = "const link = document.querySelector(`main a[href^='${arguments[0]}']`); return link && link.getAttribute('href')";
    let found = person.browser.run(script, &[json!(start)]);
    found.as_str().map(|address| format!("{address}{rest}"))
}

/// What is wrong with the page that is open.
fn judged(person: &Person<'_>, name: &str) -> Vec<String> {
    let browser = person.browser;
    let mut wrong = Vec::new();
    browser.run(AXE, &[]);
    for found in browser.run_later(JUDGE).as_array().cloned().unwrap_or_default() {
        if matches!(found["impact"].as_str(), Some("serious" | "critical")) {
            wrong.push(format!("{name}: {} at {}: {}\n{}", found["rule"], found["at"], found["html"], found["says"]));
        }
    }
    let wider = browser.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth", &[]);
    if wider.as_i64().is_some_and(|pixels| pixels > 0) {
        wrong.push(format!("{name}: {wider} pixels wider than its window"));
    }
    // A page that is not there is answered as such; the browser remarks on it.
    let complaints = browser.complaints().into_iter().filter(|said| !said.contains("/nowhere"));
    wrong.extend(complaints.map(|said| format!("{name}: {said}")));
    wrong
}

/// The pictures of docs/screenshots: whose, which page, where to.
const PICTURES: &[(&str, &str, &str)] = &[
    ("head", "/", "home.png"),
    ("head", "/inbox", "inbox.png"),
    ("ciso", "/compliance", "compliance.png"),
    ("staff", "{takeouts}", "takeout.png"),
    ("head", "/me", "signin.png"),
];

/// Writes the pictures where `SEKIMORI_SCREENSHOTS` says; without it they are taken and held to be pictures.
#[test]
fn the_pictures_of_the_documentation_can_be_taken() {
    let mut city = City::start();
    let to = std::env::var_os("SEKIMORI_SCREENSHOTS").map(|to| root().join(to));
    for (login, page, file) in PICTURES {
        let browser = Browser::open(1280, 960);
        let person = Person { browser: &browser, hand: Hand::Pointer, home: city.url.clone() };
        person.signs_in(&mut city, login);
        let address = address(&person, page).unwrap();
        person.goes(&address);
        let picture = browser.picture();
        assert!(picture.starts_with(b"\x89PNG"), "{file}");
        if let Some(to) = &to {
            std::fs::write(to.join(file), &picture).unwrap();
        }
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The printed form of a take-out stands on one sheet of A4.
#[test]
fn a_form_prints_on_one_sheet() {
    let mut city = City::start();
    let browser = Browser::open(1280, 960);
    let person = Person { browser: &browser, hand: Hand::Pointer, home: city.url.clone() };
    person.signs_in(&mut city, "staff");
    let form = address(&person, "{takeouts}/print").unwrap();
    person.goes(&form);
    let pdf = browser.print();
    assert!(pdf.starts_with(b"%PDF"));
    let text = String::from_utf8_lossy(&pdf);
    assert_eq!(text.matches("/Type /Page\n").count(), 1, "one page");
}
