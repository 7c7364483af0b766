//! Everything that controls can read, in memory: the world in which they are evaluated.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, LazyLock};

use pack::Pack;
use pack::expr::{
    CITY_FIELDS, Day, PERSON_FIELDS, POST_FIELDS, RECORD_FIELDS, Subject, UNIT_FIELDS, Unknown, Value, Workdays, World,
    kind_fields,
};
use pack::model::{Axis, BackReference, FieldType, RegisterKind};
use rustc_hash::FxHashMap;

use crate::asked::{Asked, KEPT, KEPT_OF_EXCEPTIONS, Layout};

/// The first of all things in their order.
static FIRST: LazyLock<Subject> = LazyLock::new(|| Subject::Record { register: Arc::from(""), id: 0 });

/// A field that may refer elsewhere, by its number in [`Kind::referring`].
type Referring = usize;

/// All things of one kind. Their slots are the fields that controls read, and those by which every thing is named and found.
#[derive(Debug)]
struct Kind {
    layout: Layout,
    slots: FxHashMap<Arc<str>, usize>,
    /// The number of each slot's field among all fields; none where no control goes from a thing to what refers to it.
    referring: Vec<Option<Referring>>,
    /// Lists that others give to things of this kind, and by which field.
    lists: FxHashMap<Arc<str>, Referring>,
    /// What is kept of each thing, by its id.
    rows: BTreeMap<u128, Box<[Cell]>>,
}

/// A value as it is kept, in half the room of a [`Value`]: a thing that is referred to is its kind's place and its id.
#[derive(Debug)]
enum Cell {
    Absent,
    Bool(bool),
    Int(i64),
    Text(Arc<str>),
    Day(Day),
    Class(Axis, usize),
    Choice(Arc<str>),
    List(Arc<[Value]>),
    /// In two halves, which can stand anywhere in memory.
    Thing(u32, [u64; 2]),
    /// A thing of no kind that the pack has.
    Elsewhere(Box<Subject>),
}

/// What was recorded, as of one moment.
#[derive(Debug, Default)]
pub struct Snapshot {
    kinds: Vec<Kind>,
    /// The place of each kind of record, row and other thing in `kinds`.
    registers: FxHashMap<Arc<str>, usize>,
    sources: FxHashMap<Arc<str>, usize>,
    others: FxHashMap<Layout, usize>,
    /// What refers to a thing: the thing, the field that refers, and whose field it is.
    back: BTreeSet<(Subject, Referring, Subject)>,
    /// The municipality's lists by field name.
    city: HashMap<String, usize>,
    /// The field of each source that tells its rows apart.
    keys: HashMap<Arc<str>, String>,
    /// Ids that many things share, each kept once.
    shared: HashSet<Arc<str>>,
    /// Every field of every kind has a number.
    fields: usize,
    workdays: Workdays,
}

