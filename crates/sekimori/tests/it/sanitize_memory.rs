//! The worker's memory limit, from outside: a manual of thousands of pages fits, and what does not fit is refused and says so.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use super::command_line::sekimori;

/// A manual of so many pages with a line of text and so many links each, and a bookmark to every page.
fn manual(pages: usize, links: usize) -> Vec<u8> {
    let (first_page, step) = (5, 3 + links);
    let page = |at: usize| first_page + at * step;
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R/Outlines 3 0 R>>".to_owned(),
        format!("<</Type/Pages/Count {pages}/Kids[{}]>>", refs((0..pages).map(page))),
        format!("<</Type/Outlines/First {} 0 R/Last {} 0 R/Count {pages}>>", page(0) + 2, page(pages - 1) + 2),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ];
    for at in 0..pages {
        let (own, text) = (page(at), format!("BT /F 12 Tf 20 100 Td (Page {at} of the manual) Tj ET"));
        let annotations = refs((0..links).map(|link| own + 3 + link));
        objects.push(format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents {} 0 R/Resources<</Font<</F 4 0 R>>>>/Annots[{annotations}]>>",
            own + 1
        ));
        objects.push(format!("<</Length {}>>\nstream\n{text}\nendstream", text.len()));
        let before = if at > 0 { format!("/Prev {} 0 R", page(at - 1) + 2) } else { String::new() };
        let after = if at + 1 < pages { format!("/Next {} 0 R", page(at + 1) + 2) } else { String::new() };
        objects.push(format!("<</Title(Chapter {at})/Parent 3 0 R/Dest[{own} 0 R/Fit]{before}{after}>>"));
        for link in 0..links {
            let target = page((at + 7 * link) % pages);
            objects.push(format!(
                "<</Type/Annot/Subtype/Link/Rect[{link} 0 9 9]/Border[0 0 0]/A<</S/GoTo/D[{target} 0 R/XYZ 0 {link} 0]>>>>"
            ));
        }
    }
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut table = String::from("0000000000 65535 f \n");
    for (at, object) in objects.iter().enumerate() {
        let _ = writeln!(table, "{:010} 00000 n ", out.len());
        out.extend(format!("{} 0 obj\n{object}\nendobj\n", at + 1).into_bytes());
    }
    let (start, count) = (out.len(), objects.len() + 1);
    out.extend(
        format!("xref\n0 {count}\n{table}trailer\n<</Size {count}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n")
            .into_bytes(),
    );
    out
}

fn refs(numbers: impl Iterator<Item = usize>) -> String {
    numbers.fold(String::new(), |mut list, number| {
        let _ = write!(list, "{number} 0 R ");
        list
    })
}

/// Sanitises a manual; the first entry of the report, and whether anything was delivered.
fn sanitised(name: &str, manual: &[u8]) -> (serde_json::Value, bool) {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("sanitize-memory-{name}"));
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).unwrap();
    let (input, out, report) = (dir.join("manual.pdf"), dir.join("out"), dir.join("report.json"));
    fs::write(&input, manual).unwrap();
    let words = [&report, &out, &input].map(|path| path.to_str().unwrap());
    let done = sekimori(&["sanitize", "--report", words[0], "--out", words[1], words[2]]);
    assert!(matches!(done.status.code(), Some(0 | 3)), "{done:?}");
    let report: serde_json::Value = serde_json::from_slice(&fs::read(report).unwrap()).unwrap();
    (report[0].clone(), fs::read_dir(out).unwrap().count() > 0)
}

#[test]
fn a_manual_of_thousands_of_pages_is_rebuilt_within_the_memory_of_a_worker() {
    let (report, delivered) = sanitised("fits", &manual(2_000, 2));
    assert_eq!(report["outcome"], "rebuilt", "{report}");
    assert!(delivered);
}

#[test]
fn what_needs_more_memory_than_a_worker_has_is_refused_and_says_so() {
    let (report, delivered) = sanitised("too-large", &manual(4_000, 60));
    assert_eq!(report["outcome"], "refused", "{report}");
    assert_eq!(report["reason"]["code"], "worker_memory");
    assert!(!delivered);
}

/// At the border of what fits, whatever asks for memory last gets none: a list of ours, or a compressor that panics about it.
#[test]
fn wherever_memory_ends_that_is_what_is_said() {
    for pages in [1_690, 1_715, 1_740] {
        let (report, delivered) = sanitised(&format!("border-{pages}"), &manual(pages, 30));
        let reason = &report["reason"]["code"];
        assert!(delivered || reason == "worker_memory", "{pages}: {report}");
    }
}
