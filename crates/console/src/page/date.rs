//! Days and moments in words: 和暦 in Japanese, ISO 8601 in English.

use ledger::Moment;
use pack::expr::Day;

use super::lang::Lang;

/// Days of the week from Monday.
const WEEKDAYS: [(&str, &str); 7] =
    [("月", "Mon"), ("火", "Tue"), ("水", "Wed"), ("木", "Thu"), ("金", "Fri"), ("土", "Sat"), ("日", "Sun")];

/// A day that an address names, which has come already; what is wrong with it otherwise.
pub(crate) fn past(lang: Lang, text: &str, today: Day) -> Result<Day, String> {
    match text.parse::<Day>() {
        Ok(day) if day <= today => Ok(day),
        Ok(_) => Err(lang
            .t(
                "まだ来ていない日の状態は表示できません。今日までの日を選んでください。",
                "There is nothing to show of a day to come. Choose a day up to today.",
            )
            .to_owned()),
        Err(_) => Err(match lang {
            Lang::Ja => format!("「{text}」は日付として読めません。2026-04-01 のように入力してください。"),
            Lang::En => format!("'{text}' is no date. Write it as 2026-04-01."),
        }),
    }
}

/// 令和8年11月22日; 2026-11-22.
pub(crate) fn long(lang: Lang, day: Day) -> String {
    match lang {
        Lang::Ja => day.wareki(),
        Lang::En => day.to_string(),
    }
}

/// 令和8年11月22日（日）.
pub(crate) fn long_with_weekday(lang: Lang, day: Day) -> String {
    let (ja, en) = usize::try_from(day.weekday()).ok().and_then(|at| WEEKDAYS.get(at)).copied().unwrap_or_default();
    match lang {
        Lang::Ja => format!("{}（{ja}）", day.wareki()),
        Lang::En => format!("{day} ({en})"),
    }
}

/// 11月22日 when it is of this year, else the long form.
pub(crate) fn short(lang: Lang, day: Day, today: Day) -> String {
    let (year, month, date) = day.date();
    match lang {
        Lang::Ja if year == today.date().0 => format!("{month}月{date}日"),
        _ => long(lang, day),
    }
}

/// 8.11.22, as it stands in a 押印欄.
pub(crate) fn seal(lang: Lang, day: Day) -> String {
    let (_, month, date) = day.date();
    match lang {
        // The era's name has two characters; then come its year and 年.
        Lang::Ja => {
            let year: String = day.wareki().chars().skip(2).take_while(|c| *c != '年').collect();
            format!("{year}.{month}.{date}")
        }
        Lang::En => day.to_string(),
    }
}

/// 11月22日 17:05.
pub(crate) fn moment(lang: Lang, at: Moment, today: Day) -> String {
    let (hour, minute, _) = at.time_of_day();
    format!("{} {hour:02}:{minute:02}", short(lang, at.day(), today))
}

/// 1,284.
pub(crate) fn thousands(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        out.push('−');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_offices_write_them() {
        let day = |y, m, d| Day::from_date(y, m, d).unwrap();
        let today = day(2026, 11, 22);
        assert_eq!(long_with_weekday(Lang::Ja, today), "令和8年11月22日（日）");
        assert_eq!(short(Lang::Ja, day(2026, 4, 1), today), "4月1日");
        assert_eq!(short(Lang::Ja, day(2025, 4, 1), today), "令和7年4月1日");
        assert_eq!(seal(Lang::Ja, day(2026, 11, 18)), "8.11.18");
        assert_eq!(long(Lang::En, today), "2026-11-22");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(1_284), "1,284");
        assert_eq!(thousands(-1_234_567), "−1,234,567");
    }
}
