//! Attached files: taken from forms, given back to whoever may see the record that they belong to.

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use ledger::{Id, Operation, files, permission};
use pack::model::{Field, FieldType};
use serde_json::{Map, Value as Json};

use crate::page::fault::Fault;
use crate::page::link;
use crate::page::posted::Posted;
use crate::visit::Desk;

/// The most that one attached file may have.
const FILE_BYTES: usize = 50 << 20;

/// Whether a field holds a file, or several.
pub(crate) fn holds_file(field: &Field) -> bool {
    match &field.ty {
        FieldType::File => true,
        FieldType::List(inner) => matches!(inner.as_ref(), FieldType::File),
        _ => false,
    }
}

/// Stores the files that came with a form and puts their ids into the values, beside those that stay attached.
pub(crate) async fn attach(
    op: &mut Operation,
    desk: &Desk,
    fields: &[&Field],
    posted: &Posted,
    values: &mut Map<String, Json>,
) -> Result<(), Fault> {
    for field in fields.iter().filter(|field| holds_file(field)) {
        let mut ids: Vec<Json> =
            posted.all(&field.id).filter_map(|id| id.parse::<Id>().ok()).map(|id| id.to_string().into()).collect();
        for upload in posted.files.iter().filter(|upload| upload.field == field.id) {
            if upload.bytes.len() > FILE_BYTES {
                return Err(Fault::TooLarge);
            }
            let permit = permission::attach(op, Some(&desk.standing))?;
            // What a browser says about the type is not believed, and nobody here has looked inside.
            let file =
                files::add(op, permit, &upload.name, "application/octet-stream", upload.bytes.as_slice()).await?;
            ids.push(file.id.to_string().into());
        }
        let value =
            if matches!(field.ty, FieldType::List(_)) { Json::Array(ids) } else { ids.pop().unwrap_or(Json::Null) };
        values.insert(field.id.clone(), value);
    }
    Ok(())
}

/// `GET /files/{id}`: always as a download, never shown in the browser.
pub(crate) async fn download(desk: Desk, Path(id): Path<String>) -> Result<Response, Fault> {
    let pack = desk.pack();
    let mut reading = desk.reading().await?;
    let file = files::get(&mut reading, &pack, Some(&desk.standing), id.parse().map_err(|_| Fault::NotFound)?).await?;
    let mut bytes = Vec::new();
    for part in 0.. {
        match files::part(&mut reading, &file.id.to_string(), part).await? {
            Some(more) => bytes.extend(more),
            None => break,
        }
    }
    reading.end().await?;
    let mut op = desk.operation().await?;
    files::note_download(&mut op, &file);
    op.commit().await?;
    let name = format!("attachment; filename*=UTF-8''{}", link::encode(&file.name));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(Fault::internal)?),
    ];
    Ok((headers, Body::from(bytes)).into_response())
}
