//! A mail as it is written anew: fields of the allow-list, one text, attachments that are rebuilt files or notes.

use super::address::Entry;
use crate::format::Format;

#[derive(Debug, Default)]
pub(super) struct Mail {
    pub(super) date: Option<String>,
    pub(super) from: Vec<Entry>,
    pub(super) sender: Vec<Entry>,
    pub(super) reply_to: Vec<Entry>,
    pub(super) to: Vec<Entry>,
    pub(super) cc: Vec<Entry>,
    pub(super) subject: String,
    /// Ids without their brackets.
    pub(super) message_id: Option<String>,
    pub(super) in_reply_to: Vec<String>,
    pub(super) references: Vec<String>,
    /// `high`, `normal` or `low`.
    pub(super) importance: Option<&'static str>,
    /// `auto-generated`, `auto-replied` or `auto-notified`.
    pub(super) auto_submitted: Option<&'static str>,
    /// Lines ended by `\n`.
    pub(super) text: String,
    /// The text came in ISO-2022-JP.
    pub(super) jis: bool,
    pub(super) attachments: Vec<Attachment>,
}

#[derive(Debug)]
pub(super) struct Attachment {
    pub(super) name: String,
    pub(super) format: Format,
    /// The charset of a text, when the mail names it and the text is in it.
    pub(super) charset: Option<&'static str>,
    pub(super) bytes: Vec<u8>,
}
