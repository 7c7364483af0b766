//! The wording of mistakes.

use std::ops::Range;

use super::super::error::{Complaint, both};
use super::super::syntax::Binary;
use super::super::tree::Node;
use super::super::{Choices, MAX_HOPS, Type};
use super::Missing;
use super::calls::{FUNCTIONS, Function};
use super::lists::MAX_LOOPS;

/// A value of one type where another is asked for.
pub(super) fn wrong_type(found: &Type, wanted: &Type, span: &Range<usize>) -> Complaint {
    let (found_name, wanted_name) = (found.name(), wanted.name());
    let message = both(
        format!("型が合いません: {}です", found_name.ja),
        format!("this has the wrong type: it is {}", found_name.pick(true)),
    );
    let complaint =
        Complaint::new("expr-type", span.clone(), message).expected(wanted_name.ja.clone(), wanted_name.pick(true));
    match (found, wanted) {
        (Type::Day, Type::Bool) => complaint.help("「… > today」のように比べます", "compare it, such as '… > today'"),
        (Type::Text, Type::Choice(choices)) => complaint.one_of("", choices.ids.iter().map(|(id, _)| &**id)),
        _ => complaint,
    }
}

/// An optional field without `has()`.
pub(super) fn unguarded(missing: &Missing, written: &str) -> Complaint {
    let label = match &missing.node {
        Node::Field(_, info) => info.label.clone(),
        _ => both("該当なし", "nothing"),
    };
    let name = match &missing.node {
        Node::Field(_, info) => info.name.to_string(),
        _ => "latest".to_owned(),
    };
    let message = match &missing.node {
        Node::Field(..) => both(
            format!("項目「{name}」（{}）は未入力のことがあります", label.ja),
            format!("the field '{name}' ({}) may be empty", label.pick(true)),
        ),
        Node::Loop(..) => both("一覧が空のときは最新のものがありません", "an empty list has no latest element"),
        _ => both("値がないことがあります", "there may be no value"),
    };
    Complaint::new("expr-unguarded", missing.span.clone(), message)
        .help(format!("先に「has({written}) && …」で確かめます"), format!("ask first: 'has({written}) && …'"))
        .names([name])
}

/// A field that there is not.
pub(super) fn unknown_field<'a>(
    of: &Type,
    name: &str,
    known: impl Iterator<Item = &'a str>,
    span: &Range<usize>,
) -> Complaint {
    let of = of.name();
    let message =
        both(format!("{}に項目「{name}」はありません", of.ja), format!("{} has no field '{name}'", of.pick(true)));
    Complaint::new("expr-unknown-field", span.clone(), message).one_of(name, known).names([name])
}

/// A field of something that has none.
pub(super) fn no_fields(of: &Type, name: &str, span: &Range<usize>) -> Complaint {
    let type_name = of.name();
    let message = both(
        format!("{}に項目「{name}」はありません", type_name.ja),
        format!("{} has no field '{name}'", type_name.pick(true)),
    );
    let complaint = Complaint::new("expr-unknown-field", span.clone(), message).names([name]);
    match of {
        Type::List(_) => complaint.help(
            format!("要素ごとに見ます: 「….exists(x, x.{name} …)」または「….all(x, x.{name} …)」"),
            format!("look at its elements: '….exists(x, x.{name} …)' or '….all(x, x.{name} …)'"),
        ),
        _ => complaint,
    }
}

/// A name that there is not.
pub(super) fn unknown_name(name: &str, known: &[&str], is_field: bool, span: &Range<usize>) -> Complaint {
    let message = both(format!("「{name}」という名前はありません"), format!("there is no '{name}' here"));
    let complaint =
        Complaint::new("expr-unknown-name", span.clone(), message).one_of(name, known.iter().copied()).names([name]);
    let variable = known.first().copied().unwrap_or_default();
    if is_field {
        return complaint.help(format!("「{variable}.{name}」と書きます"), format!("write '{variable}.{name}'"));
    }
    if ["record", "fact", "person", "unit", "post", "city"].contains(&name) {
        return complaint
            .help(format!("ここでは「{variable}」が使えます"), format!("here the variable is '{variable}'"));
    }
    complaint
}

/// A function that there is not.
pub(super) fn unknown_function(name: &str, span: &Range<usize>) -> Complaint {
    let message = both(format!("関数「{name}」はありません"), format!("there is no function '{name}'"));
    Complaint::new("expr-unknown-function", span.clone(), message)
        .one_of(name, FUNCTIONS.iter().map(|function| function.name))
        .names([name])
}

