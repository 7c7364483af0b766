//! Appointments (RFC 5545) as text: what a reader needs of an invitation, and nothing that answers it.

use crate::formats::text::is_text;

/// The properties that are shown, in this order.
const SHOWN: &[(&str, &str)] = &[
    ("SUMMARY", "件名"),
    ("DTSTART", "開始"),
    ("DTEND", "終了"),
    ("DUE", "期限"),
    ("LOCATION", "場所"),
    ("ORGANIZER", "主催者"),
    ("ATTENDEE", "出席者"),
    ("RRULE", "繰返し"),
    ("STATUS", "状態"),
    ("DESCRIPTION", "内容"),
];

/// The events and tasks of a calendar.
pub(super) fn readable(text: &str) -> String {
    let unfolded = text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "");
    let (mut out, mut event): (String, Option<Vec<(&str, String)>>) = (String::new(), None);
    for line in unfolded.lines() {
        let Some((head, value)) = property(line) else { continue };
        let name = head.split(';').next().unwrap_or_default().to_ascii_uppercase();
        let component = matches!(value.to_ascii_uppercase().as_str(), "VEVENT" | "VTODO");
        match (name.as_str(), &mut event) {
            ("BEGIN", _) if component => event = Some(Vec::new()),
            ("END", Some(_)) if component => out.push_str(&written(&event.take().unwrap_or_default())),
            (_, Some(properties)) => {
                if let Some((_, label)) = SHOWN.iter().find(|(known, _)| *known == name) {
                    properties.push((label, shown(head, &name, value)));
                }
            }
            _ => {}
        }
    }
    out
}

/// The property and its value: the first colon outside of quotes.
fn property(line: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let colon = line.char_indices().find(|(_, c)| {
        quoted ^= *c == '"';
        *c == ':' && !quoted
    });
    let (at, _) = colon?;
    Some((line.get(..at)?, line.get(at + 1..)?))
}

fn shown(head: &str, name: &str, value: &str) -> String {
    let plain: String = value.chars().filter(|c| is_text(*c)).collect();
    let param = |wanted: &str| {
        head.split(';')
            .skip(1)
            .filter_map(|param| param.split_once('='))
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
    };
    match name {
        "DTSTART" | "DTEND" | "DUE" => {
            let zone = param("TZID").map_or(String::new(), |(_, zone)| format!(" ({})", zone.trim_matches('"')));
            date(&plain).unwrap_or(plain) + &zone
        }
        "ORGANIZER" | "ATTENDEE" => {
            let address =
                plain.get(7..).filter(|_| plain.to_ascii_lowercase().starts_with("mailto:")).unwrap_or(&plain);
            match param("CN") {
                Some((_, display)) => format!("{} <{address}>", display.trim_matches('"')),
                None => address.to_owned(),
            }
        }
        _ => plain
            .replace("\\n", "\n")
            .replace("\\N", "\n")
            .replace("\\,", ",")
            .replace("\\;", ";")
            .replace("\\\\", "\\"),
    }
}

/// `20261130T090000Z` as `2026-11-30 09:00 UTC`.
fn date(value: &str) -> Option<String> {
    let digits = |from: usize, to: usize| value.get(from..to).filter(|d| d.bytes().all(|b| b.is_ascii_digit()));
    let day = format!("{}-{}-{}", digits(0, 4)?, digits(4, 6)?, digits(6, 8)?);
    match value.get(8..9) {
        None => Some(day),
        Some("T") => {
            let utc = if value.ends_with('Z') { " UTC" } else { "" };
            Some(format!("{day} {}:{}{utc}", digits(9, 11)?, digits(11, 13)?))
        }
        Some(_) => None,
    }
}

fn written(properties: &[(&str, String)]) -> String {
    let mut out = String::from("【予定】\n");
    for (_, label) in SHOWN {
        for (_, value) in properties.iter().filter(|(known, value)| known == label && !value.trim().is_empty()) {
            out.push_str(&format!("{label}：{}\n", value.trim_end().replace('\n', "\n　　　")));
        }
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_invitation_is_read() {
        let text = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:打合\r\n せ\r\nDTSTART;TZID=Asia/Tokyo:20261201T093000\r\nORGANIZER;CN=\"課長: 山田\":mailto:a@b.invalid\r\nDESCRIPTION:一\\n二\\, 三\r\nATTACH:http://evil.invalid/\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        assert_eq!(
            super::readable(text),
            "【予定】\n件名：打合せ\n開始：2026-12-01 09:30 (Asia/Tokyo)\n主催者：課長: 山田 <a@b.invalid>\n内容：一\n　　　二, 三\n\n"
        );
    }
}
