//! The syntax of an expression: the `cel` crate's parser behind limits, and its tree with spans of whole parts.
//!
//! This is the only file that knows the parser. It reports the first syntax error only, because later ones follow from it.

use std::ops::Range;

use cel::common::ast::{Expr as CelExpr, LiteralValue, SourceInfo, operators};
use cel::{Env, IdedExpr};

use super::error::{Complaint, both};
use super::words;
use crate::model::Text;

/// Longest expression, in bytes.
pub(super) const MAX_BYTES: usize = 4096;
/// Most opening brackets in an expression.
pub(super) const MAX_BRACKETS: usize = 100;
/// Most operators, dots and commas in an expression.
pub(super) const MAX_OPERATORS: usize = 400;

/// Most parts within one another: `1 + 2 + 3` are three levels, `a && b && c && d` too.
pub(super) const MAX_DEPTH: usize = 60;

/// A part of an expression.
#[derive(Debug)]
pub(super) struct Ast {
    /// Where it stands, in bytes of the text.
    pub(super) span: Range<usize>,
    /// What it is.
    pub(super) kind: Kind,
}

/// Parts of an expression.
#[derive(Debug)]
pub(super) enum Kind {
    Bool(bool),
    Int(i64),
    Text(String),
    Null,
    Name(String),
    Field {
        of: Box<Ast>,
        name: String,
        name_span: Range<usize>,
    },
    Call {
        target: Option<Box<Ast>>,
        name: String,
        name_span: Range<usize>,
        args: Vec<Ast>,
    },
    Not(Box<Ast>),
    Negate(Box<Ast>),
    Binary(Binary, Box<[Ast; 2]>),
    If(Box<[Ast; 3]>),
    List(Vec<Ast>),
    /// CEL that is not in this language, and what it is called.
    Foreign(&'static str, &'static str),
}

/// Operators with two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Binary {
    And,
    Or,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Plus,
    Minus,
    Times,
    Divide,
    Remainder,
    In,
}

impl Binary {
    /// As it is written.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::And => "&&",
            Self::Or => "||",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Times => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::In => "in",
        }
    }
}

/// Parses a text.
pub(super) fn parse(text: &str) -> Result<Ast, Box<Complaint>> {
    within_limits(text)?;
    // No macros: `has`, `exists` and the others stay the calls that they are written as.
    let (tree, info) = match Env::default().parser().parse_with_source_info(text) {
        Ok(parsed) => parsed,
        Err(errors) => return Err(Box::new(syntax_error(text, &errors))),
    };
    let mut reader = Reader { text, info: &info, depth: 0, too_deep: false };
    let ast = reader.read(tree);
    if reader.too_deep {
        let message = both("式の入れ子が深すぎます", "the expression is nested too deeply");
        return Err(Box::new(too_large(text, message)));
    }
    Ok(ast)
}

/// The complaint about an expression that is too much of something.
pub(super) fn too_large(text: &str, message: Text) -> Complaint {
    Complaint::new("expr-too-large", 0..text.len(), message)
        .help("計算項目（computed）に分けてください", "split it into computed fields")
}

fn within_limits(text: &str) -> Result<(), Box<Complaint>> {
    let count = |set: &[u8]| text.bytes().filter(|byte| set.contains(byte)).count();
    let limits = [
        (text.len(), MAX_BYTES, "バイト数", "bytes"),
        (count(b"([{"), MAX_BRACKETS, "括弧の数", "brackets"),
        (count(b".,+-*/%<>=!&|?:"), MAX_OPERATORS, "演算子の数", "operators"),
    ];
    for (found, most, ja, en) in limits {
        if found > most {
            let message = both(
                format!("式が大きすぎます: {ja}は{found}、上限は{most}です"),
                format!("the expression is too large: {found} {en}, at most {most} are allowed"),
            );
            return Err(Box::new(too_large(text, message)));
        }
    }
    Ok(())
}

