//! The forms that glyphs take in vertical writing (OpenType, GSUB feature `vert`).

use std::collections::HashMap;

use super::truetype::{table, u16_at, u32_at};

/// Glyphs and their vertical forms.
pub(in crate::formats::pdf) fn forms(data: &[u8]) -> Option<HashMap<u16, u16>> {
    let gsub = table(data, b"GSUB")?;
    let features = usize::from(u16_at(gsub, 6)?);
    let lookups = usize::from(u16_at(gsub, 8)?);
    let mut wanted = Vec::new();
    for n in 0..usize::from(u16_at(gsub, features)?) {
        let record = features + 2 + n * 6;
        if gsub.get(record..record + 4)? == b"vert" {
            let feature = features + usize::from(u16_at(gsub, record + 4)?);
            for k in 0..usize::from(u16_at(gsub, feature + 2)?) {
                wanted.push(usize::from(u16_at(gsub, feature + 4 + k * 2)?));
            }
        }
    }
    wanted.sort_unstable();
    wanted.dedup();
    let mut forms = HashMap::new();
    for index in wanted {
        let lookup = lookups + usize::from(u16_at(gsub, lookups + 2 + index * 2)?);
        let kind = u16_at(gsub, lookup)?;
        for k in 0..usize::from(u16_at(gsub, lookup + 4)?) {
            let mut at = lookup + usize::from(u16_at(gsub, lookup + 6 + k * 2)?);
            let mut kind = kind;
            if kind == 7 {
                // An extension: the lookup proper is farther away.
                kind = u16_at(gsub, at + 2)?;
                at += u32_at(gsub, at + 4)? as usize;
            }
            if kind == 1 {
                single(gsub, at, &mut forms)?;
            }
        }
    }
    Some(forms)
}

/// One glyph for another.
fn single(gsub: &[u8], at: usize, forms: &mut HashMap<u16, u16>) -> Option<()> {
    let covered = coverage(gsub, at + usize::from(u16_at(gsub, at + 2)?))?;
    let format = u16_at(gsub, at)?;
    for (n, glyph) in covered.into_iter().enumerate() {
        let other = if format == 1 { glyph.wrapping_add(u16_at(gsub, at + 4)?) } else { u16_at(gsub, at + 6 + n * 2)? };
        forms.insert(glyph, other);
    }
    Some(())
}

fn coverage(gsub: &[u8], at: usize) -> Option<Vec<u16>> {
    let count = usize::from(u16_at(gsub, at + 2)?);
    if u16_at(gsub, at)? == 1 {
        return (0..count).map(|n| u16_at(gsub, at + 4 + n * 2)).collect();
    }
    let mut glyphs = Vec::new();
    for n in 0..count {
        let range = at + 4 + n * 6;
        glyphs.extend(u16_at(gsub, range)?..=u16_at(gsub, range + 2)?);
    }
    Some(glyphs)
}
