//! Days as people write them in tables: ISO, with slashes, 和暦, eight digits, or a spreadsheet's count.

use ledger::Day;

/// The eras by name and letter, each with the year before its first.
const ERAS: &[(&str, &str, i32)] =
    &[("令和", "R", 2018), ("平成", "H", 1988), ("昭和", "S", 1925), ("大正", "T", 1911), ("明治", "M", 1867)];
/// Days from a spreadsheet's beginning to 1970-01-01, right from 1900-03-01 on.
const EPOCH: i64 = 25_569;
/// A spreadsheet's count of 1900-03-01 and of 9999-12-31.
const SERIALS: std::ops::RangeInclusive<i64> = 61..=2_958_465;

/// Reads a day; the text is in NFKC already.
pub(crate) fn parse(text: &str) -> Option<Day> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if let Ok(number) = text.parse::<i64>() {
        return from_number(number);
    }
    let (base, rest) = ERAS
        .iter()
        .find_map(|(name, letter, base)| {
            let rest = text
                .strip_prefix(name)
                .or_else(|| text.strip_prefix(letter))
                .or_else(|| text.strip_prefix(&letter.to_ascii_lowercase()))?;
            Some((*base, rest))
        })
        .unwrap_or((0, &text));
    let rest = if base > 0 { rest.replacen('元', "1", 1) } else { rest.to_owned() };
    let rest = rest.strip_suffix('日').unwrap_or(&rest).replace(['年', '月', '/', '.'], "-");
    let parts: Vec<&str> = rest.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return None };
    let small = |part: &str| part.parse::<u32>().ok().filter(|_| part.len() <= 2);
    let year = year.parse::<i32>().ok().filter(|year| base > 0 || *year >= 1000)?;
    Day::from_date(base + year, small(month)?, small(day)?)
}

/// Reads a count of days, or a date as eight digits.
pub(crate) fn from_number(number: i64) -> Option<Day> {
    if SERIALS.contains(&number) {
        return Day::new(i32::try_from(number - EPOCH).ok()?);
    }
    if !(10_000_101..=99_991_231).contains(&number) {
        return None;
    }
    let part = |value: i64| u32::try_from(value).ok();
    Day::from_date(i32::try_from(number / 10_000).ok()?, part(number / 100 % 100)?, part(number % 100)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_however_an_office_writes_it() {
        for text in [
            "2026-11-23",
            "2026/11/23",
            "2026.11.23",
            "2026年11月23日",
            "令和8年11月23日",
            "R8.11.23",
            "r8/11/23",
            "20261123",
            "46349",
            "令和 8 年 11 月 23 日",
        ] {
            assert_eq!(parse(text).map(|day| day.to_string()).as_deref(), Some("2026-11-23"), "{text}");
        }
        assert_eq!(parse("平成31年4月30日").unwrap().to_string(), "2019-04-30");
        assert_eq!(parse("令和元年5月1日").unwrap().to_string(), "2019-05-01");
        for text in ["", "8", "26-11-23", "2026-13-01", "2026-02-30", "令和8年", "11/23", "2026-11-23-1"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
