//! From the structure to one text and a list of attachments.

use std::collections::BTreeSet;

use encoding_rs::{Encoding, UTF_8};

use super::model::Attachment;
use super::part::Part;
use super::transfer;
use super::{calendar, flowed};
use crate::format::Format;
use crate::formats::html::{self, Inside};
use crate::formats::{charset, text::is_text};
use crate::names::{self, is_bidi};
use crate::report::Findings;
use crate::words::{ReasonCode, What};
use crate::work::{Child, Draft, Stop, Work};

/// Pieces of a page times characters of its plain version, beyond which the page is taken without comparing.
const COMPARED: usize = 400_000_000;

/// What becomes of a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Text,
    Html,
    Calendar,
    File,
    Mail,
    Withheld(ReasonCode),
    External,
    Signature,
    Litter,
}

/// A piece of the mail's text.
struct Block {
    text: String,
    /// For HTML: what it says, piece by piece.
    pieces: Option<Vec<String>>,
    /// Appointments stand beside the other versions of a text.
    event: bool,
}

/// A mail's text and attachments in the making.
pub(super) struct Assembly<'a, 'w> {
    pub(super) work: &'a mut Work<'w>,
    pub(super) draft: &'a mut Draft,
    pub(super) attachments: Vec<Attachment>,
    inside: Inside,
    taken: BTreeSet<String>,
    count: u32,
}

impl<'a, 'w> Assembly<'a, 'w> {
    pub(super) fn new(work: &'a mut Work<'w>, draft: &'a mut Draft) -> Self {
        let (attachments, inside, taken) = (Vec::new(), Inside::default(), BTreeSet::new());
        Self { work, draft, attachments, inside, taken, count: 0 }
    }

    /// Sanitises everything that is no text of the mail itself.
    pub(super) fn files(&mut self, part: &Part, version: bool) -> Result<(), Stop> {
        if part.kind.main == "multipart/encrypted" {
            self.withhold("encrypted.eml", &[], ReasonCode::EncryptedMail);
            return Ok(());
        }
        for child in &part.children {
            self.files(child, part.kind.main == "multipart/alternative")?;
        }
        if part.kind.family() == "multipart" {
            return Ok(());
        }
        match role(part, version) {
            Role::Text | Role::Html | Role::Calendar => {}
            Role::File => {
                let name = self.name(part, "");
                let child = self.work.child(&name, &part.content, self.draft)?;
                if let Some(id) = part.id() {
                    self.inside.names.insert(id, child.name.clone());
                }
                self.keep(child, part.kind.param("charset"));
            }
            Role::Mail => {
                let name = self.name(part, ".eml");
                let child = self.work.child(&name, &part.content, self.draft)?;
                self.keep(child, None);
            }
            Role::Withheld(code) => {
                let name = self.name(part, "");
                self.withhold(&name, &part.content, code);
            }
            Role::External => self.draft.findings.removed(What::ExternalLink, "message/external-body"),
            Role::Signature => self.draft.findings.lost(What::Signature, part.kind.main.as_str()),
            Role::Litter => self.draft.findings.noted(What::Metadata, part.kind.main.as_str()),
        }
        Ok(())
    }

    fn withhold(&mut self, name: &str, bytes: &[u8], code: ReasonCode) {
        let stop = if code == ReasonCode::EncryptedMail { Stop::held(code) } else { Stop::refused(code) };
        let child = self.work.withheld(name, bytes, &stop, self.draft);
        self.keep(child, None);
    }

    /// Keeps a file; `label` is the charset that its part names.
    fn keep(&mut self, child: Child, label: Option<&str>) {
        let name = names::unique(&child.name, &mut self.taken);
        let charset = label.and_then(|label| charset_of(&child, label));
        self.attachments.push(Attachment { name, format: child.format, charset, bytes: child.bytes });
    }

