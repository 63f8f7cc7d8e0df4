//! The tables: what the engines know about a type and its fields.

use std::borrow::Cow;

use super::Message;

/// A type's table.
#[derive(Debug)]
pub struct Descriptor {
    /// The type's name in Rust, such as `PodSpec`.
    pub name: &'static str,
    /// Group, version and kind, where the type is a kind: its `apiVersion` and `kind` are then written and checked by
    /// the codec and are not fields of the struct.
    pub gvk: Option<Gvk>,
    /// The kind of lists of the type, where that is not its own kind and `List`: a CustomResourceDefinition may call it
    /// anything (`spec.names.listKind`).
    pub list_kind: Option<&'static str>,
    /// The fields, in the order in which the server writes them, as far as that is known.
    pub fields: &'static [FieldDesc],
    /// Which of the first 64 fields are required, the lowest bit for the first.
    pub(super) required: u64,
    /// Which of the first 64 fields are explicit, likewise.
    pub(super) explicit: u64,
    /// Whether any field is explicit.
    pub(crate) has_explicit: bool,
}

impl Descriptor {
    /// A table of these fields.
    pub const fn new(name: &'static str, gvk: Option<Gvk>, fields: &'static [FieldDesc]) -> Self {
        let (mut required, mut explicit, mut has_explicit) = (0, 0, false);
        let mut index = 0;
        while index < fields.len() {
            has_explicit |= fields[index].explicit;
            if index < u64::BITS as usize {
                required |= (fields[index].required as u64) << index;
                explicit |= (fields[index].explicit as u64) << index;
            }
            index += 1;
        }
        Descriptor { name, gvk, list_kind: None, fields, required, explicit, has_explicit }
    }

    /// The same of a type whose lists are of a kind with a name of its own.
    pub const fn lists_are(self, list_kind: &'static str) -> Self {
        Self { list_kind: Some(list_kind), ..self }
    }
}

/// A group-version-kind, as constants.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#standard-api-terminology>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Gvk {
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// The version within the group, such as `v1` or `v1beta1`.
    pub version: &'static str,
    /// The kind, such as `Deployment`.
    pub kind: &'static str,
}

impl Gvk {
    /// Whether `text` is this kind's `apiVersion`: `group/version`, or the version alone for the core group.
    pub fn is_api_version(&self, text: &str) -> bool {
        if self.group.is_empty() {
            return text == self.version;
        }
        text.strip_prefix(self.group).and_then(|rest| rest.strip_prefix('/')) == Some(self.version)
    }

    /// The `apiVersion` of this kind: `group/version`, or the version alone for the core group.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            return self.version.to_owned();
        }
        format!("{}/{}", self.group, self.version)
    }
}

/// How the server merges a list, map or struct when it is applied.
///
/// <https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListType {
    /// The documents say nothing: lists are atomic, maps and structs granular.
    #[default]
    Unset,
    /// Owned and replaced as a whole.
    Atomic,
    /// A list of scalars, each owned on its own.
    Set,
    /// A list of objects, each identified by the values of these JSON fields.
    Map(&'static [&'static str]),
}

/// How a field is written in protobuf, where its Rust type and its number don't say it all.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub enum Wire {
    /// As its Rust type says.
    #[default]
    Plain,
    /// In a message inside this one, which JSON shows inline: the numbers of the messages to enter, outermost first. A
    /// volume's `emptyDir` is number 2 within number 2.
    Within(&'static [u32]),
    /// A list of strings that is a message of its own, with the items as its number 1; in a map, each value is one.
    Wrapped,
    /// A JSON schema (1) or a list of them (2), made by this function.
    SchemaOrArray(fn() -> Box<dyn Message>),
    /// A boolean (1) or a JSON schema (2), made by this function.
    SchemaOrBool(fn() -> Box<dyn Message>),
    /// A JSON schema (1), made by this function, or a list of strings (2); in a map, each value is one.
    SchemaOrStrings(fn() -> Box<dyn Message>),
}

/// One field in a table. Made with [`field`] and the methods that follow it, all of them `const`.
#[derive(Clone, Copy, Debug)]
pub struct FieldDesc {
    /// The JSON name as it stands in a document, quotes and colon included (`"nodeName":`): readers compare it in one go.
    pub key: &'static str,
    /// Whether the documents require the field: it is then written even when it is empty.
    pub required: bool,
    /// Whether the server tells zero and absent apart in the field, which is required and no `Option`: it keeps the
    /// JSON of a custom resource as it was sent. The field is then applied even at its zero value, and one that was
    /// absent where its object was read stays absent (see [`UnknownFields::mark_absent`](super::UnknownFields::mark_absent)).
    pub explicit: bool,
    /// Whether the server keeps the field's JSON as it was sent: the field is a custom resource's. A value that its type
    /// can't hold is then no error, and is kept beside it (see [`UnknownFields`](super::UnknownFields)).
    pub kept: bool,
    /// Whether the Rust field is an `Option`: it is then written whenever it is there, even at its zero value. A plain
    /// field is left out at its default, unless it is required.
    pub optional: bool,
    /// Whether the value is a secret, which `Debug` must not print.
    pub secret: bool,
    /// The protobuf field number; 0 where the field has none.
    pub number: u32,
    /// How the field is written in protobuf, where its Rust type and its number don't say it all.
    pub wire: Wire,
    /// Whether protobuf can't tell absent and zero apart: Go's field is no pointer, so its encoder writes the zero value
    /// of an absent field too. A zero is then read as absent, as JSON would have left it out.
    ///
    /// <https://protobuf.dev/programming-guides/field_presence/>
    pub implicit: bool,
    /// The table of the message type that stands in the field, alone or in a list or map.
    pub message: Option<fn() -> &'static Descriptor>,
    /// How server-side apply merges what stands in the field.
    pub list: ListType,
    /// The field by whose value a strategic merge patch identifies a list's items, where it is not those of `list`.
    pub patch_merge_key: Option<&'static str>,
    /// Whether the items of the list are objects that stand for themselves, as in a `PodList`: their `apiVersion` and
    /// `kind` are then checked and written like those of a whole document.
    pub items_are_objects: bool,
    /// Whether server-side apply owns each item of the list, or each value of the map, as a whole. It is given for custom
    /// resources alone. Lists inside lists and maps need no word: they are owned as a whole unless the documents say
    /// otherwise.
    pub atomic_items: bool,
    /// The minor of Kubernetes 1 that added the field; 0 if it is as old as anything that the tables know.
    pub since: u8,
}