/// The place and the wording of the parser's first error.
fn syntax_error(text: &str, errors: &cel::ParseErrors) -> Complaint {
    let Some(first) = errors.errors.first() else {
        return Complaint::new("expr-syntax", 0..text.len(), both("式を読めません", "the expression cannot be read"));
    };
    let offset =
        first.source_info.as_ref().filter(|_| first.expr_id != 0).and_then(|info| info.offset_for(first.expr_id));
    let start = offset.map_or_else(|| byte_of(text, first.pos), |(start, _)| start as usize).min(text.len());
    words::syntax_error(text, start, &first.msg)
}

/// The byte at a line and column, both from 1, the column in characters.
fn byte_of(text: &str, (line, column): (isize, isize)) -> usize {
    let line = usize::try_from(line - 1).unwrap_or(0);
    let column = usize::try_from(column - 1).unwrap_or(0);
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default();
    start + rest.chars().take(column).map(char::len_utf8).sum::<usize>()
}

/// Turns the parser's tree, whose nodes know one token each, into one whose parts know all of theirs.
struct Reader<'a> {
    text: &'a str,
    info: &'a SourceInfo,
    depth: usize,
    too_deep: bool,
}

impl Reader<'_> {
    /// The span of a node's own token.
    fn token(&self, id: u64) -> Range<usize> {
        match self.info.offset_for(id) {
            Some((start, stop)) => {
                let stop = self.text.len().min(stop as usize);
                // The last byte of the token; a character may reach further.
                let end = (stop + 1..=self.text.len()).find(|&end| self.text.is_char_boundary(end));
                let end = end.unwrap_or(self.text.len());
                (start as usize).min(end)..end
            }
            None => 0..self.text.len(),
        }
    }

    fn read(&mut self, node: IdedExpr) -> Ast {
        let token = self.token(node.id);
        if self.depth >= MAX_DEPTH {
            self.too_deep = true;
            return Ast { span: token, kind: Kind::Null };
        }
        self.depth += 1;
        let ast = self.read_part(token, node.expr);
        self.depth -= 1;
        ast
    }

    fn read_part(&mut self, token: Range<usize>, node: CelExpr) -> Ast {
        let (span, kind) = match node {
            CelExpr::Literal(literal) => (token, read_literal(literal)),
            CelExpr::Ident(name) => (token, Kind::Name(name)),
            CelExpr::Select(select) => {
                let of = self.read(*select.operand);
                let name_span = self.after(token.end, &select.field).unwrap_or(token);
                (of.span.start..name_span.end, Kind::Field { of: Box::new(of), name: select.field, name_span })
            }
            CelExpr::List(list) => {
                let optional = !list.optional_indices.is_empty();
                let items: Vec<Ast> = list.elements.into_iter().map(|item| self.read(item)).collect();
                let end = items.last().map_or(token.end, |item| item.span.end);
                let span = token.start..self.closing(end, ']');
                if optional {
                    (span, Kind::Foreign("「?」付きの要素", "an element with '?'"))
                } else {
                    (span, Kind::List(items))
                }
            }
            CelExpr::Call(call) => return self.call(token, call.func_name, call.target, call.args),
            CelExpr::Map(_) | CelExpr::Struct(_) => (token, Kind::Foreign("{…} の値", "a value in braces")),
            CelExpr::Comprehension(_) | CelExpr::Unspecified => (token, Kind::Foreign("この書き方", "this construct")),
        };
        Ast { span, kind }
    }

    fn call(&mut self, token: Range<usize>, name: String, target: Option<Box<IdedExpr>>, args: Vec<IdedExpr>) -> Ast {
        let mut args: Vec<Ast> = args.into_iter().map(|arg| self.read(arg)).collect();
        if target.is_none()
            && let Some(kind) = read_operator(&name, &mut args)
        {
            return Ast { span: spanning(&token, &kind), kind };
        }
        let target = target.map(|target| Box::new(self.read(*target)));
        let name_span = self.before(token.start, &name).unwrap_or(token.clone());
        let start = target.as_ref().map_or(name_span.start, |target| target.span.start);
        let end = self.closing(args.last().map_or(token.end, |arg| arg.span.end), ')');
        Ast { span: start..end, kind: Kind::Call { target, name, name_span, args } }
    }

    /// The span of `name`, which stands after this place.
    fn after(&self, place: usize, name: &str) -> Option<Range<usize>> {
        let start = place + self.text.get(place..)?.find(name)?;
        Some(start..start + name.len())
    }

    /// The span of `name`, which stands before this place.
    fn before(&self, place: usize, name: &str) -> Option<Range<usize>> {
        let start = self.text.get(..place)?.rfind(name)?;
        Some(start..start + name.len())
    }

    /// One past the closing bracket that follows this place, or the place itself.
    fn closing(&self, place: usize, bracket: char) -> usize {
        let rest = self.text.get(place..).unwrap_or_default();
        match rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',').strip_prefix(bracket) {
            Some(after) => self.text.len() - after.len(),
            None => place,
        }
    }
}

