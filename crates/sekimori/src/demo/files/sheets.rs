//! Workbooks as offices make them: a form drawn on squared paper (方眼紙), and a survey of the state with macros.

use std::fmt::Write as _;

use super::macros;
use super::zip::{ascii, zip};

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const REL: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
/// Columns of the squared paper.
const SQUARES: u32 = 40;

/// A cell: reference, style, and what is in it.
enum Cell {
    Text(&'static str, u32, &'static str),
    Formula(&'static str, u32, &'static str, &'static str),
}

/// Text of the squared form, each over a range of merged squares: from, to, style, text.
const FORM: &[(&str, &str, u32, &str)] = &[
    ("A1", "AN2", 1, "公用車使用申請書（架空）"),
    ("A4", "F5", 2, "所属"),
    ("G4", "T5", 0, "市民部　市民課"),
    ("U4", "Z5", 2, "氏名"),
    ("AA4", "AN5", 0, "髙橋　架空"),
    ("A6", "F7", 2, "使用日"),
    ("G6", "T7", 0, "令和　年　月　日"),
    ("U6", "Z7", 2, "行き先"),
    ("AA6", "AN7", 0, "北支所"),
    ("A8", "F13", 2, "理由"),
    ("G8", "AN13", 0, "①書類の運搬　②打合せ"),
    ("A15", "F16", 2, "課長"),
    ("G15", "L16", 2, "係長"),
    ("M15", "R16", 2, "担当"),
    ("A17", "F20", 0, ""),
    ("G17", "L20", 0, ""),
    ("M17", "R20", 0, ""),
];

/// A form drawn on squared paper.
pub(super) fn squared() -> Vec<u8> {
    let merges: String = FORM.iter().map(|(from, to, ..)| format!("<mergeCell ref=\"{from}:{to}\"/>")).collect();
    let cells: Vec<Cell> = FORM.iter().map(|(from, _, style, text)| Cell::Text(from, *style, text)).collect();
    let columns = format!("<cols><col min=\"1\" max=\"{SQUARES}\" width=\"2.2\" customWidth=\"1\"/></cols>");
    let after = format!("<mergeCells count=\"{}\">{merges}</mergeCells>", FORM.len());
    workbook(&[("申請書", sheet(&columns, &cells, &after), false)], None)
}

const SURVEY: &[Cell] = &[
    Cell::Text("A1", 1, "自治体の情報セキュリティ対策に関する調査票（架空）"),
    Cell::Text("A2", 0, "団体名"),
    Cell::Text("B2", 0, "関守市（架空）"),
    Cell::Text("A4", 2, "設問"),
    Cell::Text("B4", 2, "回答（選択）"),
    Cell::Text("C4", 2, "件数"),
    Cell::Text("A5", 0, "問１　研修を行いましたか"),
    Cell::Text("B5", 0, "はい"),
    Cell::Formula("C5", 0, "1+1", "2"),
    Cell::Text("A6", 0, "問２　自己点検を行いましたか"),
    Cell::Text("B6", 0, "はい"),
    Cell::Formula("C6", 0, "C5*2", "4"),
    Cell::Text("A7", 0, "合計"),
    Cell::Formula("C7", 0, "SUM(C5:C6)", "6"),
];

const CODES: &[Cell] = &[Cell::Text("A1", 0, "はい"), Cell::Text("A2", 0, "いいえ"), Cell::Text("A3", 0, "該当なし")];

const SOURCE: &str = "Attribute VB_Name = \"Module1\"\r\n\
    Sub 回答を確かめる()\r\n    MsgBox \"架空の調査票です。このマクロは何もしません。\"\r\nEnd Sub\r\n";

/// A survey as the state sends it: choices from a hidden sheet, sums, and a macro.
pub(super) fn survey() -> Vec<u8> {
    let choices = "<dataValidations count=\"1\"><dataValidation type=\"list\" allowBlank=\"1\" sqref=\"B5:B6\">\
                   <formula1>符号!$A$1:$A$3</formula1></dataValidation></dataValidations>";
    let columns = "<cols><col min=\"1\" max=\"1\" width=\"46\" customWidth=\"1\"/><col min=\"2\" max=\"3\" width=\"18\" customWidth=\"1\"/></cols>";
    let sheets = [("調査票", sheet(columns, SURVEY, choices), false), ("符号", sheet("", CODES, ""), true)];
    workbook(&sheets, Some(macros::project(SOURCE)))
}

fn sheet(columns: &str, cells: &[Cell], after: &str) -> String {
    let row_of = |cell: &Cell| -> u32 {
        let (Cell::Text(at, ..) | Cell::Formula(at, ..)) = cell;
        at.trim_start_matches(|c: char| c.is_ascii_alphabetic()).parse().unwrap_or(1)
    };
    let mut rows = String::new();
    let mut open = 0;
    for cell in cells {
        if row_of(cell) != open {
            rows.push_str(if open == 0 { "" } else { "</row>" });
            open = row_of(cell);
            let _ = write!(rows, "<row r=\"{open}\">");
        }
        let _ = match cell {
            Cell::Text(at, style, text) => {
                write!(rows, "<c r=\"{at}\" s=\"{style}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
            }
            Cell::Formula(at, style, formula, value) => {
                write!(rows, "<c r=\"{at}\" s=\"{style}\"><f>{formula}</f><v>{value}</v></c>")
            }
        };
    }
    rows.push_str(if open == 0 { "" } else { "</row>" });
    format!("{DECLARATION}<worksheet xmlns=\"{MAIN}\">{columns}<sheetData>{rows}</sheetData>{after}</worksheet>")
}

/// Ordinary, title, heading; all with borders but the title.
const STYLES: &str = "<fonts count=\"2\"><font><sz val=\"10\"/><name val=\"ＭＳ ゴシック\"/></font>\
    <font><b/><sz val=\"14\"/><name val=\"ＭＳ ゴシック\"/></font></fonts>\
    <fills count=\"3\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill>\
    <fill><patternFill patternType=\"solid\"><fgColor rgb=\"FFE6E6E6\"/></patternFill></fill></fills>\
    <borders count=\"2\"><border/><border><left style=\"thin\"/><right style=\"thin\"/><top style=\"thin\"/><bottom style=\"thin\"/></border></borders>\
    <cellStyleXfs count=\"1\"><xf/></cellStyleXfs><cellXfs count=\"3\"><xf borderId=\"1\" applyBorder=\"1\"/>\
    <xf fontId=\"1\" applyFont=\"1\" applyAlignment=\"1\"><alignment horizontal=\"center\"/></xf>\
    <xf fillId=\"2\" borderId=\"1\" applyFill=\"1\" applyBorder=\"1\"/></cellXfs>";

fn workbook(sheets: &[(&str, String, bool)], project: Option<Vec<u8>>) -> Vec<u8> {
    let kind = if project.is_some() {
        "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    } else {
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    };
    let (mut types, mut names, mut links) = (String::new(), String::new(), String::new());
    for (number, (name, _, hidden)) in (1..).zip(sheets) {
        let _ = write!(
            types,
            "<Override PartName=\"/xl/worksheets/sheet{number}.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>"
        );
        let state = if *hidden { " state=\"hidden\"" } else { "" };
        let _ = write!(names, "<sheet name=\"{name}\" sheetId=\"{number}\"{state} r:id=\"rId{number}\"/>");
        let _ = write!(
            links,
            "<Relationship Id=\"rId{number}\" Type=\"{REL}/worksheet\" Target=\"worksheets/sheet{number}.xml\"/>"
        );
    }
    let _ = write!(links, "<Relationship Id=\"rIdStyles\" Type=\"{REL}/styles\" Target=\"styles.xml\"/>");
    if project.is_some() {
        types.push_str("<Default Extension=\"bin\" ContentType=\"application/vnd.ms-office.vbaProject\"/>");
        links.push_str("<Relationship Id=\"rIdMacros\" Type=\"http://schemas.microsoft.com/office/2006/relationships/vbaProject\" Target=\"vbaProject.bin\"/>");
    }
    let package = "http://schemas.openxmlformats.org/package/2006";
    let mut members = vec![
        ascii(
            "[Content_Types].xml",
            format!(
                "{DECLARATION}<Types xmlns=\"{package}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/>{types}<Override PartName=\"/xl/workbook.xml\" ContentType=\"{kind}\"/><Override PartName=\"/xl/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml\"/></Types>"
            ),
        ),
        ascii(
            "_rels/.rels",
            format!(
                "{DECLARATION}<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"rId1\" Type=\"{REL}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        ascii(
            "xl/workbook.xml",
            format!("{DECLARATION}<workbook xmlns=\"{MAIN}\" xmlns:r=\"{REL}\"><sheets>{names}</sheets></workbook>"),
        ),
        ascii(
            "xl/_rels/workbook.xml.rels",
            format!("{DECLARATION}<Relationships xmlns=\"{package}/relationships\">{links}</Relationships>"),
        ),
        ascii("xl/styles.xml", format!("{DECLARATION}<styleSheet xmlns=\"{MAIN}\">{STYLES}</styleSheet>")),
    ];
    for (number, (_, content, _)) in (1..).zip(sheets) {
        members.push(ascii(&format!("xl/worksheets/sheet{number}.xml"), content.clone()));
    }
    members.extend(project.map(|project| ascii("xl/vbaProject.bin", project)));
    zip(&members, None)
}
