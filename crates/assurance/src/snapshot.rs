//! Everything that controls can read, in memory: the world in which they are evaluated.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, LazyLock};

use pack::Pack;
use pack::expr::{
    CITY_FIELDS, Hop, PERSON_FIELDS, POST_FIELDS, RECORD_FIELDS, Subject, UNIT_FIELDS, Unknown, Value, Workdays, World,
    kind_fields,
};
use pack::model::{BackReference, FieldType, RegisterKind};

use crate::dirty;

/// The first of all things in their order.
static FIRST: LazyLock<Subject> = LazyLock::new(|| Subject::Record { register: Arc::from(""), id: 0 });

/// Kinds of thing, each with its own slots.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Layout {
    Register(Arc<str>),
    Source(Arc<str>),
    Person,
    Unit,
    Post,
}

/// A field that may refer elsewhere, by its number in [`Snapshot::referring`].
type Referring = usize;

/// The slots of one kind of thing: the fields that controls read, and those by which every thing is named and found.
#[derive(Debug, Clone, Default)]
struct Shape {
    slots: HashMap<Arc<str>, usize>,
    /// The number of each slot's field among all fields; none where no control goes from a thing to what refers to it.
    referring: Vec<Option<Referring>>,
    /// Lists that others give to things of this kind, and by which field.
    lists: HashMap<Arc<str>, Referring>,
}

/// What was recorded, as of one moment.
#[derive(Debug, Default)]
pub struct Snapshot {
    shapes: HashMap<Layout, Shape>,
    rows: HashMap<Subject, Box<[Value]>>,
    /// What refers to a thing: the thing, the field that refers, and whose field it is.
    back: BTreeSet<(Subject, Referring, Subject)>,
    /// Members of each kind, in the order of their ids.
    members: HashMap<Layout, BTreeSet<Subject>>,
    /// The municipality's lists by field name.
    city: HashMap<String, Layout>,
    /// The field of each source that tells its rows apart.
    keys: HashMap<Arc<str>, String>,
    /// Ids that many things share, each kept once.
    shared: HashSet<Arc<str>>,
    /// Every field of every kind has a number.
    fields: usize,
    workdays: Workdays,
}

fn layout_of(subject: &Subject) -> Option<Layout> {
    match subject {
        Subject::Record { register, .. } => Some(Layout::Register(Arc::clone(register))),
        Subject::Fact { source, .. } => Some(Layout::Source(Arc::clone(source))),
        Subject::Person(_) => Some(Layout::Person),
        Subject::Unit(_) => Some(Layout::Unit),
        Subject::Post(_) => Some(Layout::Post),
        Subject::Municipality => None,
    }
}

/// The layout of a kind of subject; none for the municipality.
fn layout_of_all(of: &pack::model::Subjects) -> Option<Layout> {
    use pack::model::Subjects;
    Some(match of {
        Subjects::Register(id) => Layout::Register(id.as_str().into()),
        Subjects::Source(id) => Layout::Source(id.as_str().into()),
        Subjects::People => Layout::Person,
        Subjects::Units => Layout::Unit,
        Subjects::Posts => Layout::Post,
        Subjects::Municipality => return None,
    })
}

/// Fields of a record that are kept whether or not a control reads them: by them it is named and found.
const KEPT: [&str; 4] = ["number", "name", "unit", "state"];

/// What of an exception says whom it covers, and when.
const KEPT_OF_EXCEPTIONS: [&str; 4] = ["control", "subject", "starts_on", "ends_on"];

/// What the controls of a pack read, by kind of thing: its fields, and those from whose end they go back to their start.
#[derive(Default)]
struct Asked {
    fields: HashSet<(Layout, String)>,
    back: HashSet<(Layout, String)>,
}

impl Asked {
    fn of(pack: &Pack) -> Self {
        let mut asked = Self::default();
        for read in pack.controls.iter().flat_map(dirty::reads) {
            for hop in &read.via {
                let (Hop::To { of, field } | Hop::Back { of, field }) = hop else { continue };
                if let Some(layout) = layout_of_all(of) {
                    asked.fields.insert((layout.clone(), field.clone()));
                    asked.back.insert((layout, field.clone()));
                }
            }
            if let (Some(layout), Some(field)) = (layout_of_all(&read.of), read.field) {
                asked.fields.insert((layout, field));
            }
        }
        asked
    }
}

