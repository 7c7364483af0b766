//! The eyes of other programs: poppler's `pdftotext`, `pdftoppm` and `pdfinfo`, and qpdf.

#![expect(
    clippy::disallowed_types,
    reason = "the engine starts no process; its tests ask other programs what they see"
)]

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// A fresh path for the files of one call.
fn path(extension: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{number}.{extension}", std::process::id()))
}

/// Runs a program with a document and one more argument, and gives what it printed.
fn run(program: &str, arguments: &[&str], pdf: &[u8], last: &std::path::Path) -> Vec<u8> {
    let input = path("pdf");
    std::fs::write(&input, pdf).unwrap();
    let done = Command::new(program)
        .args(arguments)
        .arg(&input)
        .args((!last.as_os_str().is_empty()).then_some(last))
        .output()
        .unwrap_or_else(|error| panic!("{program} (packages poppler-utils, qpdf): {error}"));
    std::fs::remove_file(input).unwrap();
    // qpdf warns with 3 and has done its work.
    let ended = matches!(done.status.code(), Some(0 | 3));
    assert!(ended, "{program}: {}", String::from_utf8_lossy(&done.stderr));
    done.stdout
}

/// What poppler says of the structure of a tagged document.
pub(crate) fn structure(pdf: &[u8]) -> String {
    String::from_utf8_lossy(&run("pdfinfo", &["-struct-text"], pdf, "".as_ref())).into_owned()
}

/// The objects of a document, unpacked.
pub(crate) fn objects(pdf: &[u8]) -> String {
    let unpacked = run("qpdf", &["--qdf", "--object-streams=disable"], pdf, "-".as_ref());
    String::from_utf8_lossy(&unpacked).into_owned()
}

/// The document, encrypted in one of qpdf's ways.
pub(crate) fn encrypted(pdf: &[u8], way: &[&str], user: &str, owner: &str) -> Vec<u8> {
    let arguments = [&["--allow-weak-crypto", "--encrypt", user, owner][..], way, &["--"]].concat();
    run("qpdf", &arguments, pdf, "-".as_ref())
}

/// The text of a document, a line for each line.
pub(crate) fn text(pdf: &[u8]) -> String {
    let text = String::from_utf8(run("pdftotext", &["-enc", "UTF-8"], pdf, "-".as_ref())).unwrap();
    text.replace('\u{c}', "")
}

/// A drawn page.
pub(crate) struct Drawn {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Grey, 0 is black.
    pub(crate) pixels: Vec<u8>,
}

impl Drawn {
    /// How much of a part is ink: 0 nothing, 1 all black.
    pub(crate) fn ink(&self, x: std::ops::Range<usize>, y: std::ops::Range<usize>) -> f64 {
        let count = (x.len() * y.len()).max(1);
        let sum: u64 =
            y.map(|y| x.clone().map(|x| u64::from(255 - self.pixels[y * self.width + x])).sum::<u64>()).sum();
        sum as f64 / 255.0 / count as f64
    }
}

/// The first page, drawn.
pub(crate) fn draw(pdf: &[u8], dots_per_inch: u32) -> Drawn {
    let resolution = dots_per_inch.to_string();
    let output = path("page");
    run("pdftoppm", &["-gray", "-singlefile", "-f", "1", "-r", &resolution], pdf, &output);
    let output = output.with_extension("page.pgm");
    let bytes = std::fs::read(&output).unwrap();
    std::fs::remove_file(output).unwrap();
    let mut fields = bytes.splitn(4, |byte| byte.is_ascii_whitespace());
    assert_eq!(fields.next(), Some(&b"P5"[..]));
    let mut number = || std::str::from_utf8(fields.next().unwrap()).unwrap().parse::<usize>().unwrap();
    let (width, height) = (number(), number());
    let rest = fields.next().unwrap();
    let pixels = rest[rest.iter().position(u8::is_ascii_whitespace).unwrap() + 1..].to_vec();
    assert_eq!(pixels.len(), width * height);
    Drawn { width, height, pixels }
}
