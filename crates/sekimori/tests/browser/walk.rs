//! A take-out from the first asset to its return, as the city hall lives it: with a pointer, by keyboard alone, and without
//! script. What the people do is the same; only the hand differs.

use std::time::{Duration, Instant};

use super::city::City;
use super::person::{Hand, Person};
use super::webdriver::Browser;

/// The control that counts assets looked over within a year.
const CONTROL: &str = "/compliance/controls/assets-reviewed-yearly";

#[test]
fn a_take_out_goes_its_way_and_the_numbers_follow() {
    walk(Hand::Pointer, true);
}

#[test]
fn a_take_out_goes_its_way_by_keyboard_alone() {
    walk(Hand::Keyboard, true);
}

#[test]
fn a_take_out_goes_its_way_without_script() {
    walk(Hand::Pointer, false);
}

fn walk(hand: Hand, script: bool) {
    let mut city = City::start();
    let browser = Browser::open(1280, 900);
    let person = Person { browser: &browser, hand, home: city.url.clone() };
    if script {
        browser.add_authenticator();
    } else {
        browser.forbid_scripts();
    }

    person.signs_in(&mut city, "head");
    if script {
        takes_a_passkey(&person, &city);
    } else {
        person.goes("/me");
        person.sees("パスキーの登録にはスクリプト（JavaScript）が必要です");
    }
    let before = holds(&person);
    let asset = adds_an_asset(&person);
    waits_for(&person, before + 1);
    person.signs_out("市民課");

    person.signs_in(&mut city, "staff");
    let first = asks_for_a_take_out(&person, &asset, "東支所");
    let second = asks_for_a_take_out(&person, &asset, "西支所");
    person.signs_out("市民課");

    person.signs_in(&mut city, "head");
    person.press("処理待ち");
    person.tick(&first);
    person.press(if script { "選んだ1件を承認" } else { "選んだものを承認" });
    person.sees("1件を承認しました");
    person.press("不在にする");
    person.sees("いま不在にしています");
    person.signs_out("市民課");

    person.signs_in(&mut city, "deputy");
    person.press("処理待ち");
    person.tick(&second);
    person.press(if script { "選んだ1件を承認" } else { "選んだものを承認" });
    person.sees("1件を承認しました");
    person.signs_out("市民課");

    person.signs_in(&mut city, "head");
    person.press("処理待ち");
    person.press("不在を終える");
    person.sees("不在を終えました");
    person.press("後閲した");
    person.sees("後閲しました");
    person.signs_out("市民課");

    person.signs_in(&mut city, "staff");
    person.press(&second);
    person.sees("代 ");
    person.goes("/");
    person.press(&first);
    person.press("持ち出した");
    person.sees("持出し中");
    person.unfold("返却した");
    person.write_today("返却した日");
    person.press("返却した");
    person.sees("返却確認待ち");
    person.signs_out("市民課");

    person.signs_in(&mut city, "head");
    person.write("検索", &first);
    person.press("検索");
    person.press("現物を確かめて終了する");
    person.sees("返却済み");
    tells_its_history(&person);
    person.signs_out("市民課");
    stands_in_the_journal(&person, &mut city);
    assert_eq!(browser.complaints(), Vec::<String>::new(), "the browser's log");
}

/// Every step stands in the record's history, with who took it.
fn tells_its_history(person: &Person<'_>) {
    let text = person.browser.text();
    let (_, history) = text.split_once("経過").expect("a history");
    for step in ["作成", "申請する", "承認する", "持ち出した", "返却した", "現物を確かめて終了する"]
    {
        assert!(history.contains(step), "{step} is not in {history}");
    }
}

/// And in the journal, which the secretariat reads; the command line finds its chain whole.
fn stands_in_the_journal(person: &Person<'_>, city: &mut City) {
    person.signs_in(city, "admin");
    person.press("組織・役割・操作記録・設定");
    person.press("操作記録");
    person.sees("現物を確かめて終了する");
    for act in ["返却した", "後閲", "不在の設定"] {
        person.sees(act);
    }
    assert!(city.verified().contains("不一致 0 件"));
}

/// Registers the computer's own key, signs out, and in again with it.
fn takes_a_passkey(person: &Person<'_>, city: &City) {
    person.goes("/me");
    person.write("このパスキーの呼び名", "窓口2番のパソコン");
    person.press("パスキーを登録");
    person.sees("パスキーを登録しました");
    person.sees("窓口2番のパソコン");
    person.signs_out("市民課");
    person.gives_password(city, "head");
    person.press("パスキーで確認");
    person.sees("申請の状況");
}

/// How many assets hold the control now, as its page says.
fn holds(person: &Person<'_>) -> i64 {
    person.goes(CONTROL);
    let text = person.browser.text();
    let (_, rest) = text.split_once("状態\n").expect("the control's counts");
    let (_, rest) = rest.split_once("遵守 ").expect("the control's counts");
    rest.split('　').next().unwrap().replace(',', "").parse().unwrap()
}

fn waits_for(person: &Person<'_>, wanted: i64) {
    let start = Instant::now();
    loop {
        let now = holds(person);
        if now == wanted {
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{now} hold, not {wanted}");
        std::thread::sleep(Duration::from_millis(300));
    }
}

/// Adds an asset of the own section; its number.
fn adds_an_asset(person: &Person<'_>) -> String {
    person.press("情報資産・媒体");
    person.press("情報資産台帳");
    person.press("新しく作る");
    person.write("情報資産の名称", "住民異動届の照合一覧");
    person.choose("種別", "紙文書");
    person.tick("作成・入手の別／作成したもの");
    person.tick("機密性／自治体機密性２");
    person.tick("完全性／自治体完全性１");
    person.tick("可用性／自治体可用性１");
    person.tick("個人情報／含まない");
    person.write("保管場所", "執務室の鍵付き書庫");
    person.press("分類を確かめて登録する");
    person.sees("住民異動届の照合一覧");
    heading(person)
}

/// The number in the page's heading.
fn heading(person: &Person<'_>) -> String {
    let text = person.browser.run("return document.querySelector('h1').firstChild.textContent.trim()", &[]);
    text.as_str().unwrap().to_owned()
}

fn asks_for_a_take_out(person: &Person<'_>, asset: &str, destination: &str) -> String {
    person.press("申請・届出");
    person.press("情報資産の持出し");
    person.press("新しく作る");
    person.write("持ち出す情報資産", asset);
    person.tick("持ち出し方／紙文書");
    person.write("目的", "支所の窓口で照合するため");
    person.write("持ち出す先", destination);
    person.tick("運び方／公用車");
    person.write("運ぶ者", "03010003");
    person.press("申請する");
    person.sees("支所の窓口で照合するため");
    heading(person)
}
