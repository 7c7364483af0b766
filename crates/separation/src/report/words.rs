//! The words of the reports.

use crate::judge::Verdict;
use crate::source::Message;

/// Japanese or English.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// 日本語
    Ja,
    /// English
    En,
}

impl Language {
    /// The text in this language.
    pub fn pick<'a>(self, ja: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Ja => ja,
            Self::En => en,
        }
    }

    /// The message in this language.
    pub fn of(self, message: &Message) -> &str {
        self.pick(&message.ja, &message.en)
    }

    /// A verdict in a word.
    pub fn verdict(self, verdict: Verdict) -> &'static str {
        match (verdict, self) {
            (Verdict::Holds, Self::Ja) => "成立",
            (Verdict::Broken, Self::Ja) => "違反",
            (Verdict::Unknown, Self::Ja) => "不明",
            (Verdict::Holds, Self::En) => "holds",
            (Verdict::Broken, Self::En) => "broken",
            (Verdict::Unknown, Self::En) => "unknown",
        }
    }
}

/// The lists of findings: title, and one line per finding.
pub(super) fn findings(judgement: &crate::judge::Judgement, language: Language) -> Vec<(&'static str, Vec<String>)> {
    let say = |ja: &'static str, en: &'static str| match language {
        Language::Ja => ja,
        Language::En => en,
    };
    let covered = |list: &[crate::judge::Covered]| -> Vec<String> {
        let by = say("を覆う行:", "covered by line");
        let line = |found: &crate::judge::Covered| {
            let lines: Vec<String> = found.by.iter().map(ToString::to_string).collect();
            format!("{}:{}  {}  ({by} {})", found.file, found.line, found.text, lines.join(", "))
        };
        list.iter().map(line).collect()
    };
    let any = judgement.any_rules.iter().map(|rule| {
        let open: Vec<&str> = rule.open.iter().map(|open| open_word(open, language)).collect();
        format!("{}:{}  {}  ({})", rule.file, rule.line, rule.text, open.join(say("・", ", ")))
    });
    let relays = judgement.relays.iter().map(|found| {
        let listed = match &found.relay {
            Some(relay) => format!("{} {relay}", say("中継:", "relay:")),
            None => say("台帳にない", "not listed").to_owned(),
        };
        format!("{}:{}  {}  ({}; {listed})", found.file, found.line, found.text, found.zones.join(" / "))
    });
    let access = judgement.device_access.iter().flat_map(|access| {
        let to = match access.may_originate_to.as_slice() {
            [] => String::new(),
            zones => format!("  {} {}", say("機器からの接続先:", "may open connections to:"), zones.join(", ")),
        };
        let zone = format!("{} ← {}", access.device, access.from);
        access
            .accepts
            .iter()
            .map(move |line| format!("{zone}  {}:{}  {}{to}", line.file, line.line, line.first_box))
            .collect::<Vec<_>>()
    });
    let lists = [
        (
            say("未使用の通信（設定が何も通さない）", "Unused flows (nothing lets them through)"),
            judgement.unused_flows.clone(),
        ),
        (say("期限切れの通信", "Expired flows"), judgement.expired_flows.clone()),
        (
            say("プロトコルまたはポートを限っていない通信", "Flows that leave the protocol or port open"),
            judgement.open_flows.clone(),
        ),
        (say("アドレスやポートを限っていない許可規則", "Permitting rules that leave something open"), any.collect()),
        (say("決して当たらない規則", "Rules that never match"), covered(&judgement.shadowed)),
        (say("なくても結果が変わらない規則", "Rules without which nothing changes"), covered(&judgement.redundant)),
        (say("複数の領域にまたがるもの", "What stands in several zones"), relays.collect()),
        (say("機器自身が受け付ける通信", "What the devices themselves accept"), access.collect()),
    ];
    lists.into_iter().filter(|(_, lines)| !lines.is_empty()).collect()
}

fn open_word(open: &'static str, language: Language) -> &'static str {
    match (open, language) {
        (other, Language::En) => other,
        ("source", _) => "送信元",
        ("destination", _) => "宛先",
        ("protocol", _) => "プロトコル",
        (_, Language::Ja) => "ポート",
    }
}