impl Snapshot {
    /// An empty one with the shapes of a pack.
    pub fn new(pack: &Pack, workdays: Workdays) -> Self {
        let mut snapshot = Self { workdays, ..Self::default() };
        let asked = Asked::of(pack);
        for (kind, fields) in
            [(Layout::Person, PERSON_FIELDS), (Layout::Unit, UNIT_FIELDS), (Layout::Post, POST_FIELDS)]
        {
            snapshot.shape(kind, fields, &asked);
        }
        for (field, layout) in CITY_FIELDS.iter().zip([Layout::Person, Layout::Unit, Layout::Post]) {
            snapshot.city.insert((*field).to_owned(), layout);
        }
        for source in &pack.sources {
            let layout = Layout::Source(source.id.as_str().into());
            let fields = source.fields.iter().map(|field| field.id.as_str());
            let read =
                |field: &&str| *field == source.key || asked.fields.contains(&(layout.clone(), (*field).to_owned()));
            let fields: Vec<&str> = fields.filter(read).collect();
            snapshot.shape(layout, &fields, &asked);
            snapshot.keys.insert(source.id.as_str().into(), source.key.clone());
        }
        for register in &pack.registers {
            let layout = Layout::Register(register.id.as_str().into());
            let own = register.fields.iter().filter(|field| !matches!(field.ty, FieldType::Computed(_)));
            let own = own.map(|field| field.id.as_str()).filter(|id| !RECORD_FIELDS.contains(id));
            let built_in = RECORD_FIELDS.iter().chain(kind_fields(register.kind)).copied();
            let exceptional = register.kind == Some(RegisterKind::Exception);
            let kept = |field: &&str| {
                KEPT.contains(field)
                    || (exceptional && KEPT_OF_EXCEPTIONS.contains(field))
                    || asked.fields.contains(&(layout.clone(), (*field).to_owned()))
            };
            let fields: Vec<&str> = built_in.chain(own).filter(kept).collect();
            snapshot.shape(layout.clone(), &fields, &asked);
            snapshot.city.insert(register.id.replace('-', "_"), layout);
        }
        for register in &pack.registers {
            snapshot.lists(&Layout::Register(register.id.as_str().into()), &register.back);
        }
        snapshot.lists(&Layout::Person, &pack.people_back);
        snapshot.lists(&Layout::Unit, &pack.units_back);
        snapshot
    }

    fn shape(&mut self, layout: Layout, fields: &[&str], asked: &Asked) {
        let first = self.fields;
        self.fields += fields.len();
        let goes_back = |field: &str| asked.back.contains(&(layout.clone(), field.to_owned()));
        let shape = Shape {
            slots: fields.iter().enumerate().map(|(slot, field)| (self.share(field), slot)).collect(),
            referring: fields.iter().zip(first..).map(|(field, at)| goes_back(field).then_some(at)).collect(),
            lists: HashMap::new(),
        };
        self.shapes.insert(layout, shape);
    }

    /// The one copy of an id that many things share.
    fn share(&mut self, id: &str) -> Arc<str> {
        if let Some(known) = self.shared.get(id) {
            return Arc::clone(known);
        }
        let new: Arc<str> = id.into();
        self.shared.insert(Arc::clone(&new));
        new
    }

    fn share_subject(&mut self, subject: &Subject) -> Subject {
        match subject {
            Subject::Record { register, id } => Subject::Record { register: self.share(register), id: *id },
            Subject::Fact { source, row } => Subject::Fact { source: self.share(source), row: *row },
            other => other.clone(),
        }
    }

    fn share_value(&mut self, value: Value) -> Value {
        match value {
            Value::Choice(id) => Value::Choice(self.share(&id)),
            Value::Subject(subject) => Value::Subject(self.share_subject(&subject)),
            other => other,
        }
    }

