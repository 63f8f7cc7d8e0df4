//! Tables: descriptions of types and their fields, which the engines walk.

use std::borrow::Cow;

use super::Message;

/// A type's table.
#[derive(Debug)]
pub struct Descriptor {
    /// The type's name in Rust, such as `PodSpec`.
    pub name: &'static str,
    /// Group, version and kind, if the type is a kind: its `apiVersion` and `kind` are then written and checked by the
    /// codec and are not fields of the struct.
    pub gvk: Option<Gvk>,
    /// The kind of lists of the type, if it is not its own kind and `List`: a CustomResourceDefinition may name it
    /// anything (`spec.names.listKind`).
    pub list_kind: Option<&'static str>,
    /// The fields, in the order in which the server writes them, as far as that is known.
    pub fields: &'static [FieldDesc],
    /// Bit mask of the required fields among the first 64, the lowest bit for the first.
    pub(super) required: u64,
    /// Bit mask of the explicit fields among the first 64, likewise.
    pub(super) explicit: u64,
    /// Whether any field is explicit.
    pub(crate) has_explicit: bool,
}

impl Descriptor {
    /// Creates a table of these fields.
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

    /// Same for a type whose list kind has a name of its own.
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

    /// Returns the `apiVersion` of this kind: `group/version`, or the version alone for the core group.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            return self.version.to_owned();
        }
        format!("{}/{}", self.group, self.version)
    }
}

/// The merge strategy of a list, map or struct in server-side apply.
///
/// <https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListType {
    /// Not documented: lists are atomic, maps and structs granular.
    #[default]
    Unset,
    /// Atomic: owned and replaced as a whole.
    Atomic,
    /// A set: a list of scalars, each owned individually.
    Set,
    /// A map: a list of objects, each identified by the values of these JSON fields.
    Map(&'static [&'static str]),
}

/// The protobuf encoding of a field, if its Rust type and number don't determine it.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub enum Wire {
    /// Determined by its Rust type.
    #[default]
    Plain,
    /// Inside nested messages that JSON inlines: the numbers of these messages, outermost first. A volume's `emptyDir`
    /// is number 2 within number 2.
    Within(&'static [u32]),
    /// A list of strings that is a message of its own, with the items as its number 1; in a map, each value is one.
    Wrapped,
    /// A JSON schema (1) or a list of them (2), created by this function.
    SchemaOrArray(fn() -> Box<dyn Message>),
    /// A boolean (1) or a JSON schema (2), created by this function.
    SchemaOrBool(fn() -> Box<dyn Message>),
    /// A JSON schema (1), created by this function, or a list of strings (2); in a map, each value is one.
    SchemaOrStrings(fn() -> Box<dyn Message>),
}

/// A field of a table. Built with [`field`] and the methods that follow it, all of them `const`.
#[derive(Clone, Copy, Debug)]
pub struct FieldDesc {
    /// The JSON name as written in a document, quotes and colon included (`"nodeName":`), for a single comparison.
    pub key: &'static str,
    /// Whether the field is required: it is then written even if it is empty.
    pub required: bool,
    /// Whether the server distinguishes zero from absent in the field, which is required and not an `Option`: it stores
    /// the JSON of a custom resource verbatim. The field is then applied even at its zero value, and stays absent if it
    /// was absent when its object was decoded (see [`UnknownFields::mark_absent`](super::UnknownFields::mark_absent)).
    pub explicit: bool,
    /// Whether the server stores the field's JSON verbatim: the field is that of a custom resource. A value that its
    /// type can't represent is then not an error, and preserved beside it (see
    /// [`UnknownFields`](super::UnknownFields)).
    pub kept: bool,
    /// Whether the Rust field is an `Option`: it is then written if it is set, even at its zero value. A plain field is
    /// omitted at its default, unless it is required.
    pub optional: bool,
    /// Whether the value is a secret, which `Debug` must redact.
    pub secret: bool,
    /// The protobuf field number; 0 if there is none.
    pub number: u32,
    /// The protobuf encoding of the field, if its Rust type and number don't determine it.
    pub wire: Wire,
    /// Whether protobuf can't distinguish absent from zero: Go's field is not a pointer, so its encoder writes the zero
    /// value of an absent field too. A zero is then decoded as absent, as JSON would have omitted it.
    ///
    /// <https://protobuf.dev/programming-guides/field_presence/>
    pub implicit: bool,
    /// The table of the message type in the field, alone or in a list or map.
    pub message: Option<fn() -> &'static Descriptor>,
    /// The merge strategy of the field in server-side apply.
    pub list: ListType,
    /// The merge key of the list in a strategic merge patch, if it differs from that of `list`.
    pub patch_merge_key: Option<&'static str>,
    /// Whether the items of the list are whole objects, as in a `PodList`: their `apiVersion` and `kind` are then
    /// checked and written like those of a document.
    pub items_are_objects: bool,
    /// Whether server-side apply owns each item of the list, or each value of the map, as a whole. Set only for custom
    /// resources. Lists inside lists and maps are owned as a whole by default.
    pub atomic_items: bool,
    /// The minor of Kubernetes 1 that added the field; 0 if it is older than the tables record.
    pub since: u8,
}