/// What tells a thing from others of its kind.
fn id_of(subject: &Subject) -> u128 {
    match subject {
        Subject::Record { id, .. } | Subject::Person(id) | Subject::Unit(id) | Subject::Post(id) => *id,
        Subject::Fact { row, .. } => u128::from(*row),
        Subject::Municipality => 0,
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
            let place = snapshot.kind(kind.clone(), fields, &asked);
            snapshot.others.insert(kind, place);
        }
        for (field, layout) in CITY_FIELDS.iter().zip([Layout::Person, Layout::Unit, Layout::Post]) {
            snapshot.city.extend(snapshot.others.get(&layout).map(|place| ((*field).to_owned(), *place)));
        }
        for source in &pack.sources {
            let layout = Layout::Source(source.id.as_str().into());
            let fields = source.fields.iter().map(|field| field.id.as_str());
            let read =
                |field: &&str| *field == source.key || asked.fields.contains(&(layout.clone(), (*field).to_owned()));
            let fields: Vec<&str> = fields.filter(read).collect();
            let place = snapshot.kind(layout, &fields, &asked);
            let id = snapshot.share(&source.id);
            snapshot.sources.insert(id, place);
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
            let place = snapshot.kind(layout, &fields, &asked);
            let id = snapshot.share(&register.id);
            snapshot.registers.insert(id, place);
            snapshot.city.insert(register.id.replace('-', "_"), place);
        }
        for register in &pack.registers {
            snapshot.lists(snapshot.registers.get(register.id.as_str()).copied(), &register.back);
        }
        snapshot.lists(snapshot.others.get(&Layout::Person).copied(), &pack.people_back);
        snapshot.lists(snapshot.others.get(&Layout::Unit).copied(), &pack.units_back);
        snapshot
    }

    /// Makes room for a kind; its place.
    fn kind(&mut self, layout: Layout, fields: &[&str], asked: &Asked) -> usize {
        let first = self.fields;
        self.fields += fields.len();
        let goes_back = |field: &str| asked.back.contains(&(layout.clone(), field.to_owned()));
        let referring = fields.iter().zip(first..).map(|(field, at)| goes_back(field).then_some(at)).collect();
        let slots = fields.iter().enumerate().map(|(slot, field)| (self.share(field), slot)).collect();
        let layout = match layout {
            Layout::Register(id) => Layout::Register(self.share(&id)),
            Layout::Source(id) => Layout::Source(self.share(&id)),
            other => other,
        };
        self.kinds.push(Kind { layout, slots, referring, lists: FxHashMap::default(), rows: BTreeMap::new() });
        self.kinds.len() - 1
    }

    /// The place of a thing's kind; none for the municipality, and for what the pack does not have.
    fn place(&self, subject: &Subject) -> Option<usize> {
        match subject {
            Subject::Record { register, .. } => self.registers.get(register),
            Subject::Fact { source, .. } => self.sources.get(source),
            Subject::Person(_) => self.others.get(&Layout::Person),
            Subject::Unit(_) => self.others.get(&Layout::Unit),
            Subject::Post(_) => self.others.get(&Layout::Post),
            Subject::Municipality => None,
        }
        .copied()
    }

    /// The kind of a thing.
    fn kind_of(&self, subject: &Subject) -> Option<&Kind> {
        self.kinds.get(self.place(subject)?)
    }

    /// The kind of all subjects of a control.
    fn kind_of_all(&self, of: &pack::model::Subjects) -> Option<&Kind> {
        use pack::model::Subjects;
        let place = match of {
            Subjects::Register(id) => self.registers.get(id.as_str()),
            Subjects::Source(id) => self.sources.get(id.as_str()),
            Subjects::People => self.others.get(&Layout::Person),
            Subjects::Units => self.others.get(&Layout::Unit),
            Subjects::Posts => self.others.get(&Layout::Post),
            Subjects::Municipality => None,
        };
        self.kinds.get(*place?)
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

    /// A value as it is kept.
    fn cell(&mut self, value: Value) -> Cell {
        match value {
            Value::Absent => Cell::Absent,
            Value::Bool(value) => Cell::Bool(value),
            Value::Int(value) => Cell::Int(value),
            Value::Text(text) => Cell::Text(text),
            Value::Day(day) => Cell::Day(day),
            Value::Class(axis, height) => Cell::Class(axis, height),
            Value::Choice(id) => Cell::Choice(self.share(&id)),
            Value::List(values) => Cell::List(values),
            Value::Subject(subject) => match self.place(&subject).and_then(|place| u32::try_from(place).ok()) {
                Some(place) => {
                    let id = id_of(&subject);
                    // Both halves fit: that is what the shift and the cut are for.
                    #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
                    Cell::Thing(place, [(id >> 64) as u64, id as u64])
                }
                None => Cell::Elsewhere(Box::new(subject)),
            },
        }
    }

    /// The value that was kept.
    fn value(&self, cell: &Cell) -> Value {
        match cell {
            Cell::Absent => Value::Absent,
            Cell::Bool(value) => Value::Bool(*value),
            Cell::Int(value) => Value::Int(*value),
            Cell::Text(text) => Value::Text(Arc::clone(text)),
            Cell::Day(day) => Value::Day(*day),
            Cell::Class(axis, height) => Value::Class(*axis, *height),
            Cell::Choice(id) => Value::Choice(Arc::clone(id)),
            Cell::List(values) => Value::List(Arc::clone(values)),
            Cell::Thing(place, [high, low]) => {
                let id = u128::from(*high) << 64 | u128::from(*low);
                let kind = usize::try_from(*place).ok().and_then(|place| self.kinds.get(place));
                kind.map_or(Value::Absent, |kind| Value::Subject(kind.subject(id)))
            }
            Cell::Elsewhere(subject) => Value::Subject(subject.as_ref().clone()),
        }
    }

    /// Whether a field of a thing is kept: one that no control reads is not, and need not be made.
    pub fn keeps(&self, subject: &Subject, field: &str) -> bool {
        self.kind_of(subject).is_some_and(|kind| kind.slots.contains_key(field))
    }

    fn lists(&mut self, target: Option<usize>, back: &[BackReference]) {
        for reference in back {
            let of = self.registers.get(reference.register.as_str()).and_then(|place| self.kinds.get(*place));
            let field = of.and_then(|kind| kind.number(&reference.field));
            if let (Some(field), Some(kind)) = (field, target.and_then(|place| self.kinds.get_mut(place))) {
                kind.lists.insert(reference.name.as_str().into(), field);
            }
        }
    }

    /// Puts a thing in, in place of what it was. Fields that are not given are absent; those that no control reads are not kept.
    pub fn put<'a>(&mut self, subject: &Subject, fields: impl IntoIterator<Item = (&'a str, Value)>) {
        self.take(subject);
        let Some(place) = self.place(subject) else { return };
        let Some(kind) = self.kinds.get(place) else { return };
        let mut values = vec![Value::Absent; kind.slots.len()];
        for (field, value) in fields {
            if let Some(slot) = kind.slots.get(field).and_then(|&slot| values.get_mut(slot)) {
                *slot = value;
            }
        }
        let (id, found) = (id_of(subject), references(kind, values.iter()));
        if !found.is_empty() {
            let subject = self.share_subject(subject);
            self.back.extend(found.into_iter().map(|(target, field)| (target, field, subject.clone())));
        }
        let cells = values.into_iter().map(|value| self.cell(value)).collect();
        if let Some(kind) = self.kinds.get_mut(place) {
            kind.rows.insert(id, cells);
        }
    }

    /// Takes a thing out. What refers to it keeps doing so and finds nothing there.
    pub fn take(&mut self, subject: &Subject) {
        let Some(place) = self.place(subject) else { return };
        let taken = self.kinds.get_mut(place).and_then(|kind| kind.rows.remove(&id_of(subject)));
        let (Some(cells), Some(kind)) = (taken, self.kinds.get(place)) else { return };
        let values: Vec<Value> = cells.iter().map(|cell| self.value(cell)).collect();
        for (target, field) in references(kind, values.iter()) {
            self.back.remove(&(target, field, subject.clone()));
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
        let kind = from.kind_of(subject);
        let fields: Vec<(Arc<str>, Value)> = match kind.and_then(|kind| Some((kind, kind.rows.get(&id_of(subject))?))) {
            Some((kind, cells)) => {
                let kept = kind.slots.iter();
                kept.filter_map(|(field, &slot)| Some((Arc::clone(field), from.value(cells.get(slot)?)))).collect()
            }
            None => Vec::new(),
        };
        if from.contains(subject) {
            self.put(subject, fields.iter().map(|(field, value)| (&**field, value.clone())));
        } else {
            self.take(subject);
        }
    }

    /// Whether the thing is there.
    pub fn contains(&self, subject: &Subject) -> bool {
        matches!(subject, Subject::Municipality)
            || self.kind_of(subject).is_some_and(|kind| kind.rows.contains_key(&id_of(subject)))
    }

    /// All things over which a control with these subjects is evaluated.
    pub fn subjects(&self, of: &pack::model::Subjects) -> Vec<Subject> {
        if *of == pack::model::Subjects::Municipality {
            return vec![Subject::Municipality];
        }
        self.kind_of_all(of).map(|kind| kind.subjects().collect()).unwrap_or_default()
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
        let number = self.kind_of_all(of).and_then(|kind| kind.number(field));
        number.into_iter().flat_map(|number| self.referring(to, number)).cloned().collect()
    }

    /// Whether the thing is of this kind.
    pub fn is_of(subject: &Subject, of: &pack::model::Subjects) -> bool {
        use pack::model::Subjects;
        match (subject, of) {
            (Subject::Record { register, .. }, Subjects::Register(id)) => **register == **id,
            (Subject::Fact { source, .. }, Subjects::Source(id)) => **source == **id,
            (Subject::Person(_), Subjects::People)
            | (Subject::Unit(_), Subjects::Units)
            | (Subject::Post(_), Subjects::Posts)
            | (Subject::Municipality, Subjects::Municipality) => true,
            _ => false,
        }
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

impl Kind {
    fn subject(&self, id: u128) -> Subject {
        match &self.layout {
            Layout::Register(register) => Subject::Record { register: Arc::clone(register), id },
            Layout::Source(source) => {
                Subject::Fact { source: Arc::clone(source), row: u64::try_from(id).unwrap_or(u64::MAX) }
            }
            Layout::Person => Subject::Person(id),
            Layout::Unit => Subject::Unit(id),
            Layout::Post => Subject::Post(id),
        }
    }

    /// All things of the kind, in the order of their ids.
    fn subjects(&self) -> impl Iterator<Item = Subject> {
        self.rows.keys().map(|id| self.subject(*id))
    }

    /// The number of a field among all fields, when a control goes back along it.
    fn number(&self, field: &str) -> Option<Referring> {
        self.referring.get(*self.slots.get(field)?).copied().flatten()
    }
}

/// What a thing's values refer to, and by which field.
fn references<'a>(kind: &Kind, values: impl Iterator<Item = &'a Value>) -> BTreeSet<(Subject, Referring)> {
    let mut found = BTreeSet::new();
    for (value, field) in values.zip(&kind.referring) {
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
        if *of == Subject::Municipality {
            let kind = self.city.get(field).and_then(|place| self.kinds.get(*place));
            let kind = kind.ok_or_else(|| no_such_field(field))?;
            return Ok(Value::list(kind.subjects().map(Value::Subject).collect::<Vec<_>>()));
        }
        let kind = self.kind_of(of).ok_or_else(|| no_such_field(field))?;
        if let Some(&slot) = kind.slots.get(field) {
            let cell = kind.rows.get(&id_of(of)).and_then(|cells| cells.get(slot));
            return cell.map(|cell| self.value(cell)).ok_or_else(|| {
                Unknown::new(
                    format!("参照先の記録がありません（{field}）"),
                    format!("the record referred to is gone ({field})"),
                )
            });
        }
        if let Some(referring) = kind.lists.get(field) {
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