/// A field by its key: the JSON name as it stands in a document, in quotes and followed by a colon.
pub const fn field(key: &'static str) -> FieldDesc {
    FieldDesc { key, ..FIELD }
}

/// A field without a key, of which nothing is known: what generated tables start each of theirs from.
pub const FIELD: FieldDesc = FieldDesc {
    key: "",
    required: false,
    explicit: false,
    kept: false,
    optional: false,
    secret: false,
    number: 0,
    wire: Wire::Plain,
    implicit: false,
    message: None,
    list: ListType::Unset,
    patch_merge_key: None,
    items_are_objects: false,
    atomic_items: false,
    since: 0,
};

impl FieldDesc {
    /// The JSON name. A name with characters that JSON escapes is given in its escaped form.
    pub fn name(&self) -> &'static str {
        self.key.strip_suffix("\":").and_then(|rest| rest.strip_prefix('"')).unwrap_or(self.key)
    }

    /// The JSON name as it is, without the escapes that it has in a document.
    pub fn json_name(&self) -> Cow<'static, str> {
        let name = self.name();
        if !name.contains('\\') {
            return Cow::Borrowed(name);
        }
        serde_json::from_str(&format!("\"{name}\"")).map_or(Cow::Borrowed(name), Cow::Owned)
    }

    /// Marks the field as required by the documents.
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Marks the field as required, and as one whose zero value and absence the server tells apart.
    pub const fn explicit(mut self) -> Self {
        self.required = true;
        self.explicit = true;
        self
    }

    /// Marks the field as one whose JSON the server keeps as it was sent.
    pub const fn kept(mut self) -> Self {
        self.kept = true;
        self
    }

    /// Marks the Rust field as an `Option`.
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Marks the value as a secret.
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// Gives the protobuf field number.
    pub const fn number(mut self, number: u32) -> Self {
        self.number = number;
        self
    }

    /// Puts the field into a message inside this one, which JSON shows inline: the numbers of the messages to enter,
    /// outermost first.
    pub const fn within(mut self, path: &'static [u32]) -> Self {
        self.wire = Wire::Within(path);
        self
    }

    /// Marks a list of strings, or each in a map of such lists, as a protobuf message of its own.
    pub const fn wrapped(mut self) -> Self {
        self.wire = Wire::Wrapped;
        self
    }

    /// Marks raw JSON as a schema, which the function makes, or a list of them.
    pub const fn schema_or_array(mut self, make: fn() -> Box<dyn Message>) -> Self {
        self.wire = Wire::SchemaOrArray(make);
        self
    }

    /// Marks raw JSON as a schema, which the function makes, or a boolean.
    pub const fn schema_or_bool(mut self, make: fn() -> Box<dyn Message>) -> Self {
        self.wire = Wire::SchemaOrBool(make);
        self
    }

    /// Marks raw JSON, or each in a map of it, as a schema, which the function makes, or a list of strings.
    pub const fn schema_or_strings(mut self, make: fn() -> Box<dyn Message>) -> Self {
        self.wire = Wire::SchemaOrStrings(make);
        self
    }

    /// Marks the field as one whose zero value protobuf can't tell from its absence.
    pub const fn implicit(mut self) -> Self {
        self.implicit = true;
        self
    }

    /// The numbers of the protobuf messages to enter before the field's own; none for most.
    pub(crate) fn path(&self) -> &'static [u32] {
        match self.wire {
            Wire::Within(path) => path,
            _ => &[],
        }
    }

    /// Whether these are the numbers of the protobuf messages to enter before the field's own.
    pub(crate) fn is_at(&self, path: &[u32]) -> bool {
        match self.wire {
            Wire::Within(own) => own == path,
            // No comparison of slices: glibc's is very slow on empty ones that lie nowhere.
            _ => path.is_empty(),
        }
    }

    /// Gives the table of the message type that stands in the field.
    pub const fn message(mut self, table: fn() -> &'static Descriptor) -> Self {
        self.message = Some(table);
        self
    }

    /// Marks the field as owned and replaced as a whole.
    pub const fn atomic(mut self) -> Self {
        self.list = ListType::Atomic;
        self
    }

    /// Marks each item of the list, or each value of the map, as owned and replaced as a whole.
    pub const fn atomic_items(mut self) -> Self {
        self.atomic_items = true;
        self
    }

    /// Marks the list as a set of scalars.
    pub const fn set(mut self) -> Self {
        self.list = ListType::Set;
        self
    }

    /// Marks the list as a map whose items are identified by these JSON fields.
    pub const fn map(mut self, keys: &'static [&'static str]) -> Self {
        self.list = ListType::Map(keys);
        self
    }

    /// Gives the field that identifies a list's items in a strategic merge patch.
    pub const fn patch_merge_key(mut self, key: &'static str) -> Self {
        self.patch_merge_key = Some(key);
        self
    }

    /// Marks the items of the list as objects that stand for themselves.
    pub const fn objects(mut self) -> Self {
        self.items_are_objects = true;
        self
    }
}