/// Creates a field with a key: the JSON name in quotes, followed by a colon.
pub const fn field(key: &'static str) -> FieldDesc {
    FieldDesc { key, ..FIELD }
}

/// A field without a key and with defaults only, from which generated tables start.
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
    /// Returns the JSON name. Characters that JSON escapes are escaped.
    pub fn name(&self) -> &'static str {
        self.key.strip_suffix("\":").and_then(|rest| rest.strip_prefix('"')).unwrap_or(self.key)
    }

    /// Returns the JSON name, unescaped.
    pub fn json_name(&self) -> Cow<'static, str> {
        let name = self.name();
        if !name.contains('\\') {
            return Cow::Borrowed(name);
        }
        serde_json::from_str(&format!("\"{name}\"")).map_or(Cow::Borrowed(name), Cow::Owned)
    }

    /// Marks the field as required.
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Marks the field as required, with a zero value that the server distinguishes from absent.
    pub const fn explicit(mut self) -> Self {
        self.required = true;
        self.explicit = true;
        self
    }

    /// Marks the field as one whose JSON the server stores verbatim.
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

    /// Sets the protobuf field number.
    pub const fn number(mut self, number: u32) -> Self {
        self.number = number;
        self
    }

    /// Puts the field inside nested messages that JSON inlines: the numbers of these messages, outermost first.
    pub const fn within(mut self, path: &'static [u32]) -> Self {
        self.wire = Wire::Within(path);
        self
    }

    /// Marks a list of strings, or each in a map of such lists, as a protobuf message of its own.
    pub const fn wrapped(mut self) -> Self {
        self.wire = Wire::Wrapped;
        self
    }

    /// Marks raw JSON as a schema, which the function creates, or a list of them.
    pub const fn schema_or_array(mut self, make: fn() -> Box<dyn Message>) -> Self {
        self.wire = Wire::SchemaOrArray(make);
        self
    }

    /// Marks raw JSON as a schema, which the function creates, or a boolean.
    pub const fn schema_or_bool(mut self, make: fn() -> Box<dyn Message>) -> Self {
        self.wire = Wire::SchemaOrBool(make);
        self
    }

    /// Marks raw JSON, or each value in a map of it, as a schema, which the function creates, or a list of strings.
    pub const fn schema_or_strings(mut self, make: fn() -> Box<dyn Message>) -> Self {
        self.wire = Wire::SchemaOrStrings(make);
        self
    }

    /// Marks the field as one whose zero value protobuf can't distinguish from absent.
    pub const fn implicit(mut self) -> Self {
        self.implicit = true;
        self
    }

    /// Returns the numbers of the nested protobuf messages that contain the field; mostly none.
    pub(crate) fn path(&self) -> &'static [u32] {
        match self.wire {
            Wire::Within(path) => path,
            _ => &[],
        }
    }

    /// Whether these are the numbers of the nested protobuf messages that contain the field.
    pub(crate) fn is_at(&self, path: &[u32]) -> bool {
        match self.wire {
            Wire::Within(own) => own == path,
            // No comparison of slices: glibc's is very slow on empty ones that lie nowhere.
            _ => path.is_empty(),
        }
    }

    /// Sets the table of the message type in the field.
    pub const fn message(mut self, table: fn() -> &'static Descriptor) -> Self {
        self.message = Some(table);
        self
    }

    /// Marks the field as atomic.
    pub const fn atomic(mut self) -> Self {
        self.list = ListType::Atomic;
        self
    }

    /// Marks each item of the list, or each value of the map, as atomic.
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

    /// Sets the merge key of the list in a strategic merge patch.
    pub const fn patch_merge_key(mut self, key: &'static str) -> Self {
        self.patch_merge_key = Some(key);
        self
    }

    /// Marks the items of the list as whole objects.
    pub const fn objects(mut self) -> Self {
        self.items_are_objects = true;
        self
    }
}
