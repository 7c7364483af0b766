//! 1 April in 関守市（架空）: 180 people move to other sections, as the personnel system's file says.

use std::collections::BTreeSet;

use exchange::import_people;
use ledger::people::{AFFILIATION, absences, posts};
use ledger::permission::{Office, office, own};
use ledger::{Error, Id, Result};
use tables::{Cell, Row, Table};

use super::chance::Chance;
use super::city::City;
use super::people::Person;
use super::units::{self, Level};

/// How many of 1,030 people move.
const MOVES: usize = 180;

/// Who moves where: from what the personnel system exported, everybody comes from the section in which they were before.
///
/// The people of the city are listed where they are today; whoever is chosen here worked elsewhere until 31 March.
pub(crate) struct Moves {
    /// 職員番号 and the code of the section before.
    before: Vec<(String, &'static str)>,
}

impl Moves {
    /// Chooses among the people who hold no post: heads and the story's own people stay where they are.
    pub(crate) fn choose(people: &[Person]) -> Self {
        let sections: Vec<&'static str> = units::all()
            .into_iter()
            .filter(|unit| unit.level == Level::Section && unit.body == "mayor")
            .map(|unit| unit.code)
            .collect();
        let mut chance = Chance::named("april");
        let movable: Vec<&Person> = people
            .iter()
            .filter(|person| person.category == "full_time" && person.place >= 4 && sections.contains(&person.unit))
            .filter(|person| !(person.unit == "0105" && person.place <= 6) && person.note.is_none())
            .collect();
        let wanted = (MOVES * people.len()).div_ceil(1030).min(MOVES).min(movable.len());
        let mut chosen = BTreeSet::new();
        while chosen.len() < wanted {
            chosen.insert(chance.below(movable.len()));
        }
        let before = chosen.into_iter().filter_map(|index| movable.get(index)).map(|person| {
            let mut from = person.unit;
            while from == person.unit {
                from = sections.get(chance.below(sections.len())).copied().unwrap_or("0101");
                if sections.len() < 2 {
                    break;
                }
            }
            (person.number.clone(), from)
        });
        Self { before: before.collect() }
    }

    /// The section in which a person was until 31 March; none for those who stayed.
    pub(crate) fn before(&self, number: &str) -> Option<&'static str> {
        self.before.iter().find(|(known, _)| known == number).map(|(_, unit)| *unit)
    }
}

/// Takes the personnel system's file in, eleven days before 1 April, by the door that 人事 uses.
pub(crate) async fn moves(city: &mut City, moves: &Moves) -> Result<()> {
    let first = city.fiscal_start(0);
    let heading = ["職員番号", "氏名", "代替文字", "フリガナ", "メール", "職員区分", "所属コード"];
    let mut rows: Vec<Vec<String>> = vec![heading.iter().map(|cell| (*cell).to_owned()).collect()];
    for (person, _) in city.people.iter().filter(|(person, _)| moves.before(&person.number).is_some()) {
        rows.push(vec![
            person.number.clone(),
            person.name.clone(),
            person.substitute.clone().unwrap_or_default(),
            person.kana.clone(),
            format!("{}@sekimori.invalid", person.login),
            person.category.to_owned(),
            person.unit.to_owned(),
        ]);
    }
    let row = |(number, cells): (u32, Vec<String>)| Row { number, cells: cells.into_iter().map(Cell::Text).collect() };
    let table = Table { rows: (1_u32..).zip(rows).map(row).collect(), marked: false };
    let mut op = city.setup(city.at(city.days_since(first) + 11, 0)).await?;
    let done = import_people(&mut op, &city.pack, None, first, &table).await?;
    if let Some(refusal) = done.report.refusals.first() {
        return Err(Error::broken(format!("the moves of April: {} {}", refusal.at, refusal.message.ja)));
    }
    op.commit().await.map(|_| ())
}

/// 育児休業 until spring, and 総務課 as a second place of work (併任).
pub(crate) async fn absent_and_double(city: &mut City) -> Result<()> {
    let noted = |city: &City, note: &str| -> Option<Id> {
        city.people.iter().find(|(person, _)| person.note.is_some_and(|own| own.contains(note))).map(|(_, id)| *id)
    };
    if let Some(parent) = noted(city, "育児休業") {
        let at = city.at(120, 0);
        let (mut op, _) = city.by(parent, at).await?;
        let permit = own(&op, parent, "set", "absence", parent)?;
        absences::set(&mut op, permit, parent, at, Some(city.at(-240, 0))).await?;
        op.commit().await?;
    }
    let (Some(person), Some(unit)) = (noted(city, "併任"), city.units.get("0101").copied()) else { return Ok(()) };
    let start = city.fiscal_start(0);
    let mut op = city.setup(city.at(city.days_since(start), 20)).await?;
    let permit = office(&op, None, Office::People, "give", "post", AFFILIATION)?;
    let role = AFFILIATION.to_owned();
    let post = posts::NewPost { person, role, unit, main: false, acting: false, from: start, to: None };
    posts::give(&mut op, permit, post).await?;
    op.commit().await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::people;

    #[test]
    fn a_hundred_and_eighty_of_the_city_move_and_nobody_stays_who_moves() {
        let all = people::all(None);
        let moves = Moves::choose(&all);
        assert_eq!(moves.before.len(), MOVES);
        for person in &all {
            assert_ne!(moves.before(&person.number), Some(person.unit));
        }
        // A small city has few who could move, and the choice still comes to an end.
        assert!(Moves::choose(&people::all(Some(60))).before.len() <= 11);
    }
}
