//! Objects as a table, as printed by `kubectl get`.

use crate::CompactString;
use crate::message::UnknownFields;
use crate::meta::v1::ListMeta;
use crate::types::RawJson;

/// Objects as printed by the server: columns, and a row per object.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables>
#[derive(Clone, Default)]
pub struct Table {
    /// The list's metadata: its resource version, and the continue token if there is a further page.
    pub metadata: ListMeta,
    /// The columns.
    pub column_definitions: Vec<TableColumnDefinition>,
    /// The rows, with a cell per column.
    pub rows: Vec<TableRow>,
    /// Unknown fields, preserved as they were read.
    pub unknown_fields: UnknownFields,
}

/// A column of a [`Table`].
#[derive(Clone, Default)]
pub struct TableColumnDefinition {
    /// The heading.
    pub name: CompactString,
    /// The OpenAPI type of the cells: `string`, `integer`, `number`, `boolean`, `array`, `object`.
    pub type_: CompactString,
    /// The OpenAPI format, such as `date`, or `name` for the column with the object's name.
    pub format: CompactString,
    /// The description.
    pub description: CompactString,
    /// 0 for columns that are always shown; others are for wide output.
    pub priority: i32,
    /// Unknown fields, preserved as they were read.
    pub unknown_fields: UnknownFields,
}

/// A row of a [`Table`].
#[derive(Clone, Default)]
pub struct TableRow {
    /// The cells, one per column: text, numbers, booleans.
    pub cells: Vec<RawJson>,
    /// The row's object: by default its metadata, as a `PartialObjectMetadata`.
    pub object: RawJson,
    /// Unknown fields, preserved as they were read.
    pub unknown_fields: UnknownFields,
}

impl Table {
    /// The `Accept` header.
    pub const ACCEPT: &str = "application/json;as=Table;g=meta.k8s.io;v=v1";
}

crate::table! { Table("meta.k8s.io", "v1", "Table"):
    0 metadata "metadata" { message: Some(ListMeta::table), };
    1 column_definitions "columnDefinitions" { required: true, message: Some(TableColumnDefinition::table), };
    2 rows "rows" { required: true, message: Some(TableRow::table), };
}

crate::table! { TableColumnDefinition:
    0 name "name" { required: true, };
    1 type_ "type" { required: true, };
    2 format "format" { required: true, };
    3 description "description" { required: true, };
    4 priority "priority" { required: true, };
}

crate::table! { TableRow:
    0 cells "cells" { required: true, };
    1 object "object" {};
}