fn read_literal(literal: LiteralValue) -> Kind {
    match literal {
        LiteralValue::Boolean(value) => Kind::Bool(*value.inner()),
        LiteralValue::Int(value) => Kind::Int(*value.inner()),
        LiteralValue::String(value) => Kind::Text(value.inner().to_owned()),
        LiteralValue::Null => Kind::Null,
        LiteralValue::Double(_) => Kind::Foreign("小数", "a fraction"),
        LiteralValue::UInt(_) => Kind::Foreign("「u」付きの数", "a number with 'u'"),
        LiteralValue::Bytes(_) => Kind::Foreign("バイト列", "a byte string"),
    }
}

/// An operator, which the parser gives as a call of a name such as `_&&_`.
fn read_operator(name: &str, args: &mut Vec<Ast>) -> Option<Kind> {
    let binary = match name {
        operators::LOGICAL_AND => Binary::And,
        operators::LOGICAL_OR => Binary::Or,
        operators::EQUALS => Binary::Equal,
        operators::NOT_EQUALS => Binary::NotEqual,
        operators::LESS => Binary::Less,
        operators::LESS_EQUALS => Binary::LessOrEqual,
        operators::GREATER => Binary::Greater,
        operators::GREATER_EQUALS => Binary::GreaterOrEqual,
        operators::ADD => Binary::Plus,
        operators::SUBSTRACT => Binary::Minus,
        operators::MULTIPLY => Binary::Times,
        operators::DIVIDE => Binary::Divide,
        operators::MODULO => Binary::Remainder,
        operators::IN => Binary::In,
        operators::LOGICAL_NOT => return Some(Kind::Not(Box::new(args.pop()?))),
        operators::NEGATE => return Some(Kind::Negate(Box::new(args.pop()?))),
        operators::CONDITIONAL => {
            let parts: [Ast; 3] = std::mem::take(args).try_into().ok()?;
            return Some(Kind::If(Box::new(parts)));
        }
        operators::INDEX | operators::OPT_INDEX => {
            return Some(Kind::Foreign("番号や名前による [ ]", "an index in [ ]"));
        }
        operators::OPT_SELECT => return Some(Kind::Foreign("「.?」", "'.?'")),
        _ => return None,
    };
    let sides: [Ast; 2] = std::mem::take(args).try_into().ok()?;
    Some(Kind::Binary(binary, Box::new(sides)))
}

/// From the first to the last byte of an operator and its operands.
fn spanning(token: &Range<usize>, kind: &Kind) -> Range<usize> {
    let parts: &[Ast] = match kind {
        Kind::Not(part) | Kind::Negate(part) => std::slice::from_ref(part),
        Kind::Binary(_, parts) => &**parts,
        Kind::If(parts) => &**parts,
        _ => &[],
    };
    let start = parts.iter().map(|part| part.span.start).fold(token.start, usize::min);
    let end = parts.iter().map(|part| part.span.end).fold(token.end, usize::max);
    start..end
}