/// A function written in another way than it is.
pub(super) fn wrong_form(function: &Function, span: &Range<usize>) -> Complaint {
    let Function { name, ja, en } = function;
    let message = both(format!("「{name}」の書き方が違います"), format!("'{name}' is not written like this"));
    Complaint::new("expr-arguments", span.clone(), message).help(format!("「{ja}」と書きます"), format!("write '{en}'"))
}

/// A wrong number of arguments.
pub(super) fn arguments(name: &str, found: usize, wanted: usize, span: &Range<usize>) -> Complaint {
    let message = both(
        format!("引数の数が違います: {wanted}個のところ{found}個あります"),
        format!("wrong number of arguments: {found} where {wanted} are expected"),
    );
    let complaint = Complaint::new("expr-arguments", span.clone(), message);
    match FUNCTIONS.iter().find(|function| function.name == name) {
        Some(function) => complaint.expected(function.ja, function.en),
        None => complaint,
    }
}

/// `has()` of something that is not a field.
pub(super) fn has_of_no_field(span: &Range<usize>) -> Complaint {
    let message = both("has() には項目を書きます", "has() asks about a field");
    Complaint::new("expr-arguments", span.clone(), message).expected("has(record.項目)", "has(record.field)")
}

/// Types that are never equal.
pub(super) fn incomparable(left: &Type, right: &Type, operator: Binary, span: &Range<usize>) -> Complaint {
    let (left_name, right_name) = (left.name(), right.name());
    let message = both(
        format!("{}と{}は「{}」で比べられません", left_name.ja, right_name.ja, operator.sign()),
        format!("{} and {} cannot be compared with '{}'", left_name.pick(true), right_name.pick(true), operator.sign()),
    );
    let complaint = Complaint::new("expr-incomparable", span.clone(), message)
        .expected(format!("両側とも{}", left_name.ja), format!("{} on both sides", left_name.pick(true)));
    match (left, right) {
        (Type::Days, Type::Int) | (Type::Int, Type::Days) => {
            complaint.help("日数は「days(30)」と書きます", "write a number of days as 'days(30)'")
        }
        _ => complaint,
    }
}

/// A type that an operator does not compare.
pub(super) fn not_comparable(ty: &Type, operator: Binary, span: &Range<usize>) -> Complaint {
    let name = ty.name();
    let message = both(
        format!("{}は「{}」で比べられません", name.ja, operator.sign()),
        format!("'{}' does not compare {}", operator.sign(), name.pick(true)),
    );
    let complaint = Complaint::new("expr-incomparable", span.clone(), message);
    match ty {
        Type::List(_) => {
            complaint.help("「size」「exists」「all」「in」を使います", "use 'size', 'exists', 'all' or 'in'")
        }
        Type::File => complaint.help("「has(…)」で有無を見ます", "ask whether there is one: 'has(…)'"),
        Type::Months => complaint.help(
            "月の長さは一定でないため、日付に足してから比べます",
            "months differ in length: add them to a day and compare the days",
        ),
        Type::Choice(_) => complaint.help("「==」か「in」で比べます", "compare with '==' or 'in'"),
        _ => complaint.expected("整数・日付・日数", "whole numbers, days or numbers of days"),
    }
}

/// Classes compared with `<`.
pub(super) fn class_order(operator: Binary, span: &Range<usize>) -> Complaint {
    let message = both(
        format!("区分は「{}」で比べられません", operator.sign()),
        format!("classes are not compared with '{}'", operator.sign()),
    );
    Complaint::new("expr-class-order", span.clone(), message).help(
        "「at_least(record.confidentiality, '2')」のように書きます",
        "write it as in 'at_least(record.confidentiality, '2')'",
    )
}

/// Something other than a class in `at_least`.
pub(super) fn no_class(found: &Type, span: &Range<usize>) -> Complaint {
    let name = found.name();
    let message = both(
        format!("at_least は区分を比べます: {}です", name.ja),
        format!("at_least compares classes: this is {}", name.pick(true)),
    );
    Complaint::new("expr-type", span.clone(), message).expected("機密性・完全性・可用性の項目", "a field with a class")
}

/// An id that a choice lacks.
pub(super) fn unknown_choice(choices: &Choices, text: &str, span: &Range<usize>) -> Complaint {
    let message =
        both(format!("「{}」に「{text}」はありません", choices.of), format!("'{}' has no '{text}'", choices.of));
    let complaint = Complaint::new("expr-unknown-value", span.clone(), message)
        .one_of(text, choices.ids.iter().map(|(id, _)| &**id))
        .names([text]);
    // People write the label that they see.
    match choices.ids.iter().find(|(_, label)| label.ja == text || label.en.as_deref() == Some(text)) {
        Some((id, _)) => complaint.help(format!("識別子「{id}」で書きます"), format!("write its id '{id}'")),
        None => complaint,
    }
}

