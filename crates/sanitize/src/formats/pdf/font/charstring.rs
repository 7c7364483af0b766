//! Type 2 charstrings (Adobe technical note 5177): read into outlines, and written from them.

use super::outline::{Fixed, ONE, Step};
use crate::budget::Budget;
use crate::work::Stop;

/// Operands on the stack (CFF allows 48; some producers write more).
const STACK: usize = 192;
/// Subroutines in subroutines.
const DEPTH: usize = 10;

/// What a charstring draws.
#[derive(Debug, Default)]
pub(super) struct Drawn {
    pub(super) steps: Vec<Step>,
    /// The width over the nominal width, when it was written.
    pub(super) width: Option<Fixed>,
    /// Offset, base and accent of an accented character.
    pub(super) accent: Option<(Fixed, Fixed, u8, u8)>,
}

/// The subroutines that a charstring may call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subroutines<'a> {
    pub(super) global: &'a [&'a [u8]],
    pub(super) local: &'a [&'a [u8]],
}

struct Machine<'a, 'b> {
    subroutines: Subroutines<'a>,
    budget: &'b mut Budget,
    stack: Vec<Fixed>,
    stems: usize,
    started: bool,
    drawn: Drawn,
    done: bool,
}

/// Reads a charstring; nothing when it is not one.
pub(super) fn read(code: &[u8], subroutines: Subroutines<'_>, budget: &mut Budget) -> Result<Option<Drawn>, Stop> {
    let mut machine = Machine {
        subroutines,
        budget,
        stack: Vec::new(),
        stems: 0,
        started: false,
        drawn: Drawn::default(),
        done: false,
    };
    let whole = machine.run(code, 0)?;
    Ok(whole.map(|()| machine.drawn))
}

