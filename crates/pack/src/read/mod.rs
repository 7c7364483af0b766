//! From files to the model. A reader reports what is wrong and goes on with a harmless value, so that one run finds all.
//!
//! Expressions are compiled where they stand; for that the types of all fields have to be known, so the registers' and
//! sources' fields are read twice: once for their shape, silently, and once for good.

mod classes;
mod clauses;
mod controls;
mod documents;
mod expressions;
mod fields;
mod files;
mod heading;
mod ids;
mod item;
mod lifecycle;
mod obligations;
mod organisation;
mod others;
mod pack_toml;
mod register;
mod table;
mod terms;
mod threats;
mod words;
mod zones;

use files::Files;
use ids::Seen;
use table::Table;

use crate::expr::{FieldShape, Named, Schema, SchemaParts, ShapeType};
use crate::model::{BackReference, Classes, FieldType, Pack, Register};
use crate::report::Report;
use crate::source::Source;

/// What is read, and what only the checks need to know of it.
pub(crate) struct ReadPack {
    pub(crate) pack: Pack,
    /// Sections of the guideline answered later: edition, number.
    pub(crate) later: Vec<(String, String)>,
    /// Where the list of obligations not served yet names each.
    pub(crate) unserved_sites: Vec<(String, crate::model::Site)>,
}

/// Reads everything. None when a file that everything rests on is missing or unreadable.
pub(crate) fn read(source: &Source, report: &Report) -> Option<ReadPack> {
    let files = Files::open(source, report);
    let top = pack_toml::read(&files.table("pack.toml", report, true)?);
    let organisation = organisation::read(&files.table("organisation.toml", report, true)?);
    let classes = classes::read(&files.table("classes.toml", report, true)?);
    let zones = zones::read(&files.table("zones.toml", report, true)?);
    let threat_groups = threats::read(&files.table("threats.toml", report, true)?);
    let obligations = obligations::read(&files.table("obligations.toml", report, false)?);
    let documents = files.ids_in("documents", ".md");
    let mut documents: Vec<_> = documents
        .iter()
        .filter_map(|id| documents::read(id, files.markdown(&format!("documents/{id}.md"))?, report))
        .collect();
    documents.sort_by_key(|document| document.kind);

    let named_zones: Vec<_> = zones.zones.iter().map(|z| Named { id: z.id.clone(), name: z.name.clone() }).collect();
    let schema = schema(&files, report, &organisation, &named_zones, &classes);
    let duties = duties(&files, &schema, report);

    let editions = files.ids_in("guideline", ".toml");
    let (mut guideline, mut later) = (Vec::new(), Vec::new());
    for id in &editions {
        if let Some(file) = files.table(&format!("guideline/{id}.toml"), report, false) {
            let (edition, numbers) = others::guideline(id, &file);
            later.extend(numbers.into_iter().map(|number| (id.clone(), number)));
            guideline.push(edition);
        }
    }
    let questionnaires = files.ids_in("questionnaires", ".toml");
    let questionnaires = questionnaires
        .iter()
        .filter_map(|id| {
            Some(others::questionnaire(id, &files.table(&format!("questionnaires/{id}.toml"), report, true)?))
        })
        .collect();
    let sanitising =
        files.table("sanitising.toml", report, true).map(|file| others::sanitising(&file)).unwrap_or_default();
    let pack = Pack {
        id: top.id,
        version: top.version,
        municipality: top.municipality,
        calendar: top.calendar,
        bodies: top.bodies,
        roles: organisation.roles,
        forbidden_pairs: organisation.pairs,
        staff_categories: organisation.categories,
        classes,
        network_model: top.network_model,
        zones: zones.zones,
        excluded_networks: top.excluded_networks,
        crossings: zones.crossings,
        businesses: zones.businesses,
        sanitising,
        threat_groups,
        documents,
        registers: duties.registers,
        people_back: duties.people_back,
        units_back: duties.units_back,
        controls: duties.controls,
        sources: duties.sources,
        obligations: obligations.obligations,
        unserved: obligations.unserved.iter().map(|word| word.text.clone()).collect(),
        guideline,
        questionnaires,
        retired: top.retired,
    };
    let unserved_sites = obligations.unserved.into_iter().map(|word| (word.text, word.site)).collect();
    Some(ReadPack { pack, later, unserved_sites })
}

/// The types of all paths.
fn schema(
    files: &Files<'_>,
    report: &Report,
    organisation: &organisation::Organisation,
    zones: &[Named],
    classes: &Classes,
) -> Schema {
    let silent = Report::default();
    let empty = Schema::default();
    let (mut registers, mut sources) = (Vec::new(), Vec::new());
    let mut seen = Seen::default();
    for id in files.duties() {
        if let Some(file) = files.table(&format!("duties/{id}/register.toml"), &silent, false) {
            registers.push(register::shape(&id, &file));
        }
        if let Some(file) = files.table(&format!("duties/{id}/sources.toml"), &silent, false) {
            sources.extend(controls::sources(&file, &empty, &mut seen));
        }
    }
    let named = |id: &String, name: &crate::model::Text| Named { id: id.clone(), name: name.clone() };
    let roles: Vec<_> = organisation.roles.iter().map(|role| named(&role.id, &role.name)).collect();
    let categories: Vec<_> = organisation.categories.iter().map(|c| named(&c.id, &c.name)).collect();
    let parts = SchemaParts {
        registers: &registers,
        sources: &sources,
        roles: &roles,
        categories: &categories,
        zones,
        classes,
    };
    let (schema, errors) = Schema::new(&parts);
    register::computed_mistakes(report, errors);
    schema
}

/// Everything that the duty folders hold.
#[derive(Default)]
struct Duties {
    registers: Vec<Register>,
    people_back: Vec<BackReference>,
    units_back: Vec<BackReference>,
    controls: Vec<crate::model::Control>,
    sources: Vec<crate::model::DataSource>,
}

fn duties(files: &Files<'_>, schema: &Schema, report: &Report) -> Duties {
    let mut duties = Duties::default();
    let (mut control_ids, mut source_ids) = (Seen::default(), Seen::default());
    let mut shapes: Vec<(String, Vec<FieldShape>)> = Vec::new();
    for id in files.duties() {
        register::is_folder_of_something(files, &id, report);
        if let Some(read) = register::read(&id, files, schema, report) {
            shapes.push((id.clone(), read.heads));
            duties.registers.push(read.register);
        }
        let open = |name: &str| -> Option<Table<'_>> { files.table(&format!("duties/{id}/{name}"), report, true) };
        if let Some(file) = open("controls.toml") {
            duties.controls.extend(controls::controls(&file, schema, &mut control_ids));
        }
        if let Some(file) = open("sources.toml") {
            duties.sources.extend(controls::sources(&file, schema, &mut source_ids));
        }
    }
    for (register, fields) in shapes {
        for field in fields {
            back(&mut duties, &register, field);
        }
    }
    duties
}

/// Gives what a field refers to its list.
fn back(duties: &mut Duties, register: &str, field: FieldShape) {
    let (Some(name), ShapeType::Stored(ty)) = (field.back, field.ty) else { return };
    let list = BackReference { name, register: register.to_owned(), field: field.id };
    let inner = if let FieldType::List(of) = ty { *of } else { ty };
    match inner {
        FieldType::Person => duties.people_back.push(list),
        FieldType::Unit => duties.units_back.push(list),
        FieldType::Ref(to) => {
            if let Some(target) = duties.registers.iter_mut().find(|target| target.id == to) {
                target.back.push(list);
            }
        }
        _ => {}
    }
}
