//! The font in the binary: it stands in for Japanese fonts that a document names but does not carry, wherever a page has to
//! be drawn (workers have no files).

/// BIZ UDGothic Regular 1.05, as published, under the SIL Open Font License (`crates/sanitize/fonts/LICENSE`). It has every
/// character of CP932, 機種依存文字 included, kana of full width, and the forms of vertical writing.
pub static JAPANESE: &[u8] = include_bytes!("../fonts/BIZUDGothic-Regular.ttf");
