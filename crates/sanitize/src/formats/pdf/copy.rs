//! Copies what the schema knows from the old document into the new one; nothing else has a way across.

use std::collections::HashMap;

use lopdf::{Dictionary, Document, ObjectId, Stream};

use super::form::Form;
use super::japanese::Japanese;
use super::object::{Dict, Object, Objects, Value, packed};
use super::schema::{self, Kind, Rule};
use super::{color, content, font, function, image, lex, name_of};
use crate::words::{ReasonCode, What};
use crate::work::{Draft, Stop, Work};

/// References that lead to references.
const HOPS: usize = 32;

/// What was made of an object.
pub(super) type Made = Option<Object>;

/// The old document, the new objects, and what has been copied already.
pub(super) struct Copier<'a, 'w, 'p> {
    pub(super) source: &'a Document,
    pub(super) objects: Objects,
    pub(super) work: &'w mut Work<'p>,
    pub(super) draft: Draft,
    /// The document's form.
    pub(super) form: Form,
    /// The font of the binary, as far as the document needs it.
    pub(super) japanese: Japanese,
    memo: HashMap<(ObjectId, Kind), Option<Value>>,
    depth: usize,
    /// Resources of the content that is being copied, for forms without their own (PDF 1.1).
    inherited: Vec<Dictionary>,
}

impl<'a, 'w, 'p> Copier<'a, 'w, 'p> {
    /// Nothing copied yet.
    pub(super) fn new(source: &'a Document, work: &'w mut Work<'p>) -> Self {
        Self {
            source,
            objects: Objects::default(),
            work,
            draft: Draft::default(),
            form: Form::default(),
            japanese: Japanese::default(),
            memo: HashMap::new(),
            depth: 0,
            inherited: Vec::new(),
        }
    }