    /// The name that a part gives, or one that says what it is.
    fn name(&mut self, part: &Part, extension: &str) -> String {
        self.count += 1;
        let given = part.name().map(|name| super::words::decode(name).text);
        let name = given.unwrap_or_else(|| {
            if extension.is_empty() { format!("添付{}", self.count) } else { "転送メール".to_owned() }
        });
        if name.to_lowercase().ends_with(extension) { name } else { name + extension }
    }

    /// The mail's text; pictures and uuencoded files found in it become attachments.
    pub(super) fn text(&mut self, part: &Part) -> Result<String, Stop> {
        let blocks = self.blocks(part, false)?;
        let texts: Vec<&str> =
            blocks.iter().map(|block| block.text.trim_end()).filter(|text| !text.is_empty()).collect();
        let (text, files) = transfer::take_uuencoded(&(texts.join("\n\n") + "\n"));
        for (at, bytes) in std::mem::take(&mut self.inside.pictures).iter().enumerate() {
            let child = self.work.child(&format!("画像{}", at + 1), bytes, self.draft)?;
            self.keep(child, None);
        }
        for file in files {
            let child = self.work.child(&file.name, &file.bytes, self.draft)?;
            self.keep(child, None);
        }
        for target in std::mem::take(&mut self.inside.links) {
            self.draft.findings.noted(What::Hyperlink, target);
        }
        for target in std::mem::take(&mut self.inside.mismatches) {
            self.draft.findings.noted(What::LinkMismatch, target);
        }
        Ok(text)
    }

    fn blocks(&mut self, part: &Part, version: bool) -> Result<Vec<Block>, Stop> {
        if part.kind.main == "multipart/encrypted" {
            return Ok(Vec::new());
        }
        if part.kind.main == "multipart/alternative" {
            let versions = part.children.iter().map(|child| self.blocks(child, true)).collect::<Result<Vec<_>, _>>()?;
            return Ok(self.choose(versions));
        }
        if part.kind.family() == "multipart" {
            let mut all = Vec::new();
            for child in &part.children {
                all.extend(self.blocks(child, false)?);
            }
            return Ok(all);
        }
        let block = match role(part, version) {
            Role::Text => Block { text: self.plain(part), pieces: None, event: false },
            Role::Html => {
                let html = self.decoded(part);
                let page = html::parse(&html, self.work, &mut self.draft.findings)?;
                let readable = html::readable(&page, &mut self.inside, self.work)?;
                Block { text: readable.text, pieces: Some(readable.pieces), event: false }
            }
            Role::Calendar => {
                let text = calendar::readable(&self.decoded(part));
                self.draft.findings.lost(What::Calendar, part.name().unwrap_or_default());
                Block { text: clean(&text, &mut self.draft.findings), pieces: None, event: true }
            }
            Role::External => {
                let text = "［外部にある添付（message/external-body）は取り込みません］\n".to_owned();
                Block { text, pieces: None, event: false }
            }
            _ => return Ok(Vec::new()),
        };
        Ok(vec![block])
    }

    fn decoded(&mut self, part: &Part) -> String {
        let decoded = charset::decode(&part.content, part.kind.param("charset"));
        if decoded.damaged {
            self.draft.findings.lost(What::UnreadableText, part.kind.main.as_str());
        }
        decoded.text
    }

    fn plain(&mut self, part: &Part) -> String {
        let decoded = self.decoded(part);
        let text = clean(&decoded, &mut self.draft.findings);
        let is = |name: &str, value: &str| part.kind.param(name).is_some_and(|given| given.eq_ignore_ascii_case(value));
        if is("format", "flowed") { flowed::unwrapped(&text, is("delsp", "yes")) } else { text }
    }

