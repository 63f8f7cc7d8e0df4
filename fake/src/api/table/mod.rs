//! Tables: objects as rows, for `kubectl get`.
//!
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables>

mod age;
mod column;
mod custom;
mod printers;

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::answer::metadata_alone;
use super::call::Query;
use super::negotiate::MetaVersion;
use super::review::is_review;
use crate::builtin;
use crate::catalog::Resource;
use crate::clock::FakeClock;
use crate::quoted::quoted;
use crate::server::Server;
use crate::status::Status;
use printers::Marks;

/// What a row has of its object, by the parameter `includeObject`.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Include {
    Metadata,
    Object,
    None,
}

/// What is asked for as a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub resource: &'a Resource,
    pub subresource: Option<&'a str>,
    pub version: MetaVersion,
}

/// How the objects of a resource are made to tables.
#[derive(Debug)]
pub(super) struct Tables {
    include: Include,
    version: MetaVersion,
    minor: u32,
    columns: Value,
    cells: Cells,
    /// The version that objects are stored in, by which those of others are shown.
    stored: Option<Arc<Resource>>,
    /// For the ages of objects.
    clock: FakeClock,
}

#[derive(Debug)]
enum Cells {
    Custom(custom::Columns),
    BuiltIn(printers::Printer),
    /// Kinds whose name is no column like the others.
    WithName(fn(&Value, Timestamp) -> Vec<Value>),
}

/// Whether what a resource or one of its subresources answers with can be a table on a real server.
pub(super) fn has_tables(resource: &Resource, subresource: Option<&str>) -> bool {
    match subresource {
        None => !is_review(resource),
        Some(name) => matches!(name, "status" | "scale"),
    }
}

fn has_events(resource: &Resource) -> bool {
    resource.custom().is_none()
        && matches!(resource.group.as_str(), "" | "events.k8s.io")
        && resource.plural == "events"
}

impl Tables {
    /// Whether the columns of a resource are known.
    pub fn exist_for(server: &Server, resource: &Resource) -> bool {
        let is_known = || has_events(resource) || printers::of(resource, server.documents.minor).is_some();
        resource.custom().is_some() || is_known()
    }

    /// By the parameters of a request.
    pub fn of(server: &Server, asked: Asked<'_>, query: &Query) -> Result<Self, Status> {
        let Asked { resource, subresource, version } = asked;
        let minor = server.documents.minor;
        let include = match query.get("includeObject").unwrap_or_default() {
            "" | "Metadata" => Include::Metadata,
            "Object" => Include::Object,
            "None" => Include::None,
            other => {
                let message = format!(
                    "Unable to convert to Table as requested: includeObject: Invalid value: {}: must be 'Metadata', 'Object', 'None', or empty",
                    quoted(other)
                );
                return Err(Status::bad_request(message));
            }
        };
        let mut columns = vec![column::name(printers::format_of_name(resource))];
        let cells = match (resource.custom(), subresource) {
            (Some(custom), subresource) => {
                let custom = match subresource {
                    Some("scale") => custom::Columns::of(&printers::scales::custom()),
                    _ => custom::Columns::of(&custom.columns),
                };
                columns.extend_from_slice(custom.definitions());
                Cells::Custom(custom)
            }
            (None, Some("scale")) => {
                columns = printers::scales::columns();
                Cells::WithName(printers::scales::cells)
            }
            (None, _) if has_events(resource) => {
                columns = printers::events::columns();
                Cells::WithName(printers::events::cells)
            }
            (None, _) => {
                let printer = printers::of(resource, minor).ok_or_else(|| {
                    Status::not_done(format_args!("tables of {} in {}", resource.plural, resource.api_version()))
                })?;
                columns.extend(printer.columns.iter().map(|column| column.to_json()));
                Cells::BuiltIn(printer)
            }
        };
        let stored = server.other_form(resource).filter(|_| builtin::is_older(resource));
        Ok(Self { include, version, minor, columns: Value::Array(columns), cells, stored, clock: server.clock.clone() })
    }

    /// The object of the next event of a watch. The columns are in the first alone.
    pub fn next(&mut self, object: Value, resource: &Resource) -> Value {
        let is_table = object["kind"] != "Status";
        let table = self.table(object, resource);
        if is_table {
            self.columns = Value::Null;
        }
        table
    }

    /// An object or a list as a table. A status stays one.
    pub fn table(&self, mut object: Value, resource: &Resource) -> Value {
        if object["kind"] == "Status" {
            return object;
        }
        let mut metadata = json!({});
        let version = &object["metadata"]["resourceVersion"];
        if !version.is_null() {
            metadata["resourceVersion"] = version.clone();
        }
        // Custom resources may have a field `items` of their own.
        let is_list = object["kind"] == format!("{}List", resource.kind);
        let rows: Vec<Value> = match object.get_mut("items").filter(|_| is_list).map(Value::take) {
            Some(Value::Array(mut items)) => {
                if resource.custom().is_none() {
                    printers::sort(&mut items, resource);
                }
                if object["metadata"]["continue"].as_str().is_some_and(|token| !token.is_empty()) {
                    metadata["continue"] = object["metadata"]["continue"].take();
                }
                if object["metadata"]["remainingItemCount"].is_number() {
                    metadata["remainingItemCount"] = object["metadata"]["remainingItemCount"].take();
                }
                let marks = Marks::among(Some(&items), resource, self.minor);
                items.into_iter().map(|item| self.row(item, resource, &marks)).collect()
            }
            _ => {
                let marks = Marks::among(None, resource, self.minor);
                vec![self.row(object, resource, &marks)]
            }
        };
        json!({
            "kind": "Table",
            "apiVersion": self.version.api_version(),
            "metadata": metadata,
            "columnDefinitions": self.columns,
            "rows": rows,
        })
    }

    /// `TableRow`.
    fn row(&self, mut object: Value, resource: &Resource, marks: &Marks) -> Value {
        let now = self.clock.now();
        let stored = self.stored.as_deref().map(|stored| {
            // Items of a list don't say what they are.
            object["apiVersion"] = json!(resource.api_version());
            object["kind"] = json!(resource.kind);
            builtin::converted(&object, stored)
        });
        let with_name = |cells| std::iter::once(json!(marks.name(&object))).chain(cells).collect();
        let cells: Vec<Value> = match &self.cells {
            Cells::Custom(columns) => with_name(columns.cells(&object, now)),
            Cells::BuiltIn(printer) => with_name((printer.cells)(stored.as_ref().unwrap_or(&object), now)),
            Cells::WithName(cells) => cells(&object, now),
        };
        let conditions = match &self.cells {
            Cells::Custom(_) | Cells::WithName(_) => None,
            Cells::BuiltIn(_) => printers::conditions(&object, resource),
        };
        let object = match self.include {
            Include::Metadata => metadata_alone(object, self.version),
            Include::Object => {
                object["kind"] = json!(resource.kind);
                object["apiVersion"] = json!(resource.api_version());
                object
            }
            Include::None => Value::Null,
        };
        let mut row = json!({ "cells": cells, "object": object });
        if let Some(conditions) = conditions {
            row["conditions"] = conditions;
        }
        row
    }
}
