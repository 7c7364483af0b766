//! Two versions of a pack side by side (新旧対照表).

use std::collections::BTreeMap;

use crate::model::Pack;
use crate::outline::{self, Part, PartKind};

/// Largest table of the comparison of two texts, in cells; larger texts are shown as changed whole.
const MAX_CELLS: usize = 4_000_000;

/// A part that differs between two versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What kind of part.
    pub kind: PartKind,
    /// Its id in the new version, or in the old one when it is gone.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// What it says now; none: it is gone.
    pub new: Option<Vec<Run>>,
    /// What it said; none: it is new.
    pub old: Option<Vec<Run>>,
}

/// A stretch of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The text.
    pub text: String,
    /// Whether the other version lacks it (下線).
    pub changed: bool,
}

/// All differences, in the reading order of the new version; parts that are gone come last.
pub fn diff(old: &Pack, new: &Pack) -> Vec<Change> {
    let before = outline::parts(old);
    let mut left: BTreeMap<(PartKind, &str), &Part> =
        before.iter().map(|part| ((part.kind, part.id.as_str()), part)).collect();
    let after = outline::parts(new);
    let mut changes = Vec::new();
    for part in &after {
        let found = left.remove(&(part.kind, part.id.as_str()));
        let found = found.or_else(|| left.remove(&(part.kind, part.was.as_deref()?)));
        match found {
            None => changes.push(change(part, Some(whole(part)), None)),
            Some(earlier) if earlier.title != part.title || earlier.text != part.text || earlier.id != part.id => {
                let (new, old) = compare(&said(part), &said(earlier));
                changes.push(change(part, Some(new), Some(old)));
            }
            Some(_) => {}
        }
    }
    let gone = before.iter().filter(|part| left.contains_key(&(part.kind, part.id.as_str())));
    changes.extend(gone.map(|part| change(part, None, Some(whole(part)))));
    changes
}

fn said(part: &Part) -> String {
    format!("{}\n{}", part.title, part.text)
}

fn whole(part: &Part) -> Vec<Run> {
    vec![Run { text: said(part), changed: true }]
}

fn change(part: &Part, new: Option<Vec<Run>>, old: Option<Vec<Run>>) -> Change {
    Change { kind: part.kind, id: part.id.clone(), title: part.title.clone(), new, old }
}

/// The runs of both texts: a longest common subsequence of characters, after what they start and end with alike.
fn compare(new: &str, old: &str) -> (Vec<Run>, Vec<Run>) {
    let (a, b): (Vec<char>, Vec<char>) = (new.chars().collect(), old.chars().collect());
    let start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let most = a.len().min(b.len()) - start;
    let end = a.iter().rev().zip(b.iter().rev()).take(most).take_while(|(x, y)| x == y).count();
    let middle = |text: &[char]| text.get(start..text.len() - end).map(<[char]>::to_vec).unwrap_or_default();
    let (kept_a, kept_b) = common(&middle(&a), &middle(&b));
    let flags = |kept: Vec<bool>| {
        std::iter::repeat_n(true, start).chain(kept).chain(std::iter::repeat_n(true, end)).collect::<Vec<_>>()
    };
    (runs(&a, &flags(kept_a)), runs(&b, &flags(kept_b)))
}

/// Which characters of each text belong to their longest common subsequence.
fn common(a: &[char], b: &[char]) -> (Vec<bool>, Vec<bool>) {
    let mut kept = (vec![false; a.len()], vec![false; b.len()]);
    if a.len().saturating_mul(b.len()) > MAX_CELLS {
        return kept;
    }
    let width = b.len() + 1;
    let mut table = vec![0_u32; (a.len() + 1) * width];
    let at = |table: &[u32], i: usize, j: usize| table.get(i * width + j).copied().unwrap_or(0);
    for (i, x) in a.iter().enumerate().rev() {
        for (j, y) in b.iter().enumerate().rev() {
            let best =
                if x == y { at(&table, i + 1, j + 1) + 1 } else { at(&table, i + 1, j).max(at(&table, i, j + 1)) };
            if let Some(cell) = table.get_mut(i * width + j) {
                *cell = best;
            }
        }
    }
    let (mut i, mut j) = (0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        if x == y {
            if let (Some(flag_a), Some(flag_b)) = (kept.0.get_mut(i), kept.1.get_mut(j)) {
                (*flag_a, *flag_b) = (true, true);
            }
            (i, j) = (i + 1, j + 1);
        } else if at(&table, i + 1, j) >= at(&table, i, j + 1) {
            i += 1;
        } else {
            j += 1;
        }
    }
    kept
}

fn runs(text: &[char], kept: &[bool]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (c, kept) in text.iter().zip(kept) {
        match runs.last_mut() {
            Some(run) if run.changed != *kept => run.text.push(*c),
            _ => runs.push(Run { text: c.to_string(), changed: !kept }),
        }
    }
    runs
}

/// The table as HTML: 改正後 beside 改正前, what changed underlined.
pub fn diff_html(changes: &[Change], title: &str) -> String {
    let cell = |runs: &Option<Vec<Run>>, none: &str| match runs {
        None => format!("<td class=\"none\">{none}</td>"),
        Some(runs) => {
            let text: String = runs
                .iter()
                .map(|run| {
                    let text = crate::publish::escape(&run.text).replace('\n', "<br>");
                    if run.changed { format!("<u>{text}</u>") } else { text }
                })
                .collect();
            format!("<td>{text}</td>")
        }
    };
    let mut rows = String::new();
    for change in changes {
        rows.push_str(&format!(
            "<tr><th colspan=\"2\" scope=\"colgroup\">{} {}</th></tr>\n<tr>{}{}</tr>\n",
            change.kind.name().0,
            crate::publish::escape(&change.id),
            cell(&change.new, "（削る）"),
            cell(&change.old, "（新設）"),
        ));
    }
    if changes.is_empty() {
        rows.push_str("<tr><td colspan=\"2\">違いはありません</td></tr>\n");
    }
    let body = format!(
        "<h1>{}</h1>\n<table class=\"sides\">\n<thead><tr><th scope=\"col\">改正後</th><th scope=\"col\">改正前</th></tr></thead>\n<tbody>\n{rows}</tbody></table>\n",
        crate::publish::escape(title)
    );
    crate::publish::page(title, &body)
}
