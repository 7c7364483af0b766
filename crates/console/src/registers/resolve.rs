//! What a form named in words — a person, a record — as the id that is stored. What cannot be told apart is an error at its field.

use ledger::people::{Standing, persons};
use ledger::records::{self, Query, fold};
use ledger::{FieldError, Id, Reading};
use pack::Pack;
use pack::model::{Field, FieldType, Register, Text};
use serde_json::{Map, Value as Json};

use super::form::{half_width, typed};
use crate::organisation::shown_name;
use crate::page::fault::Fault;
use crate::page::posted::Posted;

/// Candidates named in a message.
const NAMED: usize = 5;

/// The values of a form for these fields, and what is wrong with them already.
pub(super) async fn values(
    reading: &mut Reading,
    pack: &Pack,
    standing: &Standing,
    fields: &[&Field],
    posted: &Posted,
) -> Result<(Map<String, Json>, Vec<FieldError>), Fault> {
    let (mut values, mut errors) = (Map::new(), Vec::new());
    for field in fields {
        if field.retired || matches!(field.ty, FieldType::Computed(_)) {
            continue;
        }
        let given: Vec<String> = posted.all(&field.id).map(str::to_owned).collect();
        let (inner, several) = match &field.ty {
            FieldType::List(inner) => (inner.as_ref(), true),
            ty => (ty, false),
        };
        let value = match inner {
            FieldType::Person | FieldType::Ref(_) => {
                let mut found = Vec::new();
                for text in given.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
                    match one(reading, pack, standing, inner, text).await? {
                        Ok(id) => found.push(Json::from(id.to_string())),
                        Err(message) => errors.push(FieldError { field: field.id.clone(), message }),
                    }
                }
                if several { Json::Array(found) } else { found.into_iter().next().unwrap_or(Json::Null) }
            }
            _ => typed(field, &given),
        };
        values.insert(field.id.clone(), value);
    }
    Ok((values, errors))
}

async fn one(
    reading: &mut Reading,
    pack: &Pack,
    standing: &Standing,
    ty: &FieldType,
    text: &str,
) -> Result<Result<Id, Text>, Fault> {
    if let Ok(id) = text.parse::<Id>() {
        return Ok(Ok(id));
    }
    match ty {
        FieldType::Ref(to) => match pack.register(to) {
            Some(register) => record(reading, pack, standing, register, text).await,
            None => Ok(Err(none_found(text))),
        },
        _ => person(reading, text).await,
    }
}

fn none_found(text: &str) -> Text {
    Text {
        ja: format!("「{text}」は見つかりません。番号か名称の一部を入力して、候補から選んでください。"),
        en: Some(format!("'{text}' was not found. Type part of the number or name and choose a suggestion.")),
    }
}

fn several_found(text: &str, candidates: &[String]) -> Text {
    let named = candidates.iter().take(NAMED).cloned().collect::<Vec<_>>().join("、");
    Text {
        ja: format!("「{text}」に当てはまるものが複数あります。番号で選んでください：{named}"),
        en: Some(format!("'{text}' fits several. Choose by number: {named}")),
    }
}

/// A person by 職員番号, by `氏名（職員番号）`, or by a name that only one has.
pub(crate) async fn person(reading: &mut Reading, text: &str) -> Result<Result<Id, Text>, Fault> {
    let plain = half_width(text);
    let code = plain.rsplit_once('(').map_or(plain.as_str(), |(_, rest)| rest.trim_end_matches(')')).trim();
    if let Some(person) = persons::by_code(reading, code).await? {
        return Ok(Ok(person.id));
    }
    let spaceless = |name: &str| fold(name).replace([' ', '　'], "");
    let wanted = spaceless(text);
    let today = reading.today();
    let fits: Vec<_> =
        persons::on(reading, today).await?.into_iter().filter(|p| spaceless(&p.name) == wanted).collect();
    Ok(match fits.as_slice() {
        [] => Err(none_found(text)),
        [only] => Ok(only.id),
        many => Err(several_found(
            text,
            &many.iter().map(|p| format!("{}（{}）", shown_name(p), p.code)).collect::<Vec<_>>(),
        )),
    })
}

/// A record by its number, by `番号 名称`, or by words that only one has.
async fn record(
    reading: &mut Reading,
    pack: &Pack,
    standing: &Standing,
    register: &Register,
    text: &str,
) -> Result<Result<Id, Text>, Fault> {
    let first = text.split_whitespace().next().unwrap_or(text);
    for number in [text, first] {
        if let Some(record) = records::by_number(reading, Some(standing), register, number).await? {
            return Ok(Ok(record.id));
        }
    }
    let query = Query { search: text.to_owned(), limit: NAMED, ..Query::default() };
    let found = records::list(reading, pack, Some(standing), register, &query).await?.items;
    Ok(match found.as_slice() {
        [] => Err(none_found(text)),
        [only] => Ok(only.id),
        many => Err(several_found(text, &many.iter().map(|r| format!("{} {}", r.number, r.name)).collect::<Vec<_>>())),
    })
}
