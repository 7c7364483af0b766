//! Any bytes as the content of an OpenDocument package that is right otherwise.
#![no_main]

mod sanitising;

use libfuzzer_sys::fuzz_target;

const KINDS: &[(&str, &str)] = &[("a.odt", "text"), ("a.ods", "spreadsheet"), ("a.odp", "presentation"), ("a.odg", "graphics")];

fuzz_target!(|data: &[u8]| {
    let Some((first, xml)) = data.split_first() else { return };
    let (name, kind) = KINDS[usize::from(*first) % KINDS.len()];
    let media = format!("application/vnd.oasis.opendocument.{kind}");
    let bytes = sanitising::zip(&[
        ("mimetype", media.as_bytes()),
        ("content.xml", xml),
        ("styles.xml", xml),
        ("settings.xml", xml),
        ("Object 1/content.xml", xml),
        ("Pictures/i.png", b"no picture"),
    ]);
    sanitising::holds(name, &bytes, &sanitising::policy(), &[], true);
});
