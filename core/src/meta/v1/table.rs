//! Objects as a table: what `kubectl get` prints.

use crate::CompactString;
use crate::message::UnknownFields;
use crate::meta::v1::ListMeta;
use crate::types::RawJson;

/// Objects as the server prints them: columns, and a row an object.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables>
#[derive(Clone, Default)]
pub struct Table {
    /// The list's metadata: its resource version, and where a page ends the token that leads on.
    pub metadata: ListMeta,
    /// The columns.
    pub column_definitions: Vec<TableColumnDefinition>,
    /// The rows, a cell a column each.
    pub rows: Vec<TableRow>,
    /// Fields that this version does not know, kept as they were read.
    pub unknown_fields: UnknownFields,
}

/// A column of a [`Table`].
#[derive(Clone, Default)]
pub struct TableColumnDefinition {
    /// The heading.
    pub name: CompactString,
    /// The type of the cells, as OpenAPI has it: `string`, `integer`, `number`, `boolean`, `array`, `object`.
    pub type_: CompactString,
    /// What the type stands for, such as `date`, or `name` for the column that names the object.
    pub format: CompactString,
    /// What the column means.
    pub description: CompactString,
    /// 0 for columns that are always shown; others are for wide output.
    pub priority: i32,
    /// Fields that this version does not know, kept as they were read.
    pub unknown_fields: UnknownFields,
}

/// A row of a [`Table`].
#[derive(Clone, Default)]
pub struct TableRow {
    /// The cells, one a column: text, numbers, booleans.
    pub cells: Vec<RawJson>,
    /// The object of the row: by default its metadata, as a `PartialObjectMetadata`.
    pub object: RawJson,
    /// Fields that this version does not know, kept as they were read.
    pub unknown_fields: UnknownFields,
}

impl Table {
    /// What a reader says that it accepts.
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