impl Machine<'_, '_> {
    /// `None` when the charstring is broken.
    fn run(&mut self, code: &[u8], depth: usize) -> Result<Option<()>, Stop> {
        let mut at = 0;
        while let Some(&byte) = code.get(at) {
            self.budget.step(1)?;
            at += 1;
            if byte >= 32 || byte == 28 {
                let Some((value, used)) = operand(byte, code.get(at..).unwrap_or_default()) else { return Ok(None) };
                at += used;
                if self.stack.len() >= STACK {
                    return Ok(None);
                }
                self.stack.push(value);
                continue;
            }
            match byte {
                10 | 29 => {
                    let list = if byte == 10 { self.subroutines.local } else { self.subroutines.global };
                    let bias = if list.len() < 1240 {
                        107
                    } else if list.len() < 33_900 {
                        1131
                    } else {
                        32_768
                    };
                    let Some(number) = self.stack.pop() else { return Ok(None) };
                    let index = usize::try_from((number >> 16) + bias).ok();
                    let Some(inner) = index.and_then(|i| list.get(i)).filter(|_| depth < DEPTH) else {
                        return Ok(None);
                    };
                    if self.run(inner, depth + 1)?.is_none() {
                        return Ok(None);
                    }
                }
                11 => return Ok(Some(())),
                19 | 20 => {
                    self.stem_hints();
                    at += self.stems.div_ceil(8);
                }
                12 => {
                    let Some(&escape) = code.get(at) else { return Ok(None) };
                    at += 1;
                    if self.flex(escape).is_none() {
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

    fn stem_hints(&mut self) {
        self.width(self.stack.len() % 2 == 1);
        self.stems += self.stack.len() / 2;
        self.stack.clear();
    }

    /// Takes the width off the bottom of the stack when the first operator has one operand too many.
    fn width(&mut self, extra: bool) {
        if !self.started && extra && !self.stack.is_empty() {
            self.drawn.width = Some(self.stack.remove(0));
        }
        self.started = true;
    }

    fn operator(&mut self, operator: u8) -> Option<()> {
        let count = self.stack.len();
        match operator {
            1 | 3 | 18 | 23 => self.stem_hints(),
            21 | 22 | 4 => {
                self.width(count > if operator == 21 { 2 } else { 1 });
                let last = self.stack.last().copied().unwrap_or(0);
                let step = match operator {
                    21 => Step::Move(self.stack.len().checked_sub(2).and_then(|i| self.stack.get(i)).copied()?, last),
                    22 => Step::Move(last, 0),
                    _ => Step::Move(0, last),
                };
                self.drawn.steps.push(step);
            }
            14 => {
                self.width(count == 1 || count == 5);
                if let &[dx, dy, base, accent] = self.stack.as_slice() {
                    let code = |value: Fixed| u8::try_from(value >> 16).ok();
                    self.drawn.accent = Some((dx, dy, code(base)?, code(accent)?));
                }
                self.done = true;
            }
            5 => self.lines(0, count),
            6 | 7 => {
                for (at, value) in self.stack.iter().enumerate() {
                    let across = (at % 2 == 0) == (operator == 6);
                    self.drawn.steps.push(if across { Step::Line(*value, 0) } else { Step::Line(0, *value) });
                }
            }
            8 => self.curves(0, count),
            24 => {
                let lines = count.checked_sub(2)?;
                self.curves(0, lines);
                self.lines(lines, count);
            }
            25 => {
                let curve = count.checked_sub(6)?;
                self.lines(0, curve);
                self.curves(curve, count);
            }
            26 | 27 => self.tangent_same(operator == 27),
            30 | 31 => self.tangent_turning(operator == 31),
            // Anything else draws nothing that is known.
            _ => return None,
        }
        self.stack.clear();
        Some(())
    }

    fn lines(&mut self, from: usize, to: usize) {
        for pair in self.stack.get(from..to).unwrap_or_default().as_chunks::<2>().0 {
            self.drawn.steps.push(Step::Line(pair[0], pair[1]));
        }
    }

    fn curves(&mut self, from: usize, to: usize) {
        for six in self.stack.get(from..to).unwrap_or_default().as_chunks::<6>().0 {
            self.drawn.steps.push(Step::Curve(*six));
        }
    }

    /// hhcurveto, vvcurveto.
    fn tangent_same(&mut self, across: bool) {
        let odd = self.stack.len() % 4 == 1;
        let mut first = if odd { self.stack.first().copied().unwrap_or(0) } else { 0 };
        for &[a, b, c, d] in self.stack.get(usize::from(odd)..).unwrap_or_default().as_chunks::<4>().0 {
            let curve = if across { [a, first, b, c, d, 0] } else { [first, a, b, c, 0, d] };
            self.drawn.steps.push(Step::Curve(curve));
            first = 0;
        }
    }

    /// hvcurveto, vhcurveto.
    fn tangent_turning(&mut self, start_across: bool) {
        let count = self.stack.len();
        let last = if count % 4 == 1 { self.stack.last().copied() } else { None };
        let mut across = start_across;
        let groups = count / 4;
        for (at, &[a, b, c, d]) in self.stack.as_chunks::<4>().0.iter().enumerate() {
            let end = if at + 1 == groups { last.unwrap_or(0) } else { 0 };
            self.drawn.steps.push(Step::Curve(if across { [a, 0, b, c, end, d] } else { [0, a, b, c, d, end] }));
            across = !across;
        }
    }

    fn flex(&mut self, escape: u8) -> Option<()> {
        let s = std::mem::take(&mut self.stack);
        // `dotsection`, a hint of old fonts.
        if escape == 0 {
            return Some(());
        }
        let (first, second) = match (escape, s.as_slice()) {
            (35, &[a, b, c, d, e, f, g, h, i, j, k, l, _]) => ([a, b, c, d, e, f], [g, h, i, j, k, l]),
            (34, &[a, b, c, d, e, f, g]) => ([a, 0, b, c, d, 0], [e, 0, f, -c, g, 0]),
            (36, &[a, b, c, d, e, f, g, h, i]) => ([a, b, c, d, e, 0], [f, 0, g, h, i, -(b + d + h)]),
            (37, &[a, b, c, d, e, f, g, h, i, j, last]) => {
                let (dx, dy) = (a + c + e + g + i, b + d + f + h + j);
                let end = if dx.abs() > dy.abs() { [last, -dy] } else { [-dx, last] };
                ([a, b, c, d, e, f], [g, h, i, j, end[0], end[1]])
            }
            _ => return None,
        };
        self.drawn.steps.extend([Step::Curve(first), Step::Curve(second)]);
        Some(())
    }
}

/// A number, and how many bytes after the first it took.
fn operand(byte: u8, rest: &[u8]) -> Option<(Fixed, usize)> {
    let next = || rest.first().map(|b| i64::from(*b));
    Some(match byte {
        28 => (i64::from(i16::from_be_bytes(*rest.first_chunk::<2>()?)) * ONE, 2),
        32..=246 => ((i64::from(byte) - 139) * ONE, 0),
        247..=250 => (((i64::from(byte) - 247) * 256 + next()? + 108) * ONE, 1),
        251..=254 => ((-(i64::from(byte) - 251) * 256 - next()? - 108) * ONE, 1),
        255 => (i64::from(i32::from_be_bytes(*rest.first_chunk::<4>()?)), 4),
        _ => return None,
    })
}

/// Writes an outline: width, steps, endchar.
pub(super) fn write(width: Fixed, steps: &[Step]) -> Vec<u8> {
    let mut out = Vec::new();
    number(&mut out, width);
    let mut at = 0;
    while let Some(step) = steps.get(at) {
        let rest = steps.get(at..).unwrap_or_default();
        at += match step {
            Step::Move(dx, 0) => put(&mut out, &[*dx], 22),
            Step::Move(0, dy) => put(&mut out, &[*dy], 4),
            Step::Move(dx, dy) => put(&mut out, &[*dx, *dy], 21),
            Step::Line(..) => lines(&mut out, rest),
            Step::Curve(..) => curves(&mut out, rest),
        };
    }
    out.push(14);
    out
}

fn put(out: &mut Vec<u8>, numbers: &[Fixed], operator: u8) -> usize {
    for value in numbers {
        number(out, *value);
    }
    out.push(operator);
    1
}

/// A run of lines: alternating across and down when they are, else any; gives how many steps were written.
fn lines(out: &mut Vec<u8>, steps: &[Step]) -> usize {
    let across = |step: &Step| matches!(step, Step::Line(_, 0));
    let down = |step: &Step| matches!(step, Step::Line(0, _));
    let Some(first) = steps.first() else { return 1 };
    if across(first) || down(first) {
        let mut now = across(first);
        let operator = if now { 6 } else { 7 };
        let mut run = 0;
        for step in steps.iter().take(46) {
            let (Step::Line(dx, dy), true) = (step, if now { across(step) } else { down(step) }) else { break };
            number(out, if now { *dx } else { *dy });
            now = !now;
            run += 1;
        }
        out.push(operator);
        return run;
    }
    let mut run = 0;
    for step in steps.iter().take(23) {
        let Step::Line(dx, dy) = step else { break };
        if across(step) || down(step) {
            break;
        }
        number(out, *dx);
        number(out, *dy);
        run += 1;
    }
    out.push(5);
    run
}

/// A run of curves, in the shortest form that fits the first.
fn curves(out: &mut Vec<u8>, steps: &[Step]) -> usize {
    match steps.first() {
        Some(Step::Curve([a, 0, b, c, 0, d])) => put(out, &[*a, *b, *c, *d], 31),
        Some(Step::Curve([0, a, b, c, d, 0])) => put(out, &[*a, *b, *c, *d], 30),
        Some(Step::Curve([a, 0, b, c, d, 0])) => put(out, &[*a, *b, *c, *d], 27),
        Some(Step::Curve([0, a, b, c, 0, d])) => put(out, &[*a, *b, *c, *d], 26),
        _ => {
            let mut run = 0;
            for step in steps.iter().take(7) {
                let Step::Curve(six) = step else { break };
                if run > 0 && (six[0] == 0 || six[1] == 0) && (six[4] == 0 || six[5] == 0) {
                    break;
                }
                for value in six {
                    number(out, *value);
                }
                run += 1;
            }
            out.push(8);
            run
        }
    }
}

/// A number in its shortest form.
fn number(out: &mut Vec<u8>, value: Fixed) {
    let value = value.clamp(i64::from(i32::MIN), i64::from(i32::MAX));
    if value % ONE != 0 {
        out.push(255);
        out.extend(i32::try_from(value).unwrap_or(0).to_be_bytes());
        return;
    }
    let whole = value / ONE;
    let low = |n: i64| u8::try_from(n & 0xFF).unwrap_or(0);
    match whole {
        -107..=107 => out.push(low(whole + 139)),
        108..=1131 => out.extend([low((whole - 108) / 256 + 247), low(whole - 108)]),
        -1131..=-108 => out.extend([low((-whole - 108) / 256 + 251), low(-whole - 108)]),
        _ => {
            out.push(28);
            out.extend(i16::try_from(whole).unwrap_or(0).to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_of_old_fonts_changes_no_outline() {
        // moveto 10 20, dotsection, lineto 30 40, endchar
        let old = [149, 159, 21, 12, 0, 169, 179, 5, 14];
        let new = [149, 159, 21, 169, 179, 5, 14];
        let steps = |code: &[u8]| {
            let none = Subroutines { global: &[], local: &[] };
            read(code, none, &mut Budget::default()).unwrap().unwrap().steps
        };
        assert_eq!(steps(&old), steps(&new));
        assert_eq!(steps(&old).len(), 2);
    }
}
