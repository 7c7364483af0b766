//! Debian's Chromium, driven through its chromedriver: the few commands of the WebDriver protocol (W3C) that the tests use,
//! over HTTP/1.1 by hand. Both end when the value is dropped.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::MetadataExt;
use std::process::{Child, Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value as Json, json};

/// The key under which the protocol names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Pixels of a picture from top to bottom: what comes below in a long page adds little.
const TALLEST: u64 = 1400;

/// A browser with one window.
pub(crate) struct Browser {
    driver: Child,
    port: u16,
    session: String,
}

/// An element of the page that was just asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Element(String);

impl Element {
    /// As an argument of a script.
    pub(crate) fn json(&self) -> Json {
        json!({ELEMENT: self.0})
    }
}

impl Browser {
    /// A window of this many pixels.
    pub(crate) fn open(width: u32, height: u32) -> Self {
        let mut driver = Command::new("chromedriver")
            .args(["--port=0", "--log-level=SEVERE"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts (Debian package chromium-driver)");
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines().map(Result::unwrap);
        let port =
            lines.find_map(|line| line.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok());
        let mut browser = Self { driver, port: port.expect("chromedriver says its port"), session: String::new() };
        std::thread::spawn(move || lines.for_each(drop));
        let mut args = vec![
            "--headless=new".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--disable-gpu".to_owned(),
            "--hide-scrollbars".to_owned(),
            "--lang=ja".to_owned(),
            format!("--window-size={width},{height}"),
        ];
        // Chromium's own sandbox refuses to run as root, which is what continuous integration is.
        if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
            args.push("--no-sandbox".to_owned());
        }
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": args, "binary": "/usr/bin/chromium"},
            "goog:loggingPrefs": {"browser": "ALL"},
        }}});
        let answer = browser.call("POST", "/session", Some(&wanted)).expect("chromium starts");
        browser.session = format!("/session/{}", answer["sessionId"].as_str().unwrap());
        browser
    }

    /// One exchange with chromedriver: the answer's value, or its error.
    fn call(&self, method: &str, path: &str, body: Option<&Json>) -> Result<Json, Json> {
        let body = body.map(Json::to_string).unwrap_or_default();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.port,
            body.len()
        )
        .unwrap();
        // Chromedriver keeps the connection open whatever it is asked, so the length has to be believed.
        let mut answer = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(answer.read_line(&mut line).unwrap() > 0, "chromedriver ends in the middle of {path}");
            match line.trim_end().split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().unwrap();
                }
                None if line.trim_end().is_empty() => break,
                _ => {}
            }
        }
        let mut body = vec![0; length];
        answer.read_exact(&mut body).unwrap();
        let mut json: Json = serde_json::from_slice(&body).unwrap();
        let value = json["value"].take();
        if value.get("error").is_some_and(Json::is_string) { Err(value) } else { Ok(value) }
    }

    fn try_post(&self, command: &str, body: &Json) -> Result<Json, Json> {
        self.call("POST", &format!("{}/{command}", self.session), Some(body))
    }

    fn post(&self, command: &str, body: &Json) -> Json {
        self.try_post(command, body).unwrap_or_else(|error| panic!("{command}: {error}\n{}", self.text()))
    }

    pub(crate) fn go(&self, url: &str) {
        self.post("url", &json!({"url": url}));
    }

    pub(crate) fn url(&self) -> String {
        self.call("GET", &format!("{}/url", self.session), None).unwrap().as_str().unwrap().to_owned()
    }

    /// What a function body answers in the page.
    pub(crate) fn run(&self, script: &str, args: &[Json]) -> Json {
        self.post("execute/sync", &json!({"script": script, "args": args}))
    }

    /// What a function body hands to its last argument, later.
    pub(crate) fn run_later(&self, script: &str) -> Json {
        self.post("execute/async", &json!({"script": script, "args": []}))
    }

    /// Does something that leads to another page, and waits for that page. What leads nowhere is waited for in vain, shortly.
    pub(crate) fn leave(&self, act: impl FnOnce()) {
        self.run("window.stillHere = true", &[]);
        act();
        let script = json!({"script": "return !window.stillHere && document.readyState === 'complete'", "args": []});
        for _ in 0..60 {
            if self.try_post("execute/sync", &script).is_ok_and(|left| left == true) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }

    /// The element that a function body answers.
    pub(crate) fn element(&self, script: &str, args: &[Json]) -> Option<Element> {
        self.run(script, args).get(ELEMENT).and_then(Json::as_str).map(|id| Element(id.to_owned()))
    }

    /// All that can be read on the page.
    pub(crate) fn text(&self) -> String {
        let script = json!({"script": "return document.body ? document.body.innerText : ''", "args": []});
        let answer = self.try_post("execute/sync", &script);
        answer.ok().and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default()
    }

    pub(crate) fn click(&self, element: &Element) {
        self.run("arguments[0].scrollIntoView({block: 'center'})", &[element.json()]);
        self.post(&format!("element/{}/click", element.0), &json!({}));
    }

    pub(crate) fn type_into(&self, element: &Element, text: &str) {
        self.run("arguments[0].scrollIntoView({block: 'center'})", &[element.json()]);
        self.post(&format!("element/{}/clear", element.0), &json!({}));
        self.post(&format!("element/{}/value", element.0), &json!({"text": text}));
    }

    /// Presses and releases keys one after the other, wherever the focus is.
    pub(crate) fn keys(&self, text: &str) {
        let mut actions = Vec::new();
        for key in text.chars() {
            actions.push(json!({"type": "keyDown", "value": key.to_string()}));
            actions.push(json!({"type": "keyUp", "value": key.to_string()}));
        }
        self.post("actions", &json!({"actions": [{"type": "key", "id": "keys", "actions": actions}]}));
    }

    /// A key while another is held.
    pub(crate) fn chord(&self, held: char, key: char) {
        let actions = json!([
            {"type": "keyDown", "value": held.to_string()}, {"type": "keyDown", "value": key.to_string()},
            {"type": "keyUp", "value": key.to_string()}, {"type": "keyUp", "value": held.to_string()},
        ]);
        self.post("actions", &json!({"actions": [{"type": "key", "id": "keys", "actions": actions}]}));
    }

    /// A command of the browser's own protocol, for what WebDriver lacks.
    pub(crate) fn own(&self, command: &str, params: &Json) -> Json {
        self.post("goog/cdp/execute", &json!({"cmd": command, "params": params}))
    }

    /// Gives the computer a built-in authenticator that knows its user, as Windows Hello does.
    pub(crate) fn add_authenticator(&self) {
        let kind = json!({
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserVerified": true,
        });
        self.post("webauthn/authenticator", &kind);
    }

    /// Forgets every cookie: whoever comes next is a stranger.
    pub(crate) fn forget(&self) {
        self.own("Network.clearBrowserCookies", &json!({}));
    }

    /// From the next page on no script runs, as under a strict browser policy.
    pub(crate) fn forbid_scripts(&self) {
        self.own("Emulation.setScriptExecutionDisabled", &json!({"value": true}));
    }

    /// What the page's console said since it was asked last: refusals of the content security policy, failures of scripts.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let entries = self.post("se/log", &json!({"type": "browser"}));
        let entries = entries.as_array().cloned().unwrap_or_default();
        entries.iter().map(|entry| format!("{} {}", entry["level"], entry["message"])).collect()
    }

    /// The page as PNG, as far down as [`TALLEST`].
    pub(crate) fn picture(&self) -> Vec<u8> {
        let size = self.run("const page = document.documentElement; return [page.scrollWidth, page.scrollHeight]", &[]);
        let clip =
            json!({"x": 0, "y": 0, "width": size[0], "height": size[1].as_u64().unwrap().min(TALLEST), "scale": 1});
        let asked = json!({"format": "png", "captureBeyondViewport": true, "clip": clip});
        let answer = self.own("Page.captureScreenshot", &asked);
        BASE64.decode(answer["data"].as_str().unwrap()).unwrap()
    }

    /// The page as it prints on A4, as PDF.
    pub(crate) fn print(&self) -> Vec<u8> {
        let answer = self.post("print", &json!({"page": {"width": 21.0, "height": 29.7}, "background": true}));
        BASE64.decode(answer.as_str().unwrap()).unwrap()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            let _ = self.call("DELETE", &self.session, None);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
