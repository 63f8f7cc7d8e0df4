//! The columns of tables.

use serde_json::{Value, json};

/// A column that Go code makes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub name: &'static str,
    pub kind: &'static str,
    pub format: &'static str,
    pub description: &'static str,
    /// 0 for the columns that are always shown, 1 for those of `-o wide`.
    pub priority: u8,
}

/// What the documents say of an object's name.
pub(super) const NAME: &str = "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names";

/// What they say of its creation.
pub(super) const CREATED: &str = "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

impl Column {
    pub const AGE: Self = Self::text("Age", CREATED);
    pub const CREATED_AT: Self =
        Self { name: "Created At", kind: "date", format: "", description: CREATED, priority: 0 };

    /// A column of text.
    pub const fn text(name: &'static str, description: &'static str) -> Self {
        Self { name, kind: "string", format: "", description, priority: 0 }
    }

    /// One that is shown with `-o wide` alone.
    pub const fn wide(self) -> Self {
        Self { priority: 1, ..self }
    }

    pub fn to_json(self) -> Value {
        definition(self.name, self.kind, self.format, self.description, i64::from(self.priority))
    }
}

/// The column with the name, which all tables begin with.
pub(super) fn name(format: &str) -> Value {
    definition("Name", "string", format, NAME, 0)
}

/// `TableColumnDefinition`.
pub(super) fn definition(name: &str, kind: &str, format: &str, description: &str, priority: i64) -> Value {
    json!({ "name": name, "type": kind, "format": format, "description": description, "priority": priority })
}
