//! A person at the browser: looks for things by the names that stand on the page, with a pointer or with the keyboard alone.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::city::City;
use super::webdriver::{Browser, Element};

const PAGE: &str = include_str!("page.js");
const TAB: char = '\u{E004}';
const ENTER: char = '\u{E007}';
const LEFT: char = '\u{E012}';
const RIGHT: char = '\u{E014}';
const DOWN: char = '\u{E015}';
const CONTROL: char = '\u{E009}';
/// How long the page may take to say what is expected.
const PATIENCE: Duration = Duration::from_secs(15);

/// What a person works with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hand {
    Pointer,
    Keyboard,
}

pub(crate) struct Person<'a> {
    pub(crate) browser: &'a Browser,
    pub(crate) hand: Hand,
    pub(crate) home: String,
}

impl Person<'_> {
    fn ask(&self, act: &str, more: &[Json]) -> Json {
        let args: Vec<Json> = std::iter::once(json!(act)).chain(more.iter().cloned()).collect();
        self.browser.run(PAGE, &args)
    }

    /// What the page's script shows a moment after the page is there too.
    fn find(&self, kinds: &str, name: &str) -> Element {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Some(found) = self.browser.element(PAGE, &[json!("find"), json!(kinds), json!(name)]) {
                return found;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let names = self.ask("names", &[json!(kinds)]);
        panic!("nothing is called {name:?} at {}: {names}\n{}", self.browser.url(), self.browser.text())
    }

    /// Moves the focus on with Tab until it stands on the thing of this name. Every stop on the way has to show where it is.
    fn reach(&self, name: &str, fits: impl Fn(&Json) -> bool) -> Json {
        let mut stops: Vec<String> = Vec::new();
        for _ in 0..400 {
            self.browser.keys(&TAB.to_string());
            let at = self.ask("focused", &[]);
            if at.is_null() {
                continue;
            }
            let called = at["name"].as_str().unwrap_or_default().to_owned();
            assert_eq!(at["ring"], true, "the focus on {called:?} cannot be seen at {}", self.browser.url());
            assert_eq!(at["inside"], true, "the focus on {called:?} is out of sight at {}", self.browser.url());
            if (called == name || called.starts_with(name)) && fits(&at) {
                return at;
            }
            // The parts of a date field are stops of one and the same field.
            if stops.last() != Some(&called) {
                stops.push(called);
            }
        }
        panic!("Tab never comes to {name:?} at {}: {stops:?}", self.browser.url())
    }

    /// Presses a link or a button.
    pub(crate) fn press(&self, name: &str) {
        match self.hand {
            Hand::Pointer => self.browser.click(&self.find("a, button", name)),
            Hand::Keyboard => {
                self.reach(name, |at| matches!(at["tag"].as_str(), Some("A" | "BUTTON")));
                self.browser.leave(|| self.browser.keys(&ENTER.to_string()));
            }
        }
    }

    /// Unfolds what is folded away under this name.
    pub(crate) fn unfold(&self, name: &str) {
        match self.hand {
            Hand::Pointer => self.browser.click(&self.find("summary", name)),
            Hand::Keyboard => {
                self.reach(name, |at| at["tag"] == "SUMMARY");
                self.browser.keys(&ENTER.to_string());
            }
        }
    }

    /// Writes the city's today into a field for a day, in the order of the browser's own language.
    pub(crate) fn write_today(&self, name: &str) {
        let day = self.browser.run("return new Date(Date.now() + 9 * 3600000).toISOString().slice(0, 10)", &[]);
        let day = day.as_str().unwrap();
        let (year, month, date) = (&day[..4], &day[5..7], &day[8..]);
        match self.hand {
            Hand::Pointer => self.browser.click(&self.find("input[type=date]", name)),
            Hand::Keyboard => drop(self.reach(name, |at| at["type"] == "date")),
        }
        let to_start = format!("{LEFT}{LEFT}{LEFT}");
        // Two digits of a month or a day go on by themselves; a year has room for more.
        for typed in
            [format!("{month}{date}{year}"), format!("{year}{RIGHT}{month}{date}"), format!("{date}{month}{year}")]
        {
            self.browser.keys(&format!("{to_start}{typed}"));
            if self.browser.run("return document.activeElement.value", &[]) == day {
                return;
            }
        }
        panic!("{name:?} does not take the day {day}");
    }

    /// Writes a line into a field, in place of what stood there.
    pub(crate) fn write(&self, name: &str, text: &str) {
        match self.hand {
            Hand::Pointer => self.browser.type_into(&self.find("input, textarea", name), text),
            Hand::Keyboard => {
                self.reach(name, |at| matches!(at["tag"].as_str(), Some("INPUT" | "TEXTAREA")));
                self.browser.chord(CONTROL, 'a');
                self.browser.keys(text);
            }
        }
    }

    /// Ticks a box, or chooses one of several.
    pub(crate) fn tick(&self, name: &str) {
        match self.hand {
            Hand::Pointer => self.browser.click(&self.find("input[type=checkbox], input[type=radio]", name)),
            Hand::Keyboard => {
                // Tab stops once in a group of choices; the arrow keys go on from there.
                let group = name.split('／').next().unwrap_or(name);
                let at = self.reach(group, |at| matches!(at["type"].as_str(), Some("checkbox" | "radio")));
                if at["type"] == "checkbox" {
                    self.browser.keys(" ");
                    return;
                }
                self.browser.keys(" ");
                for _ in 0..40 {
                    let at = self.ask("focused", &[]);
                    if at["name"].as_str().is_some_and(|called| called.starts_with(name)) && at["checked"] == true {
                        return;
                    }
                    self.browser.keys(&DOWN.to_string());
                }
                panic!("the arrow keys never come to {name:?} at {}", self.browser.url());
            }
        }
    }

    /// Chooses from a list that opens.
    pub(crate) fn choose(&self, name: &str, option: &str) {
        match self.hand {
            Hand::Pointer => {
                let list = self.find("select", name);
                let script = "return [...arguments[0].options].find((o) => o.textContent.trim().startsWith(arguments[1])) || null";
                let option = self.browser.element(script, &[list.json(), json!(option)]);
                self.browser.click(&option.unwrap_or_else(|| panic!("{name} has no such choice")));
            }
            Hand::Keyboard => {
                self.reach(name, |at| at["tag"] == "SELECT");
                for _ in 0..80 {
                    let at = self.ask("focused", &[]);
                    if at["chosen"].as_str().is_some_and(|chosen| chosen.starts_with(option)) {
                        return;
                    }
                    self.browser.keys(&DOWN.to_string());
                }
                panic!("{name} has no choice {option:?}");
            }
        }
    }

    /// Waits until the page says something.
    pub(crate) fn sees(&self, text: &str) {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if self.browser.text().contains(text) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("{text:?} is not at {}:\n{}", self.browser.url(), self.browser.text());
    }

    /// Opens a page by its address.
    pub(crate) fn goes(&self, path: &str) {
        self.browser.go(&format!("{}{path}", self.home));
    }

    /// Signs in up to the second factor, if the account has one.
    pub(crate) fn gives_password(&self, city: &City, login: &str) {
        self.goes("/signin");
        self.write("ログイン名", login);
        self.write("パスワード", city.password(login));
        self.press("サインイン");
    }

    /// Signs in with the code of a device where the account has one.
    pub(crate) fn signs_in(&self, city: &mut City, login: &str) {
        self.gives_password(city, login);
        if let Some(code) = city.code(login) {
            self.sees("確認コード");
            self.write("確認コード", &code);
            self.press("確認する");
        }
        self.sees("規程・手順");
    }

    pub(crate) fn signs_out(&self, own_name: &str) {
        self.unfold(own_name);
        self.press("サインアウト");
        self.sees("サインアウトしました");
    }
}
