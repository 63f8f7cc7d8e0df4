//! Objects as a table: what `kubectl get` prints.

use crate::CompactString;
use crate::message::{Descriptor, Field, Gvk, Message, MessageType, Slot, UnknownFields, Value, field};
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

crate::message!(Table, TableColumnDefinition, TableRow);

impl Table {
    /// What a reader says that it accepts.
    pub const ACCEPT: &str = "application/json;as=Table;g=meta.k8s.io;v=v1";
}

macro_rules! table {
    ($ty:ident, $gvk:expr, $($index:literal $place:ident $field:expr;)*) => {
        impl MessageType for $ty {
            fn table() -> &'static Descriptor {
                static TABLE: Descriptor = Descriptor::new(stringify!($ty), $gvk, &[$($field),*]);
                &TABLE
            }
        }

        impl Message for $ty {
            fn descriptor(&self) -> &'static Descriptor {
                Self::table()
            }

            fn slot(&mut self, field: usize) -> Slot<'_> {
                match field {
                    $($index => self.$place.as_slot(),)*
                    _ => Slot::None,
                }
            }

            fn value(&self, field: usize) -> Value<'_> {
                match field {
                    $($index => self.$place.as_value(),)*
                    _ => Value::Absent,
                }
            }

            fn unknown_fields(&self) -> &UnknownFields {
                &self.unknown_fields
            }

            fn unknown_fields_mut(&mut self) -> &mut UnknownFields {
                &mut self.unknown_fields
            }
        }
    };
}

table! { Table, Some(Gvk { group: "meta.k8s.io", version: "v1", kind: "Table" }),
    0 metadata field("\"metadata\":").message(ListMeta::table);
    1 column_definitions field("\"columnDefinitions\":").required().message(TableColumnDefinition::table);
    2 rows field("\"rows\":").required().message(TableRow::table);
}

table! { TableColumnDefinition, None,
    0 name field("\"name\":").required();
    1 type_ field("\"type\":").required();
    2 format field("\"format\":").required();
    3 description field("\"description\":").required();
    4 priority field("\"priority\":").required();
}

table! { TableRow, None,
    0 cells field("\"cells\":").required();
    1 object field("\"object\":");
}