    /// The object that a chain of references leads to; `null` when it leads nowhere.
    pub(super) fn resolve<'o>(&self, object: &'o lopdf::Object) -> &'o lopdf::Object
    where
        'a: 'o,
    {
        let mut object = object;
        for _ in 0..HOPS {
            match object {
                lopdf::Object::Reference(id) => match self.source.objects.get(id) {
                    Some(next) => object = next,
                    None => return &lopdf::Object::Null,
                },
                _ => return object,
            }
        }
        &lopdf::Object::Null
    }

    /// The value of a key, resolved.
    pub(super) fn get<'o>(&self, dict: &'o Dictionary, key: &[u8]) -> Option<&'o lopdf::Object>
    where
        'a: 'o,
    {
        dict.get(key).ok().map(|object| self.resolve(object)).filter(|object| !object.is_null())
    }

    /// The dictionary (or stream dictionary) behind a key.
    pub(super) fn dict<'o>(&self, dict: &'o Dictionary, key: &[u8]) -> Option<&'o Dictionary>
    where
        'a: 'o,
    {
        match self.get(dict, key)? {
            lopdf::Object::Dictionary(dict) => Some(dict),
            lopdf::Object::Stream(stream) => Some(&stream.dict),
            _ => None,
        }
    }

    /// The array behind a key.
    pub(super) fn array<'o>(&self, dict: &'o Dictionary, key: &[u8]) -> Option<&'o [lopdf::Object]>
    where
        'a: 'o,
    {
        self.get(dict, key)?.as_array().ok().map(Vec::as_slice)
    }

    /// The whole number behind a key.
    pub(super) fn int(&self, dict: &Dictionary, key: &[u8]) -> Option<i64> {
        match self.get(dict, key)? {
            lopdf::Object::Integer(n) => Some(*n),
            #[expect(clippy::cast_possible_truncation, reason = "a float to the nearest whole number, saturating")]
            lopdf::Object::Real(n) => Some(*n as i64),
            _ => None,
        }
    }

    /// The name behind a key.
    pub(super) fn name<'o>(&self, dict: &'o Dictionary, key: &[u8]) -> Option<&'o [u8]>
    where
        'a: 'o,
    {
        name_of(self.get(dict, key)?)
    }

    /// Numbers, booleans, names, strings, and arrays of them; everything else is left out.
    pub(super) fn plain(&mut self, object: &lopdf::Object) -> Result<Option<Value>, Stop> {
        self.work.budget.step(1)?;
        Ok(match self.resolve(object) {
            lopdf::Object::Boolean(b) => Some(Value::Bool(*b)),
            lopdf::Object::Integer(n) => Some(Value::Number(n.to_string())),
            lopdf::Object::Real(n) => lex::number(n.to_string().as_bytes()).map(Value::Number),
            lopdf::Object::Name(name) => Some(Value::Name(name.clone())),
            lopdf::Object::String(text, _) => Some(Value::Text(text.clone())),
            lopdf::Object::Array(items) => {
                self.depth += 1;
                self.work.budget.nesting(self.depth)?;
                let mut values = Vec::new();
                for item in items {
                    values.extend(self.plain(item)?);
                }
                self.depth -= 1;
                Some(Value::Array(values))
            }
            _ => None,
        })
    }

    /// Copies a form that an annotation draws; the fonts of the document's form stand in when it has no resources.
    pub(super) fn drawn(&mut self, form: &lopdf::Object) -> Result<Option<Value>, Stop> {
        self.inherited.push(self.form.resources.clone());
        let drawn = self.kind(form, Kind::XObject);
        self.inherited.pop();
        drawn
    }

    /// Copies the keys of a schema.
    pub(super) fn keys(&mut self, dict: &Dictionary, keys: &[(&str, Rule)]) -> Result<Dict, Stop> {
        let mut out = Dict::default();
        self.copy_keys(dict, keys, &mut out)?;
        Ok(out)
    }

    /// Copies the keys of a schema into a dictionary.
    pub(super) fn copy_keys(&mut self, dict: &Dictionary, keys: &[(&str, Rule)], out: &mut Dict) -> Result<(), Stop> {
        for (key, rule) in keys {
            let Ok(object) = dict.get(key.as_bytes()) else { continue };
            if let Some(value) = self.rule(object, *rule)? {
                out.set(key, value);
            }
        }
        Ok(())
    }

    fn rule(&mut self, object: &lopdf::Object, rule: Rule) -> Result<Option<Value>, Stop> {
        match rule {
            Rule::Plain => self.plain(object),
            Rule::Of(kind) => self.kind(object, kind),
            Rule::Map(kind) => {
                let lopdf::Object::Dictionary(dict) = self.resolve(object) else { return Ok(None) };
                let dict = dict.clone();
                let mut out = Dict::default();
                for (name, object) in dict.iter() {
                    if let Some(value) = self.kind(object, kind)? {
                        out.set_bytes(name, value);
                    }
                }
                Ok(Some(Value::Dict(out)))
            }
            Rule::List(kind) => {
                let lopdf::Object::Array(items) = self.resolve(object) else { return Ok(None) };
                let mut values = Vec::new();
                for item in items.clone() {
                    values.extend(self.kind(&item, kind)?);
                }
                Ok(Some(Value::Array(values)))
            }
            Rule::OneOrList(kind) => match self.resolve(object) {
                lopdf::Object::Array(_) => self.rule(object, Rule::List(kind)),
                _ => self.kind(object, kind),
            },
            Rule::OneOrName(kind) => match self.resolve(object) {
                lopdf::Object::Name(name) => Ok(Some(Value::Name(name.clone()))),
                _ => self.kind(object, kind),
            },
        }
    }

    /// Copies an object as one of a kind: once for each object of the old document, cycles included.
    pub(super) fn kind(&mut self, object: &lopdf::Object, kind: Kind) -> Result<Option<Value>, Stop> {
        self.work.budget.step(1)?;
        let lopdf::Object::Reference(id) = object else {
            return Ok(match self.guarded(object, kind)? {
                Some(Object::Value(value)) => Some(value),
                Some(stream) => Some(self.objects.add(stream)),
                None => None,
            });
        };
        if let Some(known) = self.memo.get(&(*id, kind)) {
            return Ok(known.clone());
        }
        let number = self.objects.reserve();
        self.memo.insert((*id, kind), Some(Value::Ref(number)));
        let resolved = self.resolve(object);
        match self.guarded(resolved, kind)? {
            // A name needs no object of its own.
            Some(Object::Value(value @ Value::Name(_))) => {
                self.memo.insert((*id, kind), Some(value.clone()));
                Ok(Some(value))
            }
            Some(made) => {
                self.objects.put(number, made);
                Ok(Some(Value::Ref(number)))
            }
            None => {
                self.memo.insert((*id, kind), None);
                Ok(None)
            }
        }
    }

    fn guarded(&mut self, object: &lopdf::Object, kind: Kind) -> Result<Made, Stop> {
        self.depth += 1;
        self.work.budget.nesting(self.depth)?;
        let made = self.make(object, kind);
        self.depth -= 1;
        made
    }

    fn make(&mut self, object: &lopdf::Object, kind: Kind) -> Result<Made, Stop> {
        if kind == Kind::Color {
            return Ok(color::copy(object, self)?.map(Object::Value));
        }
        match (kind, object) {
            (Kind::XObject, lopdf::Object::Stream(stream)) => self.xobject(stream),
            (Kind::Image, lopdf::Object::Stream(stream)) => image::copy(stream, self),
            (Kind::Pattern, lopdf::Object::Stream(stream)) => self.tiling(stream),
            (Kind::Pattern, lopdf::Object::Dictionary(dict)) => {
                let mut out = Dict::default();
                out.set("PatternType", Value::int(2));
                self.copy_keys(dict, schema::SHADING_PATTERN, &mut out)?;
                Ok(out.get("Shading").is_some().then_some(Object::Value(Value::Dict(out))))
            }
            (Kind::Shading, lopdf::Object::Dictionary(dict)) => {
                Ok(Some(Object::Value(Value::Dict(self.keys(dict, schema::SHADING)?))))
            }
            (Kind::Shading, lopdf::Object::Stream(stream)) => {
                let dict = self.keys(&stream.dict, schema::SHADING)?;
                let data = self.decode(stream)?;
                Ok(data.map(|data| packed(dict, &data)))
            }
            (Kind::Function, _) => function::copy(object, self),
            (Kind::CharProc, lopdf::Object::Stream(stream)) => {
                let Some(data) = self.decode(stream)? else { return Ok(None) };
                let content = content::rewrite(&data, None, self)?;
                Ok(Some(packed(Dict::default(), &content.bytes)))
            }
            (Kind::Font | Kind::CidFont | Kind::Descriptor | Kind::Encoding | Kind::ToUnicode, _) => {
                font::copy(object, kind, self)
            }
            (Kind::Properties, lopdf::Object::Dictionary(dict)) => self.properties(dict),
            (_, lopdf::Object::Dictionary(dict)) => {
                let dict = self.keys(dict, schema::keys(kind))?;
                Ok(Some(Object::Value(Value::Dict(dict))))
            }
            _ => Ok(None),
        }
    }

    /// The data of a stream, all filters undone; nothing when one is unknown or does not decode.
    pub(super) fn decode(&mut self, stream: &Stream) -> Result<Option<Vec<u8>>, Stop> {
        let filters = image::filters(stream, self);
        if filters.iter().any(|(name, _)| !image::is_general(name)) {
            return Ok(None);
        }
        image::decode_general(stream, &filters, self)
    }

    fn xobject(&mut self, stream: &Stream) -> Result<Made, Stop> {
        match self.name(&stream.dict, b"Subtype") {
            Some(b"Image") => image::copy(stream, self),
            Some(b"Form") => {
                if self.name(&stream.dict, b"Subtype2") == Some(b"PS") || stream.dict.has(b"PS") {
                    self.draft.findings.removed(What::Script, "PostScript XObject");
                }
                let mut dict = Dict::default();
                dict.set("Type", Value::name("XObject"));
                dict.set("Subtype", Value::name("Form"));
                self.copy_keys(&stream.dict, schema::FORM, &mut dict)?;
                if dict.get("BBox").is_none() {
                    return Ok(None);
                }
                self.content_stream(stream, dict)
            }
            Some(b"PS") => {
                self.draft.findings.removed(What::Script, "PostScript XObject");
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    fn tiling(&mut self, stream: &Stream) -> Result<Made, Stop> {
        let mut dict = Dict::default();
        dict.set("PatternType", Value::int(1));
        self.copy_keys(&stream.dict, schema::TILING, &mut dict)?;
        self.content_stream(stream, dict)
    }

    /// A form or pattern: its resources, and its operators one by one.
    fn content_stream(&mut self, stream: &Stream, mut dict: Dict) -> Result<Made, Stop> {
        let Some(data) = self.decode(stream)? else {
            return Err(Stop::refused(ReasonCode::Damaged));
        };
        let own = self.dict(&stream.dict, b"Resources").cloned();
        let resources = own.clone().or_else(|| self.inherited.last().cloned());
        let source = match (&own, stream.dict.get(b"Resources")) {
            (Some(_), Ok(object)) => Some(object.clone()),
            _ => resources.clone().map(lopdf::Object::Dictionary),
        };
        let bytes = self.with_resources(&data, resources, source, &mut dict)?;
        Ok(Some(packed(dict, &bytes)))
    }

    /// Rewrites content and sets the `Resources` of its dictionary.
    pub(super) fn with_resources(
        &mut self,
        data: &[u8],
        resources: Option<Dictionary>,
        source: Option<lopdf::Object>,
        dict: &mut Dict,
    ) -> Result<Vec<u8>, Stop> {
        self.inherited.push(resources.clone().unwrap_or_default());
        let mut copied = match &source {
            Some(source) => self.kind(source, Kind::Resources)?,
            None => None,
        };
        let content = content::rewrite(data, resources.as_ref(), self)?;
        self.inherited.pop();
        if !content.pictures.is_empty() {
            copied = Some(self.add_pictures(copied, content.pictures));
        }
        dict.set("Resources", copied.unwrap_or_else(|| Value::Dict(Dict::default())));
        Ok(content.bytes)
    }

    /// Resources of its own for content whose inline pictures became objects.
    pub(super) fn add_pictures(&self, copied: Option<Value>, pictures: Vec<(Vec<u8>, Value)>) -> Value {
        let mut own = match copied {
            Some(Value::Dict(dict)) => dict,
            Some(Value::Ref(number)) => match self.objects.get(number) {
                Some(Object::Value(Value::Dict(dict))) => dict.clone(),
                _ => Dict::default(),
            },
            _ => Dict::default(),
        };
        let mut xobjects = match own.get("XObject") {
            Some(Value::Dict(dict)) => dict.clone(),
            _ => Dict::default(),
        };
        for (name, value) in pictures {
            xobjects.set_bytes(&name, value);
        }
        own.set("XObject", Value::Dict(xobjects));
        Value::Dict(own)
    }

    /// Property lists of marked content, and optional content groups.
    fn properties(&mut self, dict: &Dictionary) -> Result<Made, Stop> {
        let made = match self.name(dict, b"Type") {
            Some(b"OCG") => self.named(dict, "OCG", &[("Name", Rule::Plain), ("Intent", Rule::Plain)])?,
            Some(b"OCMD") => {
                let keys = [("OCGs", Rule::OneOrList(Kind::Properties)), ("P", Rule::Plain)];
                self.named(dict, "OCMD", &keys)?
            }
            _ => {
                let keys = ["MCID", "ActualText", "Alt", "E", "Lang"].map(|key| (key, Rule::Plain));
                self.keys(dict, &keys)?
            }
        };
        Ok(Some(Object::Value(Value::Dict(made))))
    }

    fn named(&mut self, dict: &Dictionary, name: &str, keys: &[(&str, Rule)]) -> Result<Dict, Stop> {
        let mut out = Dict::default();
        out.set("Type", Value::name(name));
        self.copy_keys(dict, keys, &mut out)?;
        Ok(out)
    }
}
