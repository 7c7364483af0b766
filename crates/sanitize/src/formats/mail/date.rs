//! Dates (RFC 5322, section 3.3, and the obsolete forms of section 4.3).

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/// The date written in the one way in which we write dates, when it is one.
pub(super) fn canonical(text: &str) -> Option<String> {
    let text = text.split('(').next()?.replace(',', " ");
    let mut words = text.split_whitespace().peekable();
    words.next_if(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()));
    let day: u32 = words.next()?.parse().ok().filter(|day| (1..=31).contains(day))?;
    let month = words.next()?;
    let month = MONTHS.iter().position(|name| month.get(..3).is_some_and(|m| m.eq_ignore_ascii_case(name)))?;
    let year = words.next()?;
    let year: u32 = match (year.len(), year.parse().ok()?) {
        (2, year) if year < 50 => 2000 + year,
        (2 | 3, year) => 1900 + year,
        (4, year) => year,
        _ => return None,
    };
    let time: Vec<u32> = words.next()?.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let (hour, minute, second) = match time.as_slice() {
        [hour, minute] => (*hour, *minute, 0),
        [hour, minute, second] => (*hour, *minute, *second),
        _ => return None,
    };
    let zone = zone(words.next().unwrap_or("-0000"))?;
    let right = (1900..=9999).contains(&year) && hour < 24 && minute < 60 && second <= 60 && words.next().is_none();
    let weekday = DAYS.get(weekday(year, u32::try_from(month).ok()? + 1, day))?;
    let month = MONTHS.get(month)?;
    right.then(|| format!("{weekday}, {day:02} {month} {year} {hour:02}:{minute:02}:{second:02} {zone}"))
}

fn zone(word: &str) -> Option<String> {
    let numbers = word.strip_prefix(['+', '-']).is_some_and(|n| n.len() == 4 && n.bytes().all(|b| b.is_ascii_digit()));
    if numbers {
        return Some(word.to_owned());
    }
    let named = match word.to_ascii_uppercase().as_str() {
        "UT" | "UTC" | "GMT" | "Z" => "+0000",
        "JST" => "+0900",
        "EST" | "CDT" => "-0500",
        "EDT" => "-0400",
        "CST" | "MDT" => "-0600",
        "MST" | "PDT" => "-0700",
        "PST" => "-0800",
        name if name.bytes().all(|b| b.is_ascii_alphabetic()) && name.len() <= 5 => "-0000",
        _ => return None,
    };
    Some(named.to_owned())
}

/// Sakamoto's way: 0 is Sunday.
fn weekday(year: u32, month: u32, day: u32) -> usize {
    const SHIFT: [u32; 12] = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
    let year = if month < 3 { year - 1 } else { year };
    let shift = SHIFT.get(month.saturating_sub(1) as usize).copied().unwrap_or(0);
    ((year + year / 4 - year / 100 + year / 400 + shift + day) % 7) as usize
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn dates_are_written_in_one_way() {
        for (text, date) in [
            ("Mon, 30 Nov 2026 17:14:50 +0900 (JST)", "Mon, 30 Nov 2026 17:14:50 +0900"),
            ("1 jan 26 1:02 JST", "Thu, 01 Jan 2026 01:02:00 +0900"),
            ("Sun, 29 Feb 2032 00:00:00 GMT", "Sun, 29 Feb 2032 00:00:00 +0000"),
        ] {
            assert_eq!(canonical(text).as_deref(), Some(date));
            assert_eq!(canonical(date).as_deref(), Some(date));
        }
        for wrong in ["", "昨日", "32 Jan 2026 00:00 +0900", "1 Jan 2026 25:00 +0900", "1 Jan 2026 00:00 +0900 x"] {
            assert_eq!(canonical(wrong), None, "{wrong}");
        }
    }
}
