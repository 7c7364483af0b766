//! Type 1 fonts (Adobe Type 1 Font Format, 1990): decrypted, parsed without a PostScript interpreter, read into outlines.

use std::collections::BTreeMap;

use super::outline::{Encoding, Fixed, Font, Glyph, Id, ONE, Step, accented, standard, standard_glyph};
use crate::budget::Budget;
use crate::formats::pdf::lex::{Lexer, Token};
use crate::formats::pdf::object::Value;
use crate::work::Stop;

/// Subroutines in subroutines.
const DEPTH: usize = 10;
/// Operands on the stack.
const STACK: usize = 64;

/// Reads a font; nothing when it is not whole.
pub(super) fn read(data: &[u8], budget: &mut Budget) -> Result<Option<Font>, Stop> {
    let data = without_segments(data);
    let Some(split) = data.windows(5).position(|w| w == b"eexec") else { return Ok(None) };
    let (clear, hidden) = data.split_at(split + 5);
    let hidden = decrypt_program(hidden);
    let Some(program) = Program::read(&hidden, budget)? else { return Ok(None) };
    let head = head(clear, budget)?;
    let mut glyphs: Vec<Glyph> = Vec::new();
    let mut accents = Vec::new();
    let order = order(&program, &head.codes);
    for name in &order {
        let Some(code) = program.charstrings.get(name) else { continue };
        let mut machine = Machine {
            program: &program,
            budget,
            stack: Vec::new(),
            left: Vec::new(),
            flex: None,
            bearing: (0, 0),
            width: 0,
            steps: Vec::new(),
            accent: None,
            done: false,
        };
        if machine.run(code, 0)?.is_none() {
            return Ok(None);
        }
        if let Some(accent) = machine.accent {
            accents.push((glyphs.len(), accent));
        }
        glyphs.push(Glyph { id: Id::Name(name.clone()), width: machine.width, steps: machine.steps, part: 0 });
    }
    for (at, (dx, dy, base, accent)) in accents {
        let (Some(base), Some(accent)) = (standard_glyph(&glyphs, base), standard_glyph(&glyphs, accent)) else {
            return Ok(None);
        };
        let steps = accented(base, accent, dx, dy);
        if let Some(glyph) = glyphs.get_mut(at) {
            glyph.steps = steps;
        }
    }
    let place = |name: &[u8]| order.iter().position(|n| n == name).and_then(|at| u16::try_from(at).ok());
    let codes = head.codes.iter().filter_map(|(code, name)| Some((*code, place(name).filter(|p| *p > 0)?)));
    if let Some(first) = glyphs.first_mut() {
        first.id = Id::Number(0);
    }
    Ok((!glyphs.is_empty()).then(|| Font {
        name: head.name,
        matrix: head.matrix,
        encoding: Encoding::Own(codes.collect()),
        glyphs,
        cid: None,
        parts: Vec::new(),
    }))
}

/// `.notdef`, then the glyphs that have codes, then the others, by name.
fn order(program: &Program, codes: &BTreeMap<u8, Vec<u8>>) -> Vec<Vec<u8>> {
    let mut order = vec![b".notdef".to_vec()];
    for name in codes.values().chain(program.charstrings.keys()) {
        if program.charstrings.contains_key(name) && !order.contains(name) {
            order.push(name.clone());
        }
    }
    order
}

/// PFB segments taken apart.
fn without_segments(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = data;
    while let [0x80, 1 | 2, a, b, c, d, body @ ..] = rest {
        let length = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
        out.extend(body.get(..length.min(body.len())).unwrap_or_default());
        rest = body.get(length..).unwrap_or_default();
    }
    if out.is_empty() { data.to_vec() } else { out }
}

/// The eexec part, binary or hexadecimal.
fn decrypt_program(hidden: &[u8]) -> Vec<u8> {
    let start = hidden.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\r' | b'\n')).unwrap_or(0);
    let hidden = hidden.get(start..).unwrap_or_default();
    let hex = hidden.len() >= 4 && hidden.iter().take(4).all(u8::is_ascii_hexdigit);
    if !hex {
        return decrypt(hidden, 55_665, 4);
    }
    let digits: Vec<u8> =
        hidden.iter().filter_map(|b| char::from(*b).to_digit(16)).filter_map(|d| u8::try_from(d).ok()).collect();
    let bytes: Vec<u8> = digits.as_chunks::<2>().0.iter().map(|pair| (pair[0] << 4) | pair[1]).collect();
    decrypt(&bytes, 55_665, 4)
}

fn decrypt(cipher: &[u8], mut key: u16, skip: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(cipher.len());
    for &byte in cipher {
        let [high, _] = key.to_be_bytes();
        out.push(byte ^ high);
        key = (u16::from(byte).wrapping_add(key)).wrapping_mul(52_845).wrapping_add(22_719);
    }
    out.split_off(skip.min(out.len()))
}

struct Head {
    name: Vec<u8>,
    matrix: Option<[f64; 6]>,
    codes: BTreeMap<u8, Vec<u8>>,
}

