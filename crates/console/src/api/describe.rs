//! OpenAPI 3.1, written by hand: the paths are few and the same for every register.

use axum::Json as Reply;
use serde_json::{Value as Json, json};

fn parameter(name: &str, place: &str, kind: &str, says: &str) -> Json {
    json!({ "name": name, "in": place, "required": place == "path", "schema": { "type": kind }, "description": says })
}

fn answers(good: &str, schema: &str) -> Json {
    let mut all = json!({ "default": { "description": "problem (RFC 9457)", "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } } });
    all[good] = json!({ "description": "done", "content": { "application/json": { "schema": { "$ref": format!("#/components/schemas/{schema}") } } } });
    all
}

fn body() -> Json {
    json!({ "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Change" } } } })
}

/// `GET /api/openapi.json`
pub(crate) async fn openapi() -> Reply<Json> {
    let register = || parameter("register", "path", "string", "id of a register, such as assets");
    let id = || parameter("id", "path", "string", "id of a record");
    let if_match = || parameter("If-Match", "header", "string", "the ETag that was read");
    Reply(json!({
        "openapi": "3.1.0",
        "info": { "title": "sekimori", "version": env!("CARGO_PKG_VERSION"), "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" } },
        "security": [{ "token": [] }],
        "paths": {
            "/api/v1/registers": { "get": { "operationId": "registers", "summary": "Registers with their fields, states and transitions", "responses": answers("200", "Registers") } },
            "/api/v1/registers/{register}/records": {
                "get": {
                    "operationId": "listRecords",
                    "summary": "Records that the caller may see; any field's id filters",
                    "parameters": [
                        register(),
                        parameter("limit", "query", "integer", "1 to 200, 25 without"),
                        parameter("offset", "query", "integer", "records to skip"),
                        parameter("cursor", "query", "string", "`next` of the page before"),
                        parameter("q", "query", "string", "words"),
                        parameter("sort", "query", "string", "a field's id, `number`, `changed` or `name`; `-` before it reverses"),
                    ],
                    "responses": answers("200", "Page"),
                },
                "post": { "operationId": "createRecord", "summary": "Create a record", "parameters": [register()], "requestBody": body(), "responses": answers("201", "Record") },
            },
            "/api/v1/registers/{register}/records/{id}": {
                "get": { "operationId": "getRecord", "summary": "One record, with its ETag", "parameters": [register(), id()], "responses": answers("200", "Record") },
                "patch": { "operationId": "changeRecord", "summary": "Change fields; null clears one", "parameters": [register(), id(), if_match()], "requestBody": body(), "responses": answers("200", "Record") },
            },
            "/api/v1/registers/{register}/records/{id}/transitions/{name}": {
                "post": { "operationId": "takeTransition", "summary": "Take a step of the lifecycle", "parameters": [register(), id(), parameter("name", "path", "string", "id of a transition"), if_match()], "requestBody": body(), "responses": answers("200", "Record") },
            },
            "/api/v1/search": { "get": { "operationId": "search", "summary": "Records of all registers by words", "parameters": [parameter("q", "query", "string", "words")], "responses": answers("200", "Page") } },
            "/api/v1/assurance/summary": { "get": { "operationId": "assuranceSummary", "summary": "Counts of what is kept, in all and by control", "responses": answers("200", "Summary") } },
            "/api/v1/findings": { "get": { "operationId": "findings", "summary": "Open findings, worst and first due first", "parameters": [parameter("limit", "query", "integer", "1 to 200"), parameter("offset", "query", "integer", "findings to skip"), parameter("control", "query", "string", "only of this control")], "responses": answers("200", "Findings") } },
            "/api/v1/journal": { "get": { "operationId": "journal", "summary": "Entries of the journal in order", "parameters": [parameter("after", "query", "integer", "after this number")], "responses": answers("200", "Journal") } },
        },
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "schemas": {
                "Record": { "type": "object", "required": ["id", "register", "number", "state", "version", "fields"], "properties": {
                    "id": { "type": "string" }, "register": { "type": "string" }, "number": { "type": "string" }, "name": { "type": "string" },
                    "unit": { "type": "string" }, "state": { "type": "string" }, "applicant": { "type": ["string", "null"] },
                    "entered_for": { "type": ["string", "null"], "description": "代理入力: the person for whom the applicant entered it from paper" },
                    "entered_for_dated": { "type": ["string", "null"], "format": "date", "description": "the paper's day" },
                    "entered_for_scan": { "type": ["string", "null"], "description": "id of the file that shows the paper" },
                    "version": { "type": "integer" }, "created_at": { "type": "string", "format": "date-time" },
                    "changed_at": { "type": "string", "format": "date-time" }, "entered_on": { "type": "string", "format": "date" },
                    "fields": { "type": "object", "additionalProperties": true } } },
                "Page": { "type": "object", "required": ["items", "next", "total", "total_capped"], "properties": {
                    "items": { "type": "array", "items": { "$ref": "#/components/schemas/Record" } }, "next": { "type": ["string", "null"] },
                    "total": { "type": "integer", "maximum": 10000 }, "total_capped": { "type": "boolean" } } },
                "Change": { "type": "object", "properties": {
                    "fields": { "type": "object", "additionalProperties": true }, "unit": { "type": "string" }, "reason": { "type": "string" },
                    "entered_for": { "type": "string", "description": "代理入力, only when a record is created: id of the person whose paper it is; with the two below" },
                    "entered_for_dated": { "type": "string", "format": "date", "description": "the day on the paper" },
                    "entered_for_scan": { "type": "string", "description": "id of a file that the caller attached, in no record yet" },
                    "to_step": { "type": "integer", "description": "for 差戻し: the earlier step it goes back to, from 0; without it, the applicant" } } },
                "Registers": { "type": "object", "properties": { "items": { "type": "array", "items": { "type": "object" } } } },
                "Summary": { "type": "object", "properties": { "as_of": { "type": ["string", "null"] }, "follows": { "type": "boolean" }, "counts": { "type": "object" }, "controls": { "type": "array", "items": { "type": "object" } } } },
                "Findings": { "type": "object", "properties": { "items": { "type": "array", "items": { "type": "object" } }, "next": { "type": ["string", "null"] }, "total": { "type": "integer" }, "total_capped": { "type": "boolean" } } },
                "Journal": { "type": "object", "properties": { "items": { "type": "array", "items": { "type": "object" } }, "next": { "type": ["integer", "null"] } } },
                "Problem": { "type": "object", "properties": {
                    "type": { "type": "string" }, "title": { "type": "string" }, "status": { "type": "integer" }, "detail": { "type": "string" },
                    "field": { "type": "string" }, "errors": { "type": "array", "items": { "type": "object" } } } },
            },
        },
    }))
}
