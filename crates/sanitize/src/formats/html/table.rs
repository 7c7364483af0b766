//! Tables as text: a grid where it fits, rows with bars between the cells where it does not, and the cells one after the
//! other where a table only places things.

use super::model::{Element, Node};
use super::text::{Flow, Renderer, width};
use crate::work::Stop;

/// Columns of text that a grid may take.
const WIDTH: usize = 110;
/// Columns of a table that is written as a grid.
const COLUMNS: usize = 30;
/// Columns in which cells over several rows are followed.
const FOLLOWED: usize = 200;
/// Lines of a cell in a grid.
const LINES: usize = 8;

/// A cell: its lines, its first column, and over how many columns it goes.
struct Cell {
    lines: Vec<String>,
    column: usize,
    span: usize,
}

#[derive(Default)]
struct Row {
    cells: Vec<Cell>,
    head: bool,
}

/// Writes a table.
pub(super) fn table(renderer: &mut Renderer<'_, '_>, element: &Element, flow: &mut Flow) -> Result<(), Stop> {
    let (mut rows, mut below) = (Vec::new(), Vec::new());
    gather(renderer, &element.children, false, flow, &mut rows, &mut below)?;
    rows.retain(|row: &Row| row.cells.iter().any(|cell| !cell.lines.is_empty()));
    let places = nested(&element.children);
    let count = rows.iter().map(|row| row.cells.last().map_or(0, |cell| cell.column + cell.span)).max().unwrap_or(0);
    if !places && count <= COLUMNS {
        let used = used_columns(&rows, count);
        let widths = widths(&rows, &used);
        let several = used.iter().filter(|used| **used).count() > 1;
        let fits = widths.iter().sum::<usize>() + 3 * widths.len() <= WIDTH;
        if several && fits && rows.iter().all(|row| row.cells.iter().all(|cell| cell.lines.len() <= LINES)) {
            grid(&rows, &used, &widths, flow);
            return Ok(());
        }
    }
    for row in rows {
        let cells: Vec<&Cell> = row.cells.iter().filter(|cell| !cell.lines.is_empty()).collect();
        if cells.iter().all(|cell| cell.lines.len() == 1) {
            let texts: Vec<&str> = cells.iter().filter_map(|cell| cell.lines.first()).map(String::as_str).collect();
            flow.block(&[texts.join(" | ")], "", "");
        } else {
            for cell in cells {
                flow.block(&cell.lines, "", "");
            }
        }
    }
    Ok(())
}

/// Collects rows; what stands between them is written before the table. `below` counts for each column how many more rows
/// a cell above takes.
fn gather(
    renderer: &mut Renderer<'_, '_>,
    nodes: &[Node],
    head: bool,
    flow: &mut Flow,
    rows: &mut Vec<Row>,
    below: &mut Vec<usize>,
) -> Result<(), Stop> {
    for node in nodes {
        match node {
            Node::Element(part) if matches!(part.tag, "thead" | "tbody" | "tfoot") => {
                gather(renderer, &part.children, part.tag == "thead", flow, rows, below)?;
            }
            Node::Element(row) if row.tag == "tr" => rows.push(read_row(renderer, row, head, below)?),
            other => {
                let lines = renderer.lines(std::slice::from_ref(other))?;
                flow.block(&lines, "", "");
            }
        }
    }
    Ok(())
}

fn read_row(
    renderer: &mut Renderer<'_, '_>,
    element: &Element,
    head: bool,
    below: &mut Vec<usize>,
) -> Result<Row, Stop> {
    let mut row = Row { cells: Vec::new(), head };
    let (mut column, mut all_heads) = (0, true);
    for node in &element.children {
        let (children, span, over) = match node {
            Node::Element(cell) if matches!(cell.tag, "td" | "th") => {
                all_heads &= cell.tag == "th";
                let number = |name| cell.attribute(name).and_then(|value| value.parse::<usize>().ok()).unwrap_or(1);
                (cell.children.as_slice(), number("colspan").clamp(1, COLUMNS), number("rowspan").clamp(1, 1_000))
            }
            Node::Text(text) if text.trim().is_empty() => continue,
            other => (std::slice::from_ref(other), 1, 1),
        };
        while let Some(rows) = below.get_mut(column).filter(|rows| **rows > 0) {
            *rows -= 1;
            column += 1;
        }
        row.cells.push(Cell { lines: renderer.lines(children)?, column, span });
        for at in (column..column + span).take_while(|at| *at < FOLLOWED) {
            if below.len() <= at {
                below.resize(at + 1, 0);
            }
            if let Some(rows) = below.get_mut(at) {
                *rows = over - 1;
            }
        }
        column += span;
    }
    for rows in below.iter_mut().skip(column) {
        *rows = rows.saturating_sub(1);
    }
    row.head |= all_heads && !row.cells.is_empty();
    Ok(row)
}

/// Whether there are tables in its cells: then it places things.
fn nested(nodes: &[Node]) -> bool {
    nodes.iter().any(|node| match node {
        Node::Element(element) => element.tag == "table" || nested(&element.children),
        _ => false,
    })
}

/// Columns in which anything stands.
fn used_columns(rows: &[Row], count: usize) -> Vec<bool> {
    let mut used = vec![false; count];
    for cell in rows.iter().flat_map(|row| &row.cells).filter(|cell| !cell.lines.is_empty()) {
        if let Some(used) = used.get_mut(cell.column) {
            *used = true;
        }
    }
    used
}

/// The width of each column: of its widest cell, cells over several columns apart.
fn widths(rows: &[Row], used: &[bool]) -> Vec<usize> {
    let mut widths = vec![0; used.len()];
    for cell in rows.iter().flat_map(|row| &row.cells).filter(|cell| cell.span == 1) {
        let widest = cell.lines.iter().map(|line| width(line)).max().unwrap_or(0);
        if let Some(known) = widths.get_mut(cell.column) {
            *known = widest.max(*known);
        }
    }
    widths
}

fn grid(rows: &[Row], used: &[bool], widths: &[usize], flow: &mut Flow) {
    let shown: Vec<usize> = (0..used.len()).filter(|at| used.get(*at).copied().unwrap_or(false)).collect();
    let width_at = |at: usize| widths.get(at).copied().unwrap_or(0);
    let rule: Vec<String> = shown.iter().map(|at| "-".repeat(width_at(*at))).collect();
    for (at, row) in rows.iter().enumerate() {
        let height = row.cells.iter().map(|cell| cell.lines.len()).max().unwrap_or(0);
        for line in 0..height {
            let mut out = String::new();
            let mut columns = shown.iter().copied().peekable();
            while let Some(column) = columns.next() {
                let cell = row.cells.iter().find(|cell| (cell.column..cell.column + cell.span).contains(&column));
                let mut room = width_at(column);
                while columns.peek().is_some_and(|next| cell.is_some_and(|cell| *next < cell.column + cell.span)) {
                    room += 3 + columns.next().map_or(0, width_at);
                }
                let text = cell.and_then(|cell| cell.lines.get(line)).map_or("", String::as_str);
                if column != shown.first().copied().unwrap_or(column) {
                    out.push_str(" | ");
                }
                out.push_str(text);
                out.push_str(&" ".repeat(room.saturating_sub(width(text))));
            }
            flow.block(&[out.trim_end().to_owned()], "", "");
        }
        let last_of_head = row.head && rows.get(at + 1).is_some_and(|next| !next.head);
        if last_of_head {
            flow.block(&[rule.join("-+-")], "", "");
        }
    }
}
