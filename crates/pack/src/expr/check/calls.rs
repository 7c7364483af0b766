//! Functions.

use std::ops::Range;

use super::super::Type;
use super::super::syntax::Ast;
use super::super::tree::{Loop, Node};
use super::{Checker, Typed, complaints};

/// A function, and how it is written in examples.
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) ja: &'static str,
    pub(super) en: &'static str,
}

/// Every function.
pub(super) const FUNCTIONS: [Function; 12] = [
    Function { name: "has", ja: "has(record.項目)", en: "has(record.field)" },
    Function { name: "days", ja: "days(30)", en: "days(30)" },
    Function { name: "months", ja: "months(6)", en: "months(6)" },
    Function { name: "fiscal_year", ja: "fiscal_year(日付)", en: "fiscal_year(day)" },
    Function { name: "fiscal_year_start", ja: "fiscal_year_start(日付)", en: "fiscal_year_start(day)" },
    Function { name: "workdays_between", ja: "workdays_between(日付, 日付)", en: "workdays_between(day, day)" },
    Function { name: "at_least", ja: "at_least(区分, '2')", en: "at_least(class, '2')" },
    Function { name: "size", ja: "size(一覧)", en: "size(list)" },
    Function { name: "exists", ja: "一覧.exists(x, 条件)", en: "list.exists(x, condition)" },
    Function { name: "all", ja: "一覧.all(x, 条件)", en: "list.all(x, condition)" },
    Function { name: "filter", ja: "一覧.filter(x, 条件)", en: "list.filter(x, condition)" },
    Function { name: "latest", ja: "一覧.latest(x, 日付)", en: "list.latest(x, day)" },
];

/// `today` is a variable; people write it as a call.
const TODAY: Function = Function { name: "today", ja: "today", en: "today" };

impl Checker<'_> {
    pub(super) fn call(
        &mut self,
        whole: &Ast,
        target: Option<&Ast>,
        name: &str,
        name_span: &Range<usize>,
        args: &[Ast],
    ) -> Option<Typed> {
        let through = match name {
            "exists" => Some(Loop::Exists),
            "all" => Some(Loop::All),
            "filter" => Some(Loop::Filter),
            "latest" => Some(Loop::Latest),
            _ => None,
        };
        match (name, target, through) {
            (_, Some(list), Some(through)) => self.through(through, list, args, whole),
            ("size", Some(list), _) if args.is_empty() => self.size(list, whole),
            ("size", None, _) => match args {
                [list] => self.size(list, whole),
                _ => self.wrong_call(name, args, 1, whole),
            },
            ("has", None, _) => self.has(args, whole),
            ("days", None, _) => self.span_of_time(name, args, Type::Days, whole),
            ("months", None, _) => self.span_of_time(name, args, Type::Months, whole),
            ("at_least", None, _) => self.at_least(args, whole),
            ("fiscal_year", None, _) => {
                let [day] = args else { return self.wrong_call(name, args, 1, whole) };
                let day = self.of_type(day, &Type::Day)?;
                Some(Typed::new(Node::FiscalYear(Box::new(day.node)), Type::Int, &whole.span))
            }
            ("fiscal_year_start", None, _) => self.fiscal_year_start(args, whole),
            ("workdays_between", None, _) => {
                let [from, to] = args else { return self.wrong_call(name, args, 2, whole) };
                let (from, to) = (self.of_type(from, &Type::Day), self.of_type(to, &Type::Day));
                let parts = Box::new([from?.node, to?.node]);
                Some(Typed::new(Node::WorkdaysBetween(parts), Type::Int, &whole.span))
            }
            _ => match FUNCTIONS.iter().chain([&TODAY]).find(|function| function.name == name) {
                Some(function) => self.complain(complaints::wrong_form(function, name_span)),
                None => self.complain(complaints::unknown_function(name, name_span)),
            },
        }
    }

    fn wrong_call<T>(&mut self, name: &str, args: &[Ast], wanted: usize, whole: &Ast) -> Option<T> {
        self.complain(complaints::arguments(name, args.len(), wanted, &whole.span))
    }

    /// `days(n)` and `months(n)`: numbers whose type says of what.
    fn span_of_time(&mut self, name: &str, args: &[Ast], ty: Type, whole: &Ast) -> Option<Typed> {
        let [number] = args else { return self.wrong_call(name, args, 1, whole) };
        let number = self.of_type(number, &Type::Int)?;
        Some(Typed::new(number.node, ty, &whole.span))
    }

    fn fiscal_year_start(&mut self, args: &[Ast], whole: &Ast) -> Option<Typed> {
        let [of] = args else { return self.wrong_call("fiscal_year_start", args, 1, whole) };
        let of = self.check(of, Some(&Type::Day))?;
        let of = self.needed(of)?;
        if !matches!(of.ty, Type::Day | Type::Int) {
            return self.complain(complaints::wrong_type(&of.ty, &Type::Day, &of.span));
        }
        Some(Typed::new(Node::FiscalYearStart(Box::new(of.node)), Type::Day, &whole.span))
    }

    /// `at_least(class, '2')`, both of one axis.
    fn at_least(&mut self, args: &[Ast], whole: &Ast) -> Option<Typed> {
        let [class, least] = args else { return self.wrong_call("at_least", args, 2, whole) };
        let class = self.check(class, None)?;
        let class = self.needed(class)?;
        if !matches!(class.ty, Type::Class(_)) {
            return self.complain(complaints::no_class(&class.ty, &class.span));
        }
        let least = self.of_type(least, &class.ty)?;
        let parts = Box::new([class.node, least.node]);
        Some(Typed::new(Node::AtLeast(parts), Type::Bool, &whole.span))
    }
}
