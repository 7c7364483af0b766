//! The header fields that are carried, each read into the model; all others are dropped and said.

use super::address::{self, Entry, Mailbox};
use super::date;
use super::header::Field;
use super::model::Mail;
use super::words;
use crate::report::Findings;
use crate::words::What;

/// Fields of which a mail may have one.
const ONCE: &[&str] =
    &["date", "from", "sender", "reply-to", "to", "cc", "subject", "message-id", "in-reply-to", "references"];
/// Who stands in `From` when nobody can be read there.
const NOBODY: (&str, &str, &str) = ("差出人不明", "unknown", "unknown.invalid");
/// Ids in one field, and characters of one.
const IDS: usize = 100;
const ID: usize = 250;

/// Reads the fields. `label` is the charset of the mail's text, for bytes of eight bits in the header. The second list holds
/// warnings for the reader.
pub(super) fn read(fields: &[Field], label: Option<&str>, findings: &mut Findings) -> (Mail, Vec<String>) {
    let mut mail = Mail::default();
    let mut seen: Vec<&str> = Vec::new();
    let mut warnings = Vec::new();
    for field in fields {
        let name = field.name.as_str();
        if ONCE.contains(&name) {
            if seen.contains(&name) {
                findings.removed(What::Header, format!("{name} (2)"));
                if name == "from" {
                    warnings.push("差出人が2つ書かれていました。1つ目を残しています。".to_owned());
                }
                continue;
            }
            seen.push(name);
        }
        carry(name, &field.text(label), &mut mail, findings);
    }
    if !mail.from.iter().any(|entry| matches!(entry, Entry::Mailbox(_))) {
        let (display, local, domain) = NOBODY;
        let name = mail.from.iter().find_map(|entry| match entry {
            Entry::Name(name) => Some(name.clone()),
            Entry::Mailbox(_) => None,
        });
        findings.removed(What::Header, "from");
        let display = name.unwrap_or_else(|| display.to_owned());
        mail.from = vec![Entry::Mailbox(Mailbox { display, local: local.to_owned(), domain: domain.to_owned() })];
    }
    mail.from.retain(|entry| matches!(entry, Entry::Mailbox(_)));
    (mail, warnings)
}

fn carry(name: &str, text: &str, mail: &mut Mail, findings: &mut Findings) {
    match name {
        "date" => match date::canonical(text) {
            Some(date) => mail.date = Some(date),
            None => findings.removed(What::Header, format!("date: {}", words::one_line(text).0)),
        },
        "from" => mail.from = named(addresses(text, findings)),
        "sender" => mail.sender = named(addresses(text, findings)),
        "reply-to" => mail.reply_to = named(addresses(text, findings)),
        "to" => mail.to = addresses(text, findings),
        "cc" => mail.cc = addresses(text, findings),
        "subject" => {
            let decoded = words::decode(text);
            if decoded.damaged {
                findings.lost(What::UnreadableText, "subject");
            }
            let (subject, deceives) = words::one_line(&decoded.text);
            if deceives {
                findings.noted(What::BidiRemoved, "subject");
            }
            mail.subject = subject;
        }
        "message-id" => mail.message_id = ids(text).into_iter().next(),
        "in-reply-to" => mail.in_reply_to = ids(text),
        "references" => mail.references = ids(text),
        "importance" | "x-priority" | "priority" => mail.importance = mail.importance.or_else(|| importance(text)),
        "auto-submitted" => {
            let known = ["auto-generated", "auto-replied", "auto-notified"];
            mail.auto_submitted = known.into_iter().find(|word| text.to_ascii_lowercase().starts_with(word));
        }
        "mime-version" | "content-type" | "content-transfer-encoding" | "content-disposition" => {}
        other => findings.noted(What::Header, other),
    }
}

fn addresses(text: &str, findings: &mut Findings) -> Vec<Entry> {
    if text.chars().any(crate::names::is_bidi) {
        findings.noted(What::BidiRemoved, "");
    }
    address::parse(text)
}

/// `Yamada, Taro <a@b>`: a name before an address belongs to it.
fn named(entries: Vec<Entry>) -> Vec<Entry> {
    let (mut out, mut before): (Vec<Entry>, Option<String>) = (Vec::new(), None);
    for entry in entries {
        match (entry, before.take()) {
            (Entry::Mailbox(mailbox), Some(name)) => {
                let display = format!("{name}, {}", mailbox.display).trim_end_matches([',', ' ']).to_owned();
                out.push(Entry::Mailbox(Mailbox { display, ..mailbox }));
            }
            (Entry::Name(name), Some(earlier)) => before = Some(format!("{earlier}, {name}")),
            (Entry::Name(name), None) => before = Some(name),
            (entry, None) => out.push(entry),
        }
    }
    out.extend(before.map(Entry::Name));
    out
}

/// Message ids of plain ASCII.
fn ids(text: &str) -> Vec<String> {
    let ids = text.split('<').skip(1).filter_map(|rest| rest.split('>').next());
    let plain = |id: &&str| {
        let fits = id.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'(' | b')' | b'"' | b'\\' | b',' | b';'));
        !id.is_empty() && id.len() <= ID && id.contains('@') && fits
    };
    ids.filter(plain).map(str::to_owned).take(IDS).collect()
}

fn importance(text: &str) -> Option<&'static str> {
    let word = text.trim().to_ascii_lowercase();
    match word.chars().next()? {
        '1' | '2' | 'h' | 'u' => Some("high"),
        '4' | '5' | 'l' => Some("low"),
        _ => None,
    }
}

/// What about the sender may mislead. These are found again in the mail that is written.
pub(super) fn warnings(mail: &Mail, findings: &mut Findings) -> Vec<String> {
    let mut warnings = Vec::new();
    let boxes = |entries: &[Entry]| -> Vec<Mailbox> {
        entries
            .iter()
            .filter_map(|entry| if let Entry::Mailbox(mailbox) = entry { Some(mailbox.clone()) } else { None })
            .collect()
    };
    let from = boxes(&mail.from);
    for mailbox in from.iter().chain(&boxes(&mail.reply_to)).filter(|mailbox| mailbox.pretends()) {
        findings.noted(What::DisplayNameSpoof, format!("{} <{}>", mailbox.display, mailbox.address()));
        warnings.push(format!(
            "差出人の表示名「{}」にあるアドレスは、実際のアドレス（{}）と異なります。",
            mailbox.display,
            mailbox.address()
        ));
    }
    let domains: Vec<String> = from.iter().map(|mailbox| mailbox.domain.to_lowercase()).collect();
    for mailbox in boxes(&mail.reply_to).iter().filter(|mailbox| !domains.contains(&mailbox.domain.to_lowercase())) {
        findings.noted(What::ReplyToDiffers, mailbox.address());
        warnings.push(format!("返信先（{}）が差出人と異なります。", mailbox.address()));
    }
    warnings
}
