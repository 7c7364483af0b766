//! SVG, which leaves as PNG.

use base64::Engine;
use sanitize::{Ending, Format};

use super::build::png;
use super::nasty::{Case, check, loses, refused, run};

fn svg(inside: &str) -> Vec<u8> {
    format!("<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"100\" height=\"50\"><rect x=\"0\" y=\"0\" width=\"50\" height=\"50\" fill=\"#ff0000\"/>{inside}</svg>").into_bytes()
}

/// Width, height and the pixels as RGBA.
fn drawn(bytes: &[u8]) -> (usize, usize, Vec<[u8; 4]>) {
    let done = run("図.svg", bytes, &[]);
    let rebuilt = done.outcome.rebuilt().unwrap_or_else(|| panic!("{:?} {:?}", done.report, done.violation));
    assert_eq!((rebuilt.format, rebuilt.name.as_str()), (Format::Png, "図.png"));
    let mut decoder = png::Decoder::new(std::io::Cursor::new(&rebuilt.bytes));
    decoder.set_transformations(png::Transformations::ALPHA | png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    (info.width as usize, info.height as usize, pixels.as_chunks::<4>().0.to_vec())
}

#[test]
fn a_drawing_leaves_as_a_picture_at_twice_its_size() {
    let (width, height, pixels) = drawn(&svg("<circle cx=\"75\" cy=\"25\" r=\"20\" fill=\"#0000ff\"/>"));
    assert_eq!((width, height), (200, 100));
    assert_eq!(pixels[50 * 200 + 50], [255, 0, 0, 255]);
    assert_eq!(pixels[50 * 200 + 150], [0, 0, 255, 255]);
    assert_eq!(pixels[199], [0, 0, 0, 0]);
    // As large as the limit and no larger.
    let large = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"90000\" height=\"60000\"><rect width=\"90000\" height=\"60000\"/></svg>";
    let (width, height, _) = drawn(large.as_bytes());
    assert_eq!((width, height), (3000, 2000));
}

#[test]
fn japanese_text_is_drawn_whatever_font_it_names() {
    let ink = |text: &str| {
        let text = format!("<text x=\"55\" y=\"30\" font-family=\"ＭＳ 明朝, serif\" font-size=\"16\">{text}</text>");
        let (width, _, pixels) = drawn(&svg(&text));
        pixels.chunks(width).flat_map(|row| &row[100..]).filter(|pixel| pixel[3] > 128).count()
    };
    let (empty, one, two) = (ink(""), ink("口"), ink("髙﨑"));
    assert_eq!(empty, 0);
    assert!(one > 50 && two > one, "{one} {two}");
    let done = run("a.svg", &svg("<text x=\"55\" y=\"30\">\u{1f600}字</text>"), &[]);
    assert_eq!(done.report.findings.lost[0].what.code(), "text_not_drawn");
    assert_eq!(run("a.svg", &svg("<text x=\"55\" y=\"30\">字①㈱</text>"), &[]).outcome.ending(), Ending::Rebuilt);
}

#[test]
fn a_picture_inside_is_rebuilt_and_drawn() {
    let data = base64::engine::general_purpose::STANDARD.encode(png());
    let image =
        format!("<image x=\"50\" y=\"0\" width=\"50\" height=\"50\" xlink:href=\"data:image/png;base64,{data}\"/>");
    let (width, _, pixels) = drawn(&svg(&image));
    assert!(pixels[50 * width + 150][3] > 0 || pixels[2 * width + 102][3] > 0);
    let done = run("a.svg", &svg("<image width=\"50\" height=\"50\" href=\"data:image/png;base64,TVqQAA==\"/>"), &[]);
    assert_eq!(done.report.findings.lost[0].what.code(), "picture");
}

/// A drawing as drawing programs save it: entities for the namespaces of their own.
fn declared(entities: &str, inside: &str) -> Vec<u8> {
    let drawing = String::from_utf8(svg(inside)).unwrap();
    format!(
        "<?xml version=\"1.0\"?><!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd\" [\n{entities}\n]>{drawing}"
    )
    .into_bytes()
}

#[test]
fn entities_for_namespaces_are_written_out_and_no_others() {
    let own = "<!ENTITY ns_a \"http://ns.a.invalid/Extensibility/1.0/\">\n\t<!ENTITY ns_b \"http://ns.b.invalid/\">";
    let (_, _, pixels) =
        drawn(&declared(own, "<g xmlns:x=\"&ns_a;\" xmlns:y='&ns_b;'><circle cx=\"75\" cy=\"25\" r=\"20\"/></g>"));
    assert_eq!(pixels[50 * 200 + 150], [0, 0, 0, 255]);
    for (entities, inside, reason) in [
        (own, "<text>&ns_a;</text>", "bad_xml"),
        ("<!ENTITY a \"x\">", "<g/>", "dtd_not_allowed"),
        ("<!ENTITY a SYSTEM \"http://a.invalid/\">", "<g/>", "dtd_not_allowed"),
        ("<!ENTITY a \"http://&b;\"><!ENTITY b \"http://a.invalid/\">", "<g/>", "dtd_not_allowed"),
        ("<!ENTITY % a \"http://a.invalid/\">", "<g/>", "dtd_not_allowed"),
        ("<!ATTLIST svg onload CDATA \"x\">", "<g/>", "dtd_not_allowed"),
    ] {
        let done = run("a.svg", &declared(entities, inside), &[]);
        let code = done.report.reason.map(|reason| reason.code.code());
        assert!(code == Some(reason) || (inside != "<g/>" && code == Some("damaged")), "{entities} {inside}: {code:?}");
    }
}

pub(crate) fn nasty() -> Vec<Case> {
    let uses = |levels: usize| {
        let groups: String = (1..=levels)
            .map(|n| format!("<g id=\"g{n}\">{}</g>", format!("<use xlink:href=\"#g{}\"/>", n - 1).repeat(10)))
            .collect();
        format!("<defs><rect id=\"g0\" width=\"1\" height=\"1\"/>{groups}</defs><use xlink:href=\"#g{levels}\"/>")
    };
    vec![
        loses("script.svg", svg("<script>alert(1)</script>"), &["script"], &[], &[]),
        loses("onload.svg", svg("<g onload=\"alert(1)\"><path d=\"M0 0\"/></g>"), &["script"], &[], &[]),
        loses(
            "link.svg",
            svg("<a xlink:href=\"javascript:alert(1)\"><rect width=\"9\" height=\"9\"/></a>"),
            &[],
            &[],
            &[],
        ),
        loses(
            "remote.svg",
            svg("<image width=\"9\" height=\"9\" xlink:href=\"http://a.invalid/p.png\"/>"),
            &["remote_image"],
            &[],
            &[],
        ),
        loses("file.svg", svg("<image width=\"9\" height=\"9\" href=\"/etc/passwd\"/>"), &["remote_image"], &[], &[]),
        loses("use.svg", svg("<use xlink:href=\"http://a.invalid/x.svg#a\"/>"), &["external_link"], &[], &[]),
        loses(
            "fill.svg",
            svg("<rect width=\"9\" height=\"9\" fill=\"url(http://a.invalid/x.svg#a)\"/>"),
            &["external_link"],
            &[],
            &[],
        ),
        loses("import.svg", svg("<style>@import url(http://a.invalid/x.css);</style>"), &["style_import"], &[], &[]),
        loses(
            "foreign.svg",
            svg("<foreignObject><body xmlns=\"http://www.w3.org/1999/xhtml\">x</body></foreignObject>"),
            &[],
            &["unknown_element"],
            &[],
        ),
        refused(
            "entity.svg",
            [
                b"<?xml version=\"1.0\"?><!DOCTYPE svg [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>".as_slice(),
                &svg("&a;"),
            ]
            .concat(),
            "dtd_not_allowed",
        ),
        refused("laughs.svg", svg(&uses(9)), "damaged"),
        refused("deep.svg", svg(&format!("{}{}", "<g>".repeat(300), "</g>".repeat(300))), "limit_nesting"),
        refused(
            "empty.svg",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>".to_vec(),
            "nothing_left",
        ),
        refused("broken.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"><g></svg>".to_vec(), "bad_xml"),
    ]
}

#[test]
fn nothing_active_stays_in_a_drawing() {
    for case in nasty() {
        check(&case);
    }
    let common = [b"<?xml version=\"1.0\"?><!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd\">".as_slice(), &svg("")].concat();
    assert_eq!(run("a.svg", &common, &[]).outcome.ending(), Ending::Rebuilt);
}