    /// Of several versions of a text the plain one, when it says all that the page says; else the page.
    fn choose(&mut self, versions: Vec<Vec<Block>>) -> Vec<Block> {
        let (mut plain, mut page, mut events): (Option<Vec<Block>>, Option<Vec<Block>>, Vec<Block>) =
            (None, None, Vec::new());
        for version in versions {
            let (event, blocks): (Vec<Block>, Vec<Block>) = version.into_iter().partition(|block| block.event);
            events.extend(event);
            if blocks.iter().any(|block| block.pieces.is_some()) {
                page = Some(blocks);
            } else if !blocks.is_empty() && plain.is_none() {
                plain = Some(blocks);
            }
        }
        let mut chosen = match (plain, page) {
            (Some(plain), Some(page)) if says_all(&plain, &page) => {
                (self.inside.links, self.inside.pictures) = (Vec::new(), Vec::new());
                plain
            }
            (Some(_), Some(page)) => {
                self.draft.findings.noted(What::Alternative, "");
                page
            }
            (plain, page) => page.or(plain).unwrap_or_default(),
        };
        chosen.extend(events);
        chosen
    }
}

/// Whether every piece of the page stands in the plain version; only letters and digits are compared.
fn says_all(plain: &[Block], page: &[Block]) -> bool {
    let squeezed = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let plain: String = plain.iter().map(|block| squeezed(&block.text)).collect();
    let pieces: Vec<&String> = page.iter().filter_map(|block| block.pieces.as_ref()).flatten().collect();
    if pieces.len().saturating_mul(plain.len()) > COMPARED {
        return false;
    }
    let mut at = 0;
    pieces.iter().map(|piece| squeezed(piece)).all(|piece| {
        let found = plain.get(at..).and_then(|rest| rest.find(&piece)).map(|found| at + found + piece.len());
        at = found.or_else(|| plain.find(&piece).map(|_| at)).unwrap_or(usize::MAX);
        at != usize::MAX
    })
}

/// A text in lines ended by `\n`, without controls and without characters that turn the direction of writing.
pub(super) fn clean(text: &str, findings: &mut Findings) -> String {
    if text.chars().any(is_bidi) {
        findings.noted(What::BidiRemoved, "text");
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.chars().filter(|c| is_text(*c) && !is_bidi(*c)).collect()
}

/// Why a whole mail of this kind does not pass.
pub(super) fn stop(part: &Part) -> Option<Stop> {
    if part.kind.main == "multipart/encrypted" {
        return Some(Stop::held(ReasonCode::EncryptedMail));
    }
    match role(part, false) {
        Role::Withheld(code @ ReasonCode::EncryptedMail) => Some(Stop::held(code)),
        Role::Withheld(code) => Some(Stop::refused(code)),
        _ => None,
    }
}

/// What becomes of a leaf. `version`: it is one of several versions of a text.
fn role(part: &Part, version: bool) -> Role {
    let inline = part.disposition.main != "attachment" && (version || part.name().is_none());
    match part.kind.main.as_str() {
        "text/calendar" => Role::Calendar,
        "text/html" | "application/xhtml+xml" if inline => Role::Html,
        "message/rfc822" | "message/global" | "message/news" => Role::Mail,
        "message/partial" => Role::Withheld(ReasonCode::PartialMail),
        "message/external-body" => Role::External,
        "application/pkcs7-mime" | "application/x-pkcs7-mime" | "application/pgp-encrypted" => {
            Role::Withheld(ReasonCode::EncryptedMail)
        }
        "application/pkcs7-signature" | "application/x-pkcs7-signature" | "application/pgp-signature" => {
            Role::Signature
        }
        "application/applefile" => Role::Litter,
        "message/delivery-status" | "message/disposition-notification" | "message/feedback-report" => Role::Text,
        kind if kind.starts_with("text/") && inline => Role::Text,
        _ => Role::File,
    }
}

/// The charset's own name, when a text has need of it and is in it.
fn charset_of(child: &Child, label: &str) -> Option<&'static str> {
    let bytes = &child.bytes;
    let encoding = Encoding::for_label_no_replacement(label.as_bytes())?;
    let text = matches!(child.format, Format::Txt | Format::Csv | Format::Tsv);
    let plain = bytes.is_ascii() && !bytes.contains(&0x1b) || Encoding::for_bom(bytes).is_some();
    let other = encoding != UTF_8 && !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok();
    let is_in_it = || encoding.decode_without_bom_handling_and_without_replacement(bytes).is_some();
    (text && !plain && !other && is_in_it()).then(|| encoding.name())
}