/// A class that the axis lacks.
pub(super) fn unknown_class<'a>(
    ty: &Type,
    text: &str,
    known: impl Iterator<Item = &'a str>,
    span: &Range<usize>,
) -> Complaint {
    let name = ty.name();
    let message = both(format!("{}に「{text}」はありません", name.ja), format!("'{text}' is not {}", name.pick(true)));
    Complaint::new("expr-unknown-value", span.clone(), message).one_of(text, known).names([text])
}

/// A quoted value that is not a day.
pub(super) fn not_a_day(text: &str, span: &Range<usize>) -> Complaint {
    let message = both(format!("「{text}」は日付ではありません"), format!("'{text}' is not a day"));
    Complaint::new("expr-unknown-value", span.clone(), message).expected("'2026-04-01' の形", "as in '2026-04-01'")
}

/// An operator on types that it does not work on.
pub(super) fn no_arithmetic(operator: Binary, left: &Type, right: &Type, span: &Range<usize>) -> Complaint {
    let (left_name, right_name) = (left.name(), right.name());
    let message = both(
        format!("{}と{}は「{}」で計算できません", left_name.ja, right_name.ja, operator.sign()),
        format!("'{}' does not work on {} and {}", operator.sign(), left_name.pick(true), right_name.pick(true)),
    );
    let complaint = Complaint::new("expr-type", span.clone(), message);
    match (left, right) {
        (Type::Day, Type::Int) | (Type::Int, Type::Day) => {
            complaint.help("日数は「days(30)」、月数は「months(1)」と書きます", "write 'days(30)' or 'months(1)'")
        }
        _ => complaint.expected("整数どうし、または日付と日数・月数", "whole numbers, or a day and days or months"),
    }
}

/// A function of lists on something else.
pub(super) fn no_list(function: &str, found: &Type, span: &Range<usize>) -> Complaint {
    let name = found.name();
    let message = both(
        format!("「{function}」は一覧に使います: {}です", name.ja),
        format!("'{function}' works on lists: this is {}", name.pick(true)),
    );
    Complaint::new("expr-type", span.clone(), message).expected("一覧", "a list")
}

/// A list with nothing in it.
pub(super) fn empty_list(span: &Range<usize>) -> Complaint {
    Complaint::new("expr-type", span.clone(), both("一覧が空です", "the list is empty"))
        .expected("['a', 'b'] のように1つ以上の値", "one value or more, as in ['a', 'b']")
}

/// Something other than a name where an element gets one.
pub(super) fn no_element_name(span: &Range<usize>) -> Complaint {
    let message = both("ここには要素の名前を書きます", "here stands a name for the element");
    Complaint::new("expr-arguments", span.clone(), message)
        .expected("一覧.exists(x, x.項目 …)", "list.exists(x, x.field …)")
}

/// A name that is taken.
pub(super) fn taken_name(name: &str, span: &Range<usize>) -> Complaint {
    let message = both(format!("名前「{name}」は使われています"), format!("the name '{name}' is taken"));
    Complaint::new("expr-taken-name", span.clone(), message)
        .help("別の名前（x、t など）にします", "choose another name, such as x or t")
}

/// A path over too many references.
pub(super) fn too_many_hops(span: &Range<usize>) -> Complaint {
    let message = both(
        format!("参照を{MAX_HOPS}回を超えてたどっています"),
        format!("the path follows more than {MAX_HOPS} references"),
    );
    Complaint::new("expr-too-many-hops", span.clone(), message).help(
        "参照先の台帳に計算項目（computed）を置くか、管理策をその台帳で書きます",
        "put a computed field on the register referred to, or write the control on that register",
    )
}

/// Lists within lists within lists.
pub(super) fn too_many_loops(span: &Range<usize>) -> Complaint {
    let message = both(
        format!("一覧の入れ子が深すぎます: 上限は{MAX_LOOPS}段です"),
        format!("lists are nested too deeply: at most {MAX_LOOPS} levels"),
    );
    Complaint::new("expr-too-large", span.clone(), message)
}

/// `null`.
pub(super) fn null(span: &Range<usize>) -> Complaint {
    let message = both("null とは比べられません", "null is not a value here");
    Complaint::new("expr-unsupported", span.clone(), message)
        .help("入力の有無は「has(record.項目)」で見ます", "ask whether a field is filled in: 'has(record.field)'")
}

/// CEL that is not in this language.
pub(super) fn foreign(ja: &str, en: &str, span: &Range<usize>) -> Complaint {
    let message = both(format!("{ja}は使えません"), format!("{en} is not supported"));
    Complaint::new("expr-unsupported", span.clone(), message)
}