    /// Whether a field of a thing is kept: one that no control reads is not, and need not be made.
    pub fn keeps(&self, subject: &Subject, field: &str) -> bool {
        let shape = layout_of(subject).and_then(|layout| self.shapes.get(&layout));
        shape.is_some_and(|shape| shape.slots.contains_key(field))
    }

    fn lists(&mut self, target: &Layout, back: &[BackReference]) {
        for reference in back {
            let of = Layout::Register(reference.register.as_str().into());
            let field = self.shapes.get(&of).and_then(|shape| shape.number(&reference.field));
            if let (Some(field), Some(shape)) = (field, self.shapes.get_mut(target)) {
                shape.lists.insert(reference.name.as_str().into(), field);
            }
        }
    }

    /// Puts a thing in, in place of what it was. Fields that are not given are absent; those that no control reads are not kept.
    pub fn put<'a>(&mut self, subject: &Subject, fields: impl IntoIterator<Item = (&'a str, Value)>) {
        self.take(subject);
        let Some(layout) = layout_of(subject) else { return };
        let Some(shape) = self.shapes.get(&layout) else { return };
        let mut values = vec![Value::Absent; shape.slots.len()];
        for (field, value) in fields {
            if let Some(place) = shape.slots.get(field).and_then(|&slot| values.get_mut(slot)) {
                *place = value;
            }
        }
        let subject = self.share_subject(subject);
        let values: Box<[Value]> = values.into_iter().map(|value| self.share_value(value)).collect();
        if let Some(shape) = self.shapes.get(&layout) {
            let references = references(shape, &values).into_iter();
            self.back.extend(references.map(|(target, field)| (target, field, subject.clone())));
        }
        self.rows.insert(subject.clone(), values);
        self.members.entry(layout).or_default().insert(subject);
    }

    /// Takes a thing out. What refers to it keeps doing so and finds nothing there.
    pub fn take(&mut self, subject: &Subject) {
        let Some(layout) = layout_of(subject) else { return };
        let Some(shape) = self.shapes.get(&layout) else { return };
        let Some(values) = self.rows.remove(subject) else { return };
        for (target, field) in references(shape, &values) {
            self.back.remove(&(target, field, subject.clone()));
        }
        if let Some(members) = self.members.get_mut(&layout) {
            members.remove(subject);
        }
    }

    /// What refers to a thing by a field.
    fn referring(&self, to: &Subject, field: Referring) -> impl Iterator<Item = &Subject> {
        let from = (to.clone(), field, FIRST.clone());
        let those = self.back.range(from..).take_while(move |(target, by, _)| target == to && *by == field);
        those.map(|(_, _, whose)| whose)
    }

    /// Puts a thing in as another snapshot has it, or takes it out when that has none.
    pub fn take_over(&mut self, subject: &Subject, from: &mut Self) {
        let fields: Vec<(Arc<str>, Value)> =
            match (layout_of(subject).and_then(|l| from.shapes.get(&l)), from.rows.get(subject)) {
                (Some(shape), Some(values)) => shape
                    .slots
                    .iter()
                    .filter_map(|(field, &slot)| Some((Arc::clone(field), values.get(slot)?.clone())))
                    .collect(),
                _ => Vec::new(),
            };
        if from.contains(subject) {
            self.put(subject, fields.iter().map(|(field, value)| (&**field, value.clone())));
        } else {
            self.take(subject);
        }
    }

    /// Whether the thing is there.
    pub fn contains(&self, subject: &Subject) -> bool {
        matches!(subject, Subject::Municipality) || self.rows.contains_key(subject)
    }

    /// All things over which a control with these subjects is evaluated.
    pub fn subjects(&self, of: &pack::model::Subjects) -> Vec<Subject> {
        let Some(layout) = layout_of_all(of) else { return vec![Subject::Municipality] };
        self.members.get(&layout).map(|members| members.iter().cloned().collect()).unwrap_or_default()
    }

    /// The unit that answers for a thing: its own, or itself.
    pub fn unit(&self, subject: &Subject) -> Option<u128> {
        if let Subject::Unit(id) = subject {
            return Some(*id);
        }
        match self.field(subject, "unit") {
            Ok(Value::Subject(Subject::Unit(id))) => Some(id),
            _ => None,
        }
    }

    /// What a thing is called in a list: its number and name, or its name.
    pub fn label(&self, subject: &Subject) -> String {
        let text = |field: &str| match self.field(subject, field) {
            Ok(Value::Text(text)) => Some(text.to_string()),
            _ => None,
        };
        match subject {
            Subject::Municipality => String::new(),
            Subject::Record { .. } => {
                [text("number"), text("name")].into_iter().flatten().collect::<Vec<_>>().join(" ")
            }
            Subject::Fact { source, row } => self.key(subject, source).unwrap_or_else(|| format!("#{}", row + 1)),
            Subject::Post(_) => match self.field(subject, "person") {
                Ok(Value::Subject(person)) => self.label(&person),
                _ => String::new(),
            },
            Subject::Person(_) | Subject::Unit(_) => text("name").unwrap_or_default(),
        }
    }

    /// Things of a kind whose field refers to this one.
    pub fn referrers(&self, to: &Subject, of: &pack::model::Subjects, field: &str) -> Vec<Subject> {
        let number =
            layout_of_all(of).and_then(|layout| self.shapes.get(&layout)).and_then(|shape| shape.number(field));
        number.into_iter().flat_map(|number| self.referring(to, number)).cloned().collect()
    }

    /// Whether the thing is of this kind.
    pub fn is_of(subject: &Subject, of: &pack::model::Subjects) -> bool {
        layout_of(subject) == layout_of_all(of)
    }

    /// What tells a row of facts from the others of its source; none when the row has no such value.
    fn key(&self, subject: &Subject, source: &str) -> Option<String> {
        match self.field(subject, self.keys.get(source)?) {
            Ok(Value::Text(text) | Value::Choice(text)) => Some(text.to_string()),
            Ok(Value::Day(day)) => Some(day.to_string()),
            Ok(Value::Int(number)) => Some(number.to_string()),
            _ => None,
        }
    }
}

