//! Scales, of kinds that have one.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{aged, number, text};
use crate::api::table::column::{CREATED, Column, NAME, definition};

const COLUMNS: &[Column] = &[
    Column {
        kind: "integer",
        ..Column::text("Desired", "replicas is the desired number of instances for the scaled object.")
    },
    Column {
        kind: "integer",
        ..Column::text("Available", "replicas is the actual number of observed instances of the scaled object.")
    },
    Column::AGE,
];

/// The columns, with the name: it is not formatted as one.
pub(in super::super) fn columns() -> Vec<Value> {
    let name = definition("Name", "string", "", NAME, 0);
    std::iter::once(name).chain(COLUMNS.iter().map(|column| column.to_json())).collect()
}

/// The cells, with the name.
pub(in super::super) fn cells(scale: &Value, now: Timestamp) -> Vec<Value> {
    vec![
        text(&scale["metadata"]["name"]),
        number(&scale["spec"]["replicas"]),
        number(&scale["status"]["replicas"]),
        aged(scale, now),
    ]
}

/// The columns of the scales of custom resources, as a definition would have them.
pub(in super::super) fn custom() -> Vec<Value> {
    let column = |name: &str, kind: &str, description: &str, path: &str| json!({ "name": name, "type": kind, "description": description, "jsonPath": path });
    vec![
        column("Desired", "integer", "Number of desired replicas", ".spec.replicas"),
        column("Available", "integer", "Number of actual replicas", ".status.replicas"),
        column("Age", "date", CREATED, ".metadata.creationTimestamp"),
    ]
}
