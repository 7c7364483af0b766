//! The made-up city, made and served by the binary under test, and the accounts that it prints.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value as Json;

/// A running demo in a folder of its own; both are gone when it is dropped.
pub(crate) struct City {
    child: Child,
    pub(crate) url: String,
    accounts: BTreeMap<String, Account>,
    folder: tempfile::TempDir,
}

struct Account {
    password: String,
    totp: Option<Vec<u8>>,
    /// The time step of the code that was used last.
    step: u64,
}

impl City {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_sekimori"))
            .args(["demo", "--listen", "127.0.0.1:0", "--lang", "ja", "--people", "150", "--assets", "60", "--data"])
            .arg(folder.path().join("city"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let url = lines.next().expect("the demo prints its address");
        std::thread::spawn(move || lines.for_each(drop));
        let card = std::fs::read_to_string(folder.path().join("city/demo.json")).unwrap();
        let card: Json = serde_json::from_str(&card).unwrap();
        let mut accounts = BTreeMap::new();
        for account in card["accounts"].as_array().unwrap() {
            let totp = account["totp"].as_str();
            let totp = totp.map(|text| base32::decode(base32::Alphabet::Rfc4648 { padding: false }, text).unwrap());
            let password = account["password"].as_str().unwrap().to_owned();
            accounts.insert(account["login"].as_str().unwrap().to_owned(), Account { password, totp, step: 0 });
        }
        Self { child, url, accounts, folder }
    }

    pub(crate) fn password(&self, login: &str) -> &str {
        &self.accounts[login].password
    }

    /// The code that the person's device shows, one that was not used yet: a code is good once, and one step early or late,
    /// which leaves half a minute to type it.
    /// None for people without a device.
    #[expect(
        clippy::disallowed_methods,
        reason = "a device shows the code of the real moment, and the demo runs on the real clock"
    )]
    pub(crate) fn code(&mut self, login: &str) -> Option<String> {
        let account = self.accounts.get_mut(login).unwrap();
        let secret = account.totp.clone()?;
        loop {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() / 30;
            let step = now.max(account.step + 1);
            if step <= now + 1 {
                account.step = step;
                return console::totp_code(&secret, i64::try_from(step * 30_000).unwrap());
            }
            std::thread::sleep(std::time::Duration::from_secs(1));
        }
    }

    /// What `journal verify` says of the running city.
    pub(crate) fn verified(&self) -> String {
        let data = self.folder.path().join("city");
        let verify = ["journal", "verify", "--lang", "ja", "--data"];
        let output = Command::new(env!("CARGO_BIN_EXE_sekimori")).args(verify).arg(data).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{said}");
        said
    }
}

impl Drop for City {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
