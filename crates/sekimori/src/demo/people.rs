//! The people of 関守市（架空）: all plainly made up, the same in every run.

use super::chance::Chance;
use super::roles::least_staff;
use super::units::{self, Level, Unit};

/// A made-up person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    /// 職員番号, stable from run to run.
    pub(crate) number: String,
    /// Name as written, with variant characters and one 外字.
    pub(crate) name: String,
    /// The name's reading.
    pub(crate) kana: String,
    /// 代替文字 where the name has a character of the private use area.
    pub(crate) substitute: Option<String>,
    /// Sign-in name.
    pub(crate) login: String,
    /// 職員区分 of the pack.
    pub(crate) category: &'static str,
    /// Code of the unit.
    pub(crate) unit: &'static str,
    /// Place in the unit: 0 is its head.
    pub(crate) place: usize,
    /// On childcare leave, re-employed until 31 March, or in two posts, where the story says so.
    pub(crate) note: Option<&'static str>,
}

const FAMILY: &[(&str, &str)] = &[
    ("関川", "せきがわ"),
    ("守屋", "もりや"),
    ("髙橋", "たかはし"),
    ("高橋", "たかはし"),
    ("﨑山", "さきやま"),
    ("崎山", "さきやま"),
    ("渡邉", "わたなべ"),
    ("渡邊", "わたなべ"),
    ("渡辺", "わたなべ"),
    ("辻", "つじ"),
    ("齋藤", "さいとう"),
    ("斉藤", "さいとう"),
    ("浜野", "はまの"),
    ("濵田", "はまだ"),
    ("吉岡", "よしおか"),
    ("小湊", "こみなと"),
    ("長浦", "ながうら"),
    ("神納", "かんのう"),
    ("横手", "よこて"),
    ("蔵波", "くらなみ"),
    ("飯富", "いいとみ"),
    ("下新田", "しもにった"),
    ("三箇", "さんが"),
    ("川原井", "かわはらい"),
    ("林", "はやし"),
    ("大曽根", "おおそね"),
    ("永地", "えいち"),
    ("勝", "かつ"),
    ("野里", "のざと"),
    ("百目木", "どうめき"),
    ("上泉", "かみいずみ"),
    ("高谷", "たかや"),
    ("谷中", "やなか"),
    ("滝の口", "たきのくち"),
    ("打越", "うちこし"),
    ("玉野", "たまの"),
    ("岩井", "いわい"),
    ("代宿", "だいじゅく"),
    ("久保田", "くぼた"),
    ("真里谷", "まりやつ"),
];

const GIVEN: &[(&str, &str)] = &[
    ("隆", "たかし"),
    ("由美子", "ゆみこ"),
    ("健太", "けんた"),
    ("美咲", "みさき"),
    ("浩一", "こういち"),
    ("恵", "めぐみ"),
    ("大輔", "だいすけ"),
    ("彩", "あや"),
    ("誠", "まこと"),
    ("久美", "くみ"),
    ("翔", "しょう"),
    ("直樹", "なおき"),
    ("千尋", "ちひろ"),
    ("和也", "かずや"),
    ("陽子", "ようこ"),
    ("拓海", "たくみ"),
    ("典子", "のりこ"),
    ("修", "おさむ"),
    ("さくら", "さくら"),
    ("亮", "りょう"),
    ("真由美", "まゆみ"),
    ("茂", "しげる"),
    ("葵", "あおい"),
    ("剛", "つよし"),
    ("麻衣", "まい"),
    ("悟", "さとる"),
    ("智子", "ともこ"),
    ("徹", "とおる"),
    ("七海", "ななみ"),
    ("幸雄", "ゆきお"),
];

/// A family name whose second character is a 外字 of the city, in the private use area, with its substitute.
const EUDC: (&str, &str, &str) = ("渡\u{E000}", "わたなべ", "渡辺");

/// Everyone: regular staff and 会計年度任用職員 of every unit, scaled to `total` people (none: 1,030).
pub(crate) fn all(total: Option<usize>) -> Vec<Person> {
    let units = units::all();
    let natural: usize = units.iter().map(|unit| unit.staff + unit.part_time).sum();
    let total = total.unwrap_or(natural).max(1);
    let mut people = Vec::with_capacity(total);
    for unit in units.iter().filter(|unit| unit.level != Level::Body) {
        let staff = scaled(unit.staff, total, natural).max(usize::from(unit.staff > 0)).max(least_staff(unit.code));
        let part_time = scaled(unit.part_time, total, natural);
        for place in 0..staff {
            people.push(person(unit, place, "full_time"));
        }
        for place in 0..part_time {
            people.push(person(unit, staff + place, "fiscal_year"));
        }
    }
    plant(&mut people);
    people
}

fn scaled(count: usize, total: usize, natural: usize) -> usize {
    (count * total + natural / 2) / natural.max(1)
}

fn person(unit: &Unit, place: usize, category: &'static str) -> Person {
    let number = format!("{}{place:04}", unit.code);
    let mut chance = Chance::named(&number);
    let family = FAMILY[chance.below(FAMILY.len())];
    let given = GIVEN[chance.below(GIVEN.len())];
    Person {
        name: format!("{} {}", family.0, given.0),
        kana: format!("{} {}", family.1, given.1),
        substitute: None,
        login: format!("s{number}"),
        number,
        category,
        unit: unit.code,
        place,
        note: None,
    }
}

/// What the story needs: two people of the same name, one 外字, people on leave, re-employed, in two posts.
fn plant(people: &mut [Person]) {
    let mut set = |unit: &str, place: usize, change: &dyn Fn(&mut Person)| {
        if let Some(person) = people.iter_mut().find(|person| person.unit == unit && person.place == place) {
            change(person);
        }
    };
    let same_name = |person: &mut Person| {
        "関川 美咲".clone_into(&mut person.name);
        "せきがわ みさき".clone_into(&mut person.kana);
    };
    set("0301", 3, &same_name);
    set("0401", 4, &same_name);
    set("0302", 2, &|person| {
        person.name = format!("{} 茂", EUDC.0);
        person.kana = format!("{} しげる", EUDC.1);
        person.substitute = Some(format!("{} 茂", EUDC.2));
    });
    set("0501", 5, &|person| person.note = Some("育児休業中"));
    set("0802", 6, &|person| person.note = Some("再任用"));
    set("1201", 1, &|person| person.note = Some("総務課を併任"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_same_people_live_there_in_every_run_and_nobody_shares_a_number() {
        let people = all(None);
        assert_eq!(people, all(None));
        let numbers: BTreeSet<_> = people.iter().map(|person| &person.number).collect();
        assert_eq!(numbers.len(), people.len());
        assert_eq!(people.len(), 1030);
    }

    #[test]
    fn the_city_scales_and_every_unit_keeps_a_head() {
        for total in [60, 5000] {
            let people = all(Some(total));
            assert!(people.len().abs_diff(total) < 100, "{} for {total}", people.len());
            let heads = people.iter().filter(|person| person.place == 0).count();
            assert_eq!(heads, units::all().iter().filter(|unit| unit.staff > 0).count());
        }
    }

    #[test]
    fn two_people_have_the_same_name_and_one_has_a_private_character_with_a_substitute() {
        let people = all(None);
        assert!(people.iter().filter(|person| person.name == "関川 美咲").count() >= 2);
        let private = people.iter().find(|person| person.substitute.is_some()).unwrap();
        assert!(private.name.contains('\u{E000}'));
    }
}