/// FontName, FontMatrix and Encoding of the clear part.
fn head(clear: &[u8], budget: &mut Budget) -> Result<Head, Stop> {
    let mut head = Head { name: b"Font".to_vec(), matrix: None, codes: BTreeMap::new() };
    let mut lexer = Lexer::new(clear);
    let mut last: Vec<Value> = Vec::new();
    let mut encoding = false;
    while let Some(token) = lexer.next() {
        budget.step(1)?;
        match token {
            Token::Value(value) => {
                match (last.last(), &value) {
                    (Some(Value::Name(key)), Value::Name(name)) if key == b"FontName" => head.name.clone_from(name),
                    (Some(Value::Name(key)), Value::Array(items)) if key == b"FontMatrix" => {
                        let numbers: Vec<f64> = items.iter().filter_map(Value::as_f64).collect();
                        head.matrix = numbers.first_chunk::<6>().copied();
                    }
                    _ => {}
                }
                encoding |= matches!(&value, Value::Name(name) if name == b"Encoding");
                last.push(value);
            }
            Token::Word(word) => {
                match (word.as_slice(), last.as_slice()) {
                    (b"StandardEncoding", _) if encoding => {
                        head.codes = standard().map(|(code, _, name)| (code, name.as_bytes().to_vec())).collect();
                    }
                    (b"put", [.., code, Value::Name(name)]) if encoding => {
                        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating")]
                        if let Some(code) = code.as_f64().filter(|c| (0.0..256.0).contains(c)) {
                            head.codes.insert(code as u8, name.clone());
                        }
                    }
                    _ => {}
                }
                if word == b"put" || word == b"def" {
                    last.clear();
                }
            }
            Token::Brace(_) => {}
        }
        if last.len() > 64 {
            last.drain(..32);
        }
    }
    // The default matrix of Type 1 need not be written.
    head.matrix = head.matrix.filter(|m| *m != [0.001, 0.0, 0.0, 0.001, 0.0, 0.0]);
    Ok(head)
}

#[derive(Default)]
struct Program {
    subroutines: BTreeMap<usize, Vec<u8>>,
    charstrings: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Program {
    /// Finds `dup n length RD bytes` and `/name length RD bytes`, whatever `RD` is called.
    fn read(hidden: &[u8], budget: &mut Budget) -> Result<Option<Self>, Stop> {
        let mut program = Self::default();
        let mut lexer = Lexer::new(hidden);
        let mut skip = 4usize;
        let mut glyphs = false;
        let mut last: Vec<Value> = Vec::new();
        while let Some(token) = lexer.next() {
            budget.step(1)?;
            match token {
                Token::Value(value) => {
                    if matches!(&value, Value::Name(name) if name == b"CharStrings") {
                        glyphs = true;
                    }
                    if matches!(last.last(), Some(Value::Name(name)) if name == b"lenIV") {
                        skip = size(&value).unwrap_or(4);
                    }
                    last.push(value);
                    if last.len() > 8 {
                        last.remove(0);
                    }
                }
                Token::Word(word) if word == b"RD" || word == b"-|" => {
                    let at = lexer.at + 1;
                    let Some(length) = last.last().and_then(size) else { continue };
                    let Some(cipher) = hidden.get(at..at.saturating_add(length)) else { return Ok(None) };
                    lexer.at = at + length;
                    let code = decrypt(cipher, 4_330, skip);
                    match last.len().checked_sub(2).and_then(|i| last.get(i)) {
                        Some(Value::Name(name)) if glyphs => {
                            program.charstrings.entry(name.clone()).or_insert(code);
                        }
                        Some(number) if !glyphs => {
                            if let Some(number) = size(number) {
                                program.subroutines.insert(number, code);
                            }
                        }
                        _ => {}
                    }
                    last.clear();
                }
                Token::Word(_) | Token::Brace(_) => {}
            }
        }
        Ok(program.charstrings.contains_key(b".notdef".as_slice()).then_some(program))
    }
}

fn size(value: &Value) -> Option<usize> {
    if let Value::Number(text) = value { text.parse().ok().filter(|n| *n < 1 << 20) } else { None }
}

struct Machine<'a, 'b> {
    program: &'a Program,
    budget: &'b mut Budget,
    stack: Vec<Fixed>,
    /// What `callothersubr` leaves for `pop`.
    left: Vec<Fixed>,
    flex: Option<Vec<(Fixed, Fixed)>>,
    /// Where the next move starts from, over the last point: the side bearing.
    bearing: (Fixed, Fixed),
    width: Fixed,
    steps: Vec<Step>,
    accent: Option<(Fixed, Fixed, u8, u8)>,
    done: bool,
}

impl Machine<'_, '_> {
    /// `None` when the charstring is broken.
    fn run(&mut self, code: &[u8], depth: usize) -> Result<Option<()>, Stop> {
        let mut at = 0;
        while let Some(&byte) = code.get(at) {
            self.budget.step(1)?;
            at += 1;
            if byte >= 32 {
                let Some((value, used)) = operand(byte, code.get(at..).unwrap_or_default()) else { return Ok(None) };
                at += used;
                if self.stack.len() >= STACK {
                    return Ok(None);
                }
                self.stack.push(value);
                continue;
            }
            match byte {
                10 => {
                    let index = self.stack.pop().and_then(|n| usize::try_from(n >> 16).ok());
                    let program = self.program;
                    let inner = index.and_then(|i| program.subroutines.get(&i)).filter(|_| depth < DEPTH);
                    let Some(inner) = inner else { return Ok(None) };
                    if self.run(inner, depth + 1)?.is_none() {
                        return Ok(None);
                    }
                }
                11 => return Ok(Some(())),
                12 => {
                    let Some(&escape) = code.get(at) else { return Ok(None) };
                    at += 1;
                    if self.escape(escape).is_none() {
                        return Ok(None);
                    }
                }
                _ => {
                    if self.operator(byte).is_none() {
                        return Ok(None);
                    }
                }
            }
            if self.done {
                return Ok(Some(()));
            }
        }
        Ok(Some(()))
    }

