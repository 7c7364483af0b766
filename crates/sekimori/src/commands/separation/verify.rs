//! `sekimori separation verify`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::SystemTime;

use separation::judge::{Settings, judge};
use separation::report;

use super::{configurations, language};
use crate::lang::Lang;

/// Flags of `separation verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: sekimori separation verify --claims claims.toml --config fw1.nft\n\n\
Exit code 0: every claim holds; 3: some are broken; 4: some are unknown and none is broken; 1: something could not be read.\n\
Several --config without --network are one device's files (rules, IPv6 rules, sets, routes).")]
pub(crate) struct Args {
    /// Zones and the only flows that may cross between them.
    #[arg(long, value_name = "FILE")]
    claims: PathBuf,
    /// A device's configuration; may be repeated.
    #[arg(long, value_name = "FILE", required_unless_present = "network", num_args = 1..)]
    config: Vec<PathBuf>,
    /// Devices and how they are connected.
    #[arg(long, value_name = "FILE")]
    network: Option<PathBuf>,
    /// The access list to judge, when the file has several and binds none.
    #[arg(long, value_name = "NAME")]
    acl: Option<String>,
    /// The day to judge, such as 2026-11-22; today without it.
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Forms of the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For a terminal
    Text,
    /// For programs
    Json,
    /// A sheet that prints
    Html,
}

/// Judges and prints.
pub(super) fn run(args: &Args, lang: Lang) -> Result<ExitCode, String> {
    let on = chosen_day(args.on.as_deref(), lang)?;
    let claims = configurations::claims(&args.claims, lang)?;
    let network = configurations::network(&args.config, args.network.as_deref(), args.acl.as_deref(), &claims, lang)?;
    let judgement = judge(&network, &claims, Settings { on });
    match args.format {
        Format::Text => print!("{}", report::text(&judgement, language(lang))),
        Format::Html => {
            print!("{}", report::html(&judgement, &format!("{:04}-{:02}-{:02}", on.0, on.1, on.2), language(lang)))
        }
        Format::Json => println!("{}", serde_json::to_string_pretty(&judgement).map_err(|error| error.to_string())?),
    }
    Ok(ExitCode::from(judgement.exit_code()))
}

/// The day of `--on`, or today.
pub(super) fn chosen_day(on: Option<&str>, lang: Lang) -> Result<(i32, u8, u8), String> {
    let Some(text) = on else { return Ok(today()) };
    day(text).ok_or_else(|| match lang {
        Lang::Ja => format!("--on「{text}」は日付ではありません。2026-11-22 のように書いてください。"),
        Lang::En => format!("--on \"{text}\" is no date: write it like 2026-11-22."),
    })
}

/// `2026-11-22`.
fn day(text: &str) -> Option<(i32, u8, u8)> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    (parts.next().is_none() && (1..=12).contains(&month) && (1..=31).contains(&day)).then_some((year, month, day))
}

/// The municipal day (Asia/Tokyo, UTC+9, without summer time).
#[expect(clippy::disallowed_methods, reason = "the binary reads the clock once per operation, here")]
fn today() -> (i32, u8, u8) {
    let seconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let days = i64::try_from((seconds + 9 * 3600) / 86_400).unwrap_or(0);
    // Civil date from days since 1970-01-01 (Howard Hinnant's algorithm).
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_shifted + 2) / 5 + 1;
    let month = if month_shifted < 10 { month_shifted + 3 } else { month_shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (i32::try_from(year).unwrap_or(0), u8::try_from(month).unwrap_or(1), u8::try_from(day).unwrap_or(1))
}

/// The help in Japanese.
pub(super) fn in_japanese(command: clap::Command) -> clap::Command {
    command
        .about("台帳の通信だけが領域の境界を越えることを、機器の設定から検証する")
        .mut_arg("claims", |arg| arg.help("領域と、境界を越えてよい通信"))
        .mut_arg("config", |arg| arg.help("機器の設定（複数可。規則、IPv6の規則、セット、経路など）"))
        .mut_arg("network", |arg| arg.help("機器とそのつながり"))
        .mut_arg("acl", |arg| arg.help("どのインターフェースにも適用されていないACLが複数あるとき、検証するもの"))
        .mut_arg("on", |arg| arg.help("基準日（2026-11-22 など。指定がなければ今日）"))
        .mut_arg("format", |arg| arg.help("出力の形式"))
        .after_help(
            "例: sekimori separation verify --claims claims.toml --config fw1.nft\n\n\
             終了コード 0: すべて成立 3: 違反あり 4: 違反はないが不明あり 1: 読めないものがある\n\
             --network なしで複数の --config を指定すると、一台の機器の設定とみなします。",
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_and_wrong_ones_refused() {
        assert_eq!(day("2027-03-31"), Some((2027, 3, 31)));
        for wrong in ["2027-13-01", "2027-03", "today", "2027-03-31-1", ""] {
            assert_eq!(day(wrong), None, "{wrong}");
        }
        assert!(today() >= (2026, 1, 1));
    }
}
