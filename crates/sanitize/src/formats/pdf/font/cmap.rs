//! CMaps (Adobe technical notes 5014 and 5411): ranges are read and written again; nothing else of the PostScript stays.

use crate::budget::Budget;
use crate::formats::pdf::lex::{Lexer, Token};
use crate::formats::pdf::object::Value;
use crate::formats::pdf::write::write_value;
use crate::work::Stop;

/// A character map.
#[derive(Debug, Default)]
pub(in crate::formats::pdf) struct Map {
    pub(super) registry: Vec<u8>,
    pub(super) ordering: Vec<u8>,
    pub(super) vertical: bool,
    /// The predefined map that it builds on.
    pub(super) base: Option<Vec<u8>>,
    code_spaces: Vec<(Vec<u8>, Vec<u8>)>,
    /// First code, last code, what they become.
    ranges: Vec<(Vec<u8>, Vec<u8>, Target)>,
}

#[derive(Debug)]
enum Target {
    Cid(String),
    Text(Vec<u8>),
    Texts(Vec<Vec<u8>>),
}

/// Reads a map; nothing when there is nothing in it.
pub(in crate::formats::pdf) fn read(data: &[u8], budget: &mut Budget) -> Result<Option<Map>, Stop> {
    let mut map = Map { registry: b"Adobe".to_vec(), ordering: b"Identity".to_vec(), ..Map::default() };
    let mut lexer = Lexer::new(data);
    let mut operands: Vec<Value> = Vec::new();
    while let Some(token) = lexer.next() {
        budget.step(1)?;
        match token {
            Token::Value(value) => operands.push(value),
            Token::Brace(_) => {}
            Token::Word(word) => {
                map.word(&word, &operands);
                operands.clear();
            }
        }
    }
    Ok((!map.code_spaces.is_empty() || !map.ranges.is_empty()).then_some(map))
}

impl Map {
    fn word(&mut self, word: &[u8], operands: &[Value]) {
        match (word, operands) {
            (b"usecmap", [.., Value::Name(name)]) => self.base = Some(name.clone()),
            (b"def", [.., Value::Name(key), Value::Number(mode)]) if key == b"WMode" => self.vertical = mode == "1",
            (b"def", [.., Value::Name(key), Value::Text(text)]) if key == b"Registry" => self.registry.clone_from(text),
            (b"def", [.., Value::Name(key), Value::Text(text)]) if key == b"Ordering" => self.ordering.clone_from(text),
            (b"endcodespacerange", operands) => {
                for pair in operands.as_chunks::<2>().0 {
                    if let [Value::Text(first), Value::Text(last)] = pair {
                        self.code_spaces.push((first.clone(), last.clone()));
                    }
                }
            }
            (b"endcidchar" | b"endbfchar", operands) => {
                for pair in operands.as_chunks::<2>().0 {
                    if let [Value::Text(code), target] = pair {
                        self.range(code, code, target);
                    }
                }
            }
            (b"endcidrange" | b"endbfrange", operands) => {
                for three in operands.as_chunks::<3>().0 {
                    if let [Value::Text(first), Value::Text(last), target] = three {
                        self.range(first, last, target);
                    }
                }
            }
            _ => {}
        }
    }

    fn range(&mut self, first: &[u8], last: &[u8], target: &Value) {
        if first.is_empty() || first.len() > 4 || first.len() != last.len() {
            return;
        }
        let target = match target {
            Value::Number(cid) if cid.bytes().all(|b| b.is_ascii_digit()) => Target::Cid(cid.clone()),
            Value::Text(text) if text.len() <= 512 => Target::Text(text.clone()),
            Value::Array(items) => {
                let text = |item: &Value| if let Value::Text(text) = item { text.clone() } else { Vec::new() };
                Target::Texts(items.iter().map(text).collect())
            }
            _ => return,
        };
        self.ranges.push((first.to_vec(), last.to_vec(), target));
    }
}

fn hex(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'<');
    for byte in text {
        out.extend(format!("{byte:02X}").into_bytes());
    }
    out.push(b'>');
}

/// Writes a map: of codes to CIDs when it is an encoding, else of codes to text.
pub(in crate::formats::pdf) fn write(map: &Map, encoding: bool) -> Vec<u8> {
    let mut out = b"/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n".to_vec();
    if let Some(base) = map.base.as_ref().filter(|_| encoding) {
        write_value(&mut out, &Value::Name(base.clone()));
        out.extend(b" usecmap\n");
    }
    out.extend(b"/CIDSystemInfo 3 dict dup begin\n/Registry ");
    write_value(&mut out, &Value::Text(map.registry.clone()));
    out.extend(b" def\n/Ordering ");
    write_value(&mut out, &Value::Text(map.ordering.clone()));
    out.extend(b" def\n/Supplement 0 def\nend def\n/CMapName /Sekimori def\n/CMapType ");
    out.extend(if encoding { b"1 def\n" } else { b"2 def\n" });
    if encoding && map.vertical {
        out.extend(b"/WMode 1 def\n");
    }
    for group in map.code_spaces.chunks(100) {
        out.extend(format!("{} begincodespacerange\n", group.len()).into_bytes());
        for (first, last) in group {
            hex(&mut out, first);
            hex(&mut out, last);
            out.push(b'\n');
        }
        out.extend(b"endcodespacerange\n");
    }
    let (one, many) = if encoding { ("cidchar", "cidrange") } else { ("bfchar", "bfrange") };
    // In a map to text some producers write the number of a character as if it were a CID.
    let as_text = |cid: &str| cid.parse::<u16>().ok().map(u16::to_be_bytes);
    let fits = |target: &Target| match target {
        Target::Cid(cid) => encoding || as_text(cid).is_some(),
        _ => !encoding,
    };
    let ranges: Vec<_> = map.ranges.iter().filter(|(_, _, target)| fits(target)).collect();
    for single in [true, false] {
        let name = if single { one } else { many };
        let chosen: Vec<_> = ranges
            .iter()
            .filter(|(first, last, t)| (first == last && !matches!(t, Target::Texts(_))) == single)
            .collect();
        for group in chosen.chunks(100) {
            out.extend(format!("{} begin{name}\n", group.len()).into_bytes());
            for (first, last, target) in group {
                hex(&mut out, first);
                if !single {
                    hex(&mut out, last);
                }
                match target {
                    Target::Cid(cid) if encoding => out.extend(format!(" {cid}").into_bytes()),
                    Target::Cid(cid) => hex(&mut out, &as_text(cid).unwrap_or_default()),
                    Target::Text(text) => hex(&mut out, text),
                    Target::Texts(texts) => {
                        out.push(b'[');
                        texts.iter().for_each(|text| hex(&mut out, text));
                        out.push(b']');
                    }
                }
                out.push(b'\n');
            }
            out.extend(format!("end{name}\n").into_bytes());
        }
    }
    out.extend(b"endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_a_map_to_text_are_characters() {
        let source =
            b"1 begincodespacerange <0000> <FFFF> endcodespacerange 1 begincidrange <4e00> <4eff> 19968 endcidrange";
        let map = read(source, &mut Budget::default()).unwrap().unwrap();
        let written = |encoding| String::from_utf8(write(&map, encoding)).unwrap();
        assert!(written(false).contains("1 beginbfrange\n<4E00><4EFF><4E00>\nendbfrange"), "{}", written(false));
        assert!(written(true).contains("1 begincidrange\n<4E00><4EFF> 19968\nendcidrange"), "{}", written(true));
    }
}