    fn go(&mut self, dx: Fixed, dy: Fixed) {
        if let Some(points) = &mut self.flex {
            points.push((dx, dy));
            return;
        }
        let (bx, by) = std::mem::take(&mut self.bearing);
        self.steps.push(Step::Move(dx + bx, dy + by));
    }

    fn operator(&mut self, operator: u8) -> Option<()> {
        let stack = std::mem::take(&mut self.stack);
        match (operator, stack.as_slice()) {
            (1 | 3 | 9, _) => {}
            (4, [.., dy]) => self.go(0, *dy),
            (22, [.., dx]) => self.go(*dx, 0),
            (21, [.., dx, dy]) => self.go(*dx, *dy),
            (5, [dx, dy, ..]) => self.steps.push(Step::Line(*dx, *dy)),
            (6, [dx, ..]) => self.steps.push(Step::Line(*dx, 0)),
            (7, [dy, ..]) => self.steps.push(Step::Line(0, *dy)),
            (8, [a, b, c, d, e, f, ..]) => self.steps.push(Step::Curve([*a, *b, *c, *d, *e, *f])),
            (30, [a, b, c, d, ..]) => self.steps.push(Step::Curve([0, *a, *b, *c, *d, 0])),
            (31, [a, b, c, d, ..]) => self.steps.push(Step::Curve([*a, 0, *b, *c, 0, *d])),
            (13, [bearing, width, ..]) => (self.bearing, self.width) = ((*bearing, 0), *width),
            (14, _) => self.done = true,
            _ => return None,
        }
        Some(())
    }

    fn escape(&mut self, escape: u8) -> Option<()> {
        match escape {
            12 => {
                let (under, over) = (self.stack.pop()?, self.stack.pop()?);
                self.stack.push((over * ONE).checked_div(under)?);
                return Some(());
            }
            16 => return self.other(),
            17 => {
                self.stack.push(self.left.pop().unwrap_or(0));
                return Some(());
            }
            _ => {}
        }
        let stack = std::mem::take(&mut self.stack);
        match (escape, stack.as_slice()) {
            (0..=2 | 33, _) => {}
            (6, [bearing, dx, dy, base, accent]) => {
                let code = |value: &Fixed| u8::try_from(value >> 16).ok();
                // The accent's own side bearing is in its first move already.
                self.accent = Some((self.bearing.0 + dx - bearing, *dy, code(base)?, code(accent)?));
                self.done = true;
            }
            (7, [bx, by, width, _]) => (self.bearing, self.width) = ((*bx, *by), *width),
            _ => return None,
        }
        Some(())
    }

    /// Flex and hint replacement; other subroutines only hand their operands on.
    fn other(&mut self) -> Option<()> {
        let (which, count) = (self.stack.pop()? >> 16, usize::try_from(self.stack.pop()? >> 16).ok()?);
        let operands = self.stack.split_off(self.stack.len().checked_sub(count)?);
        match which {
            1 => self.flex = Some(Vec::new()),
            2 => {}
            0 => {
                let points = self.flex.take()?;
                let &[(ax, ay), (bx, by), c, d, e, f, g] = points.as_slice() else { return None };
                let (sx, sy) = std::mem::take(&mut self.bearing);
                self.steps.push(Step::Curve([ax + bx + sx, ay + by + sy, c.0, c.1, d.0, d.1]));
                self.steps.push(Step::Curve([e.0, e.1, f.0, f.1, g.0, g.1]));
                self.left = operands.iter().rev().take(2).copied().collect();
            }
            3 => self.left = vec![3 * ONE],
            _ => self.left = operands.iter().rev().copied().collect(),
        }
        Some(())
    }
}

/// A number, and how many bytes after the first it took.
fn operand(byte: u8, rest: &[u8]) -> Option<(Fixed, usize)> {
    let next = || rest.first().map(|b| i64::from(*b));
    Some(match byte {
        32..=246 => ((i64::from(byte) - 139) * ONE, 0),
        247..=250 => (((i64::from(byte) - 247) * 256 + next()? + 108) * ONE, 1),
        251..=254 => ((-(i64::from(byte) - 251) * 256 - next()? - 108) * ONE, 1),
        255 => (i64::from(i32::from_be_bytes(*rest.first_chunk::<4>()?)) * ONE, 4),
        _ => return None,
    })
}
