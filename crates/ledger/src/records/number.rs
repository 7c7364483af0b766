//! 文書番号: counted per register and fiscal year, without gaps, in the transaction that creates the record.

use pack::model::Register;

use crate::store::Sql;
use crate::{Day, Operation, Result};

/// The fiscal year's Japanese name, without 年度: the era of its first day, except that the year in which 令和 began is
/// called by the new era from the day it began (令和元年度).
pub(super) fn wareki_year(day: Day) -> String {
    let year = day.fiscal_year();
    let reiwa = Day::from_date(2019, 5, 1).unwrap_or(Day::FIRST);
    let (era, first) = match year {
        2020.. => ("令和", 2019),
        2019 if day >= reiwa => ("令和", 2019),
        1989.. => ("平成", 1989),
        _ => return year.to_string(),
    };
    if year == first { format!("{era}元") } else { format!("{era}{}", year - first + 1) }
}

/// The next number of a register: fiscal year, sequence, text. A template that names no year counts through all years.
pub(super) async fn next(op: &mut Operation, register: &Register) -> Result<(i64, i64, String)> {
    let today = op.today();
    let year = i64::from(today.fiscal_year());
    let yearly = register.number.contains("{wareki}") || register.number.contains("{fiscal_year}");
    let counted = if yearly { year } else { 0 };
    let counter = || [(&register.id).into(), counted.into()];
    let next = "UPDATE number_counter SET seq = seq + 1 WHERE register = $1 AND year = $2";
    if op.write_unjournaled(Sql::new(next, counter())).await? == 0 {
        let first = "INSERT INTO number_counter (register, year, seq) VALUES ($1, $2, 1) \
                     ON CONFLICT (register, year) DO UPDATE SET seq = number_counter.seq + 1";
        op.write_unjournaled(Sql::new(first, counter())).await?;
    }
    // The row is locked by now. SQLite would make a table in memory for `RETURNING`, which costs more than this question.
    let now = "SELECT seq FROM number_counter WHERE register = $1 AND year = $2";
    let seq = op.row(Sql::new(now, counter())).await?.int(0)?;
    let number = register
        .number
        .replace("{wareki}", &wareki_year(today))
        .replace("{fiscal_year}", &year.to_string())
        .replace("{seq}", &seq.to_string());
    Ok((year, seq, number))
}

/// Fiscal year and sequence of a number that a record had elsewhere; the register counts on from it. One that does not follow
/// the template stands before all others of the year.
pub(super) async fn take_over(op: &mut Operation, register: &Register, number: &str) -> Result<(i64, i64)> {
    let today = i64::from(op.today().fiscal_year());
    let Some((year, seq)) = parse(&register.number, number) else { return Ok((today, 0)) };
    let sql = Sql::new(
        "INSERT INTO number_counter (register, year, seq) VALUES ($1, $2, $3) ON CONFLICT (register, year) \
         DO UPDATE SET seq = CASE WHEN number_counter.seq < $3 THEN $3 ELSE number_counter.seq END",
        [(&register.id).into(), year.unwrap_or(0).into(), seq.into()],
    );
    op.write_unjournaled(sql).await?;
    Ok((year.unwrap_or(today), seq))
}

/// Fiscal year, where the template names one, and sequence of a number that follows a template.
fn parse(template: &str, number: &str) -> Option<(Option<i64>, i64)> {
    let (mut template, mut number, mut year, mut seq) = (template, number, None, None);
    while !template.is_empty() {
        if let Some(rest) = template.strip_prefix("{wareki}") {
            let (before, era) =
                ["令和", "平成"].into_iter().zip([2018, 1988]).find(|(era, _)| number.starts_with(era))?;
            number = number.strip_prefix(before)?;
            let (count, left) = match number.strip_prefix('元') {
                Some(left) => (1, left),
                None => digits(number)?,
            };
            (template, number, year) = (rest, left, Some(era + count));
        } else if let Some(rest) = template.strip_prefix("{fiscal_year}") {
            let (value, left) = digits(number)?;
            (template, number, year) = (rest, left, Some(value));
        } else if let Some(rest) = template.strip_prefix("{seq}") {
            let (value, left) = digits(number)?;
            (template, number, seq) = (rest, left, Some(value));
        } else {
            let c = template.chars().next()?;
            (template, number) = (template.strip_prefix(c)?, number.strip_prefix(c)?);
        }
    }
    number.is_empty().then_some((year, seq?))
}

fn digits(text: &str) -> Option<(i64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    (digits.len() <= 9).then_some((digits.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_a_template_are_understood() {
        let template = "{wareki}年度持出第{seq}号";
        assert_eq!(parse(template, "令和8年度持出第12号"), Some((Some(2026), 12)));
        assert_eq!(parse(template, "令和元年度持出第1号"), Some((Some(2019), 1)));
        assert_eq!(parse(template, "令和8年度持出第号"), None);
        assert_eq!(parse("A-{seq}", "A-007"), Some((None, 7)));
        assert_eq!(parse("{fiscal_year}-{seq}", "2026-3x"), None);
    }

    #[test]
    fn fiscal_years_have_their_japanese_names() {
        let name = |day: &str| wareki_year(day.parse().unwrap());
        assert_eq!(name("2026-11-22"), "令和8");
        assert_eq!(name("2027-03-31"), "令和8");
        assert_eq!(name("2020-03-31"), "令和元");
        assert_eq!(name("2019-04-30"), "平成31");
        assert_eq!(name("1989-04-01"), "平成元");
    }
}
