//! Mail: one digest a day and person of what the deadlines remind of, laid as a file into an outbox folder. A mail names
//! numbers and links, never what a record says.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ledger::notices::{self, Notice};
use ledger::people::persons::{self, Person};
use ledger::{Actor, Ledger, Moment, records};
use pack::Pack;

/// Longest line of encoded text (RFC 2045, 6.8).
const LINE: usize = 76;
/// Characters of a subject in one encoded word, so that it stays within 75 (RFC 2047, 2).
const WORD: usize = 14;

/// Where mails go, and what stands in them.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    /// The outbox; none: nothing is mailed.
    pub(crate) outbox: Option<PathBuf>,
    /// The console's address for links.
    pub(crate) url: String,
}

impl Post {
    /// Makes the reminders of a new day, and mails what has not been mailed. What fails is tried again in the next round.
    pub(crate) async fn round(&self, ledger: &Ledger, pack: &Pack, at: Moment) -> Result<(), String> {
        let failed = |error: ledger::Error| error.log().to_owned();
        let mut reading = ledger.reading(Actor::Machine("deadlines"), at).await.map_err(failed)?;
        let due = notices::is_due(&mut reading).await.map_err(failed)?;
        reading.end().await.map_err(failed)?;
        if due {
            let mut op = ledger.operation(Actor::Machine("deadlines"), at).await.map_err(failed)?;
            let done = notices::round(&mut op, pack).await.map_err(failed)?;
            op.commit().await.map_err(failed)?;
            for (what, reason) in &done.unknown {
                eprintln!("deadlines: {what}: {}", reason.pick(true));
            }
        }
        match &self.outbox {
            Some(outbox) => self.send(ledger, pack, at, outbox).await,
            None => Ok(()),
        }
    }

    async fn send(&self, ledger: &Ledger, pack: &Pack, at: Moment, outbox: &Path) -> Result<(), String> {
        let failed = |error: ledger::Error| error.log().to_owned();
        let mut reading = ledger.reading(Actor::Machine("deadlines"), at).await.map_err(failed)?;
        let open = notices::unmailed(&mut reading).await.map_err(failed)?;
        let mut mails = Vec::new();
        for (id, of_person) in open {
            let person = persons::get(&mut reading, id).await.map_err(failed)?;
            let mut lines = Vec::new();
            for notice in &of_person {
                if let Some(record) = records::stored(&mut reading, notice.record).await.map_err(failed)? {
                    lines.push(self.line(pack, notice, &record.number));
                }
            }
            mails.push((person, of_person, lines));
        }
        reading.end().await.map_err(failed)?;
        for (person, of_person, lines) in mails {
            // The mail is on the disk before it counts as sent: after a crash it is written again under the same name.
            if !person.mail.is_empty() && !lines.is_empty() {
                let name =
                    format!("{}-{}.eml", at.day(), of_person.first().map(|n| n.id.to_string()).unwrap_or_default());
                let mail = self.digest(pack, &person, &lines, at);
                lay(outbox, &name, &mail).map_err(|error| format!("{}: {error}", outbox.display()))?;
            }
            let mut op = ledger.operation(Actor::Machine("deadlines"), at).await.map_err(failed)?;
            notices::mark_mailed(&mut op, &of_person).await.map_err(failed)?;
            op.commit().await.map_err(failed)?;
        }
        Ok(())
    }

    fn line(&self, pack: &Pack, notice: &Notice, number: &str) -> String {
        let title = pack.register(&notice.register).map_or("", |register| register.title.ja.as_str());
        let due = notice.due.map(|day| format!("（期限 {}）", day.wareki())).unwrap_or_default();
        let (says, _) = notices::says(pack, notice);
        format!("・{number}（{title}）：{says}{due}\r\n  {}/registers/{}/{}", self.url, notice.register, notice.record)
    }

    fn digest(&self, pack: &Pack, person: &Person, lines: &[String], at: Moment) -> Vec<u8> {
        let host = self.url.split("//").nth(1).unwrap_or("localhost").split([':', '/']).next().unwrap_or("localhost");
        let count = lines.len();
        let mut text = format!("{} 様\r\n\r\n次の{count}件をご確認ください。\r\n\r\n", person.name);
        text.push_str(&lines.join("\r\n"));
        text.push_str(&format!("\r\n\r\n一覧：{}/notices\r\n-- \r\n{}　関守\r\n", self.url, pack.municipality.name.ja));
        if let Some(notice) = &pack.municipality.notice {
            text.push_str(&format!("{}\r\n", notice.ja));
        }
        let subject = format!("【関守】ご確認ください（{count}件）");
        let mut mail = String::new();
        for (name, value) in [
            ("Date", date(at)),
            ("From", format!("{} <noreply@{host}>", words("関守"))),
            ("To", format!("{} <{}>", words(&person.name), person.mail)),
            ("Subject", words(&subject)),
            ("Message-ID", format!("<{}.{}@{host}>", at.0, person.id)),
            ("Auto-Submitted", "auto-generated".to_owned()),
            ("MIME-Version", "1.0".to_owned()),
            ("Content-Type", "text/plain; charset=utf-8".to_owned()),
            ("Content-Transfer-Encoding", "base64".to_owned()),
        ] {
            mail.push_str(&format!("{name}: {value}\r\n"));
        }
        mail.push_str("\r\n");
        let encoded = BASE64.encode(text);
        let mut rest = encoded.as_str();
        while !rest.is_empty() {
            let (line, more) = rest.split_at(rest.len().min(LINE));
            mail.push_str(line);
            mail.push_str("\r\n");
            rest = more;
        }
        mail.into_bytes()
    }
}

/// A text as encoded words (RFC 2047), folded.
fn words(text: &str) -> String {
    let chars: Vec<char> = text.chars().filter(|c| !c.is_control()).collect();
    let parts =
        chars.chunks(WORD).map(|part| format!("=?UTF-8?B?{}?=", BASE64.encode(part.iter().collect::<String>())));
    parts.collect::<Vec<_>>().join("\r\n ")
}

/// RFC 5322, 3.3, in the city's time.
fn date(at: Moment) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (year, month, day) = at.day().date();
    let weekday = usize::try_from(at.day().weekday()).ok().and_then(|n| DAYS.get(n)).copied();
    let name = usize::try_from(month).ok().and_then(|n| MONTHS.get(n.checked_sub(1)?)).copied().unwrap_or_default();
    let second = (at.0.div_euclid(1000) + 9 * 3600).rem_euclid(86_400);
    let weekday = weekday.map(|weekday| format!("{weekday}, ")).unwrap_or_default();
    format!("{weekday}{day} {name} {year} {:02}:{:02}:{:02} +0900", second / 3600, second / 60 % 60, second % 60)
}

/// A file that appears whole.
fn lay(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let part = folder.join(format!(".{name}.part"));
    fs::write(&part, bytes)?;
    fs::File::open(&part)?.sync_all()?;
    fs::rename(part, folder.join(name))
}