impl Shape {
    /// The number of a field among all fields, when a control goes back along it.
    fn number(&self, field: &str) -> Option<Referring> {
        self.referring.get(*self.slots.get(field)?).copied().flatten()
    }
}

/// What a thing's values refer to, and by which field.
fn references(shape: &Shape, values: &[Value]) -> BTreeSet<(Subject, Referring)> {
    let mut found = BTreeSet::new();
    for (value, field) in values.iter().zip(&shape.referring) {
        let Some(field) = field else { continue };
        match value {
            Value::Subject(target) => {
                found.insert((target.clone(), *field));
            }
            Value::List(items) => found.extend(items.iter().filter_map(|item| match item {
                Value::Subject(target) => Some((target.clone(), *field)),
                _ => None,
            })),
            _ => {}
        }
    }
    found
}

impl World for Snapshot {
    fn field(&self, of: &Subject, field: &str) -> Result<Value, Unknown> {
        let Some(layout) = layout_of(of) else {
            let members = self.city.get(field).map(|layout| self.members.get(layout));
            let members = members.ok_or_else(|| no_such_field(field))?;
            let list = members.into_iter().flatten().map(|subject| Value::Subject(subject.clone()));
            return Ok(Value::list(list.collect::<Vec<_>>()));
        };
        let shape = self.shapes.get(&layout).ok_or_else(|| no_such_field(field))?;
        if let Some(&slot) = shape.slots.get(field) {
            let value = self.rows.get(of).and_then(|values| values.get(slot));
            return value.cloned().ok_or_else(|| {
                Unknown::new(
                    format!("参照先の記録がありません（{field}）"),
                    format!("the record referred to is gone ({field})"),
                )
            });
        }
        if let Some(referring) = shape.lists.get(field) {
            let list = self.referring(of, *referring);
            return Ok(Value::list(list.map(|subject| Value::Subject(subject.clone())).collect::<Vec<_>>()));
        }
        Err(no_such_field(field))
    }

    fn workdays(&self) -> &Workdays {
        &self.workdays
    }
}

fn no_such_field(field: &str) -> Unknown {
    Unknown::new(format!("項目「{field}」がありません"), format!("there is no field '{field}'"))
}
