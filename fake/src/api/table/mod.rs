//! Tables: objects as rows, for `kubectl get`.
//!
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables>

mod age;
mod column;
mod custom;
mod printers;

use serde_json::{Value, json};

use super::answer::metadata_alone;
use super::call::Query;
use crate::catalog::Resource;
use crate::clock::FakeClock;
use crate::server::Server;
use crate::status::Status;

/// What a row has of its object, by the parameter `includeObject`.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Include {
    Metadata,
    Object,
    None,
}

/// How the objects of a resource are made to tables.
#[derive(Debug)]
pub(super) struct Tables {
    include: Include,
    columns: Value,
    cells: Cells,
    /// For the ages of objects.
    clock: FakeClock,
}

#[derive(Debug)]
enum Cells {
    Custom(custom::Columns),
    BuiltIn(printers::Printer),
}

impl Tables {
    /// Whether the columns of a resource are known.
    pub fn exist_for(server: &Server, resource: &Resource) -> bool {
        resource.custom().is_some() || printers::of(resource, server.documents.minor).is_some()
    }

    /// By the parameters of a request.
    pub fn of(server: &Server, resource: &Resource, query: &Query) -> Result<Self, Status> {
        let include = match query.get("includeObject").unwrap_or_default() {
            "" | "Metadata" => Include::Metadata,
            "Object" => Include::Object,
            "None" => Include::None,
            other => {
                let message = format!(
                    "Unable to convert to Table as requested: includeObject: Invalid value: {other:?}: must be 'Metadata', 'Object', 'None', or empty"
                );
                return Err(Status::bad_request(message));
            }
        };
        let mut columns = vec![column::name()];
        let cells = match resource.custom() {
            Some(version) => {
                let custom = custom::Columns::of(&version.columns)?;
                columns.extend_from_slice(custom.definitions());
                Cells::Custom(custom)
            }
            None => {
                let Some(printer) = printers::of(resource, server.documents.minor) else {
                    return Err(Status::not_done(format_args!("tables of {}", resource.plural)));
                };
                columns.extend(printer.columns.iter().map(|column| column.to_json()));
                Cells::BuiltIn(printer)
            }
        };
        Ok(Self { include, columns: Value::Array(columns), cells, clock: server.clock.clone() })
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
        let mut metadata = json!({ "resourceVersion": object["metadata"]["resourceVersion"] });
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
                items.into_iter().map(|item| self.row(item, resource)).collect()
            }
            _ => vec![self.row(object, resource)],
        };
        json!({
            "kind": "Table",
            "apiVersion": "meta.k8s.io/v1",
            "metadata": metadata,
            "columnDefinitions": self.columns,
            "rows": rows,
        })
    }

    /// `TableRow`.
    fn row(&self, mut object: Value, resource: &Resource) -> Value {
        let now = self.clock.now();
        let mut cells = vec![json!(object["metadata"]["name"].as_str().unwrap_or_default())];
        cells.extend(match &self.cells {
            Cells::Custom(columns) => columns.cells(&object, now),
            Cells::BuiltIn(printer) => (printer.cells)(&object, now),
        });
        let conditions = match &self.cells {
            Cells::Custom(_) => None,
            Cells::BuiltIn(_) => printers::conditions(&object, resource),
        };
        let object = match self.include {
            Include::Metadata => metadata_alone(object),
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
