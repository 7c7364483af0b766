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
    let sql = Sql::new(
        "INSERT INTO number_counter (register, year, seq) VALUES ($1, $2, 1) \
         ON CONFLICT (register, year) DO UPDATE SET seq = number_counter.seq + 1 RETURNING seq",
        [(&register.id).into(), counted.into()],
    );
    let seq = op.row(sql).await?.int(0)?;
    let number = register
        .number
        .replace("{wareki}", &wareki_year(today))
        .replace("{fiscal_year}", &year.to_string())
        .replace("{seq}", &seq.to_string());
    Ok((year, seq, number))
}

#[cfg(test)]
mod tests {
    use super::*;

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
