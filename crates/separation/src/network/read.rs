//! Reading `network.toml`.

use serde::{Deserialize, Serialize};

use super::Attachment;
use crate::claims::Claims;
use crate::dialects;
use crate::document::{MAX_DOCUMENT_BYTES, Problems, Table, parse};
use crate::source::{At, Message, Problem};

/// Most devices of a network.
const MAX_DEVICES: usize = 1_000;

/// One `[[device]]`: what to read and how it is connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceEntry {
    /// Its name.
    pub name: String,
    /// Configuration files, as written (relative to the network file), routes last.
    pub files: Vec<String>,
    /// Dialect, when said.
    pub dialect: Option<String>,
    /// Access list to judge.
    pub acl: Option<String>,
    /// Interfaces and what they lead to.
    pub interfaces: Vec<(String, Attachment)>,
    /// Where it is described.
    pub at: At,
}

/// Reads `network.toml` against the claims whose zones it names. With any problem nothing may be judged.
pub fn read(text: &str, claims: &Claims) -> (Vec<DeviceEntry>, Vec<Problem>) {
    if text.len() > MAX_DOCUMENT_BYTES {
        let message = Message::new("ファイルが大きすぎます（8 MiBまで）", "the file is too large (at most 8 MiB)");
        return (Vec::new(), vec![Problem { at: At { file: 0, line: 1, column: 1 }, message, fatal: true }]);
    }
    let problems = Problems::new(text);
    let parsed = parse(&problems);
    let root = Table::new(parsed.get_ref(), &problems, At { file: 0, line: 1, column: 1 });
    let mut devices: Vec<DeviceEntry> = Vec::new();
    for table in root.tables("device") {
        let device = device(&table, &problems, claims);
        if devices.iter().any(|known| known.name == device.name) {
            problems.add(
                device.at,
                format!("機器「{}」が二度あります", device.name),
                format!("the device \"{}\" is there twice", device.name),
            );
        }
        devices.push(device);
        table.finish();
    }
    root.finish();
    if devices.is_empty() || devices.len() > MAX_DEVICES {
        problems.add(
            root.at,
            "機器（[[device]]）がないか、多すぎます",
            format!("there is no device ([[device]]), or more than {MAX_DEVICES}"),
        );
    }
    lonely_links(&devices, &problems);
    (devices, problems.into_list())
}

fn device(table: &Table<'_, '_>, problems: &Problems<'_>, claims: &Claims) -> DeviceEntry {
    let name = table.required("name").map_or("", |(name, _)| name).to_owned();
    let mut files = texts(table, "config");
    if files.is_empty() {
        problems.add(
            table.at,
            format!("機器「{name}」に config がありません"),
            format!("the device \"{name}\" has no config"),
        );
    }
    files.extend(texts(table, "routes"));
    let dialect = table.text("dialect").map(|(id, at)| {
        if dialects::by_id(id).is_none() {
            let known = dialects::DIALECTS.iter().map(|dialect| dialect.id).collect::<Vec<_>>().join(", ");
            problems.add(
                at,
                format!("形式「{id}」には対応していません。対応: {known}"),
                format!("there is no dialect \"{id}\"; those that are: {known}"),
            );
        }
        id.to_owned()
    });
    let mut interfaces = Vec::new();
    for (interface, place, at) in table.pairs("interfaces") {
        match place.split_once(':') {
            Some(("zone", zone)) if claims.zone(zone).is_some() => {
                interfaces.push((interface, Attachment::Zone(zone.to_owned())))
            }
            Some(("zone", zone)) => {
                problems.add(
                    at,
                    format!("領域「{zone}」は claims にありません"),
                    format!("there is no zone \"{zone}\" in the claims"),
                );
            }
            Some(("link", link)) if !link.is_empty() => interfaces.push((interface, Attachment::Link(link.to_owned()))),
            _ => problems.add(
                at,
                format!("「{place}」は zone:領域 か link:名前 でなければなりません"),
                format!("\"{place}\" must be zone:ZONE or link:NAME"),
            ),
        }
    }
    let acl = table.text("acl").map(|(acl, _)| acl.to_owned());
    DeviceEntry { name, files, dialect, acl, interfaces, at: table.at }
}

/// A text or a list of texts.
fn texts(table: &Table<'_, '_>, key: &'static str) -> Vec<String> {
    match table.get(key) {
        Some((value, _)) if value.as_str().is_some() => value.as_str().map(str::to_owned).into_iter().collect(),
        Some(_) => table.list(key).unwrap_or_default().into_iter().map(|(text, _)| text).collect(),
        None => Vec::new(),
    }
}

/// A link with one end is a typing error that would make a path disappear.
fn lonely_links(devices: &[DeviceEntry], problems: &Problems<'_>) {
    let ends = |wanted: &str| {
        devices
            .iter()
            .flat_map(|device| &device.interfaces)
            .filter(|(_, place)| matches!(place, Attachment::Link(link) if link == wanted))
            .count()
    };
    for device in devices {
        for (interface, place) in &device.interfaces {
            if let Attachment::Link(link) = place
                && ends(link) < 2
            {
                problems.add(
                    device.at,
                    format!("「{interface}」の link:{link} には相手がありません"),
                    format!("link:{link} of \"{interface}\" has no other end"),
                );
            }
        }
    }
}
