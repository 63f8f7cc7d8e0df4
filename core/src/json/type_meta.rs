//! `apiVersion` and `kind` of a document.

use std::fmt;

use super::error::{Error, Kind};
use super::parser::Parser;
use crate::message::{Descriptor, FieldDesc, Gvk, Message};
use crate::types::RawJson;

/// The `apiVersion` and `kind` of a table's documents.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#standard-api-terminology>
#[derive(Clone, Copy)]
pub(crate) struct TypeMeta {
    pub(crate) gvk: Gvk,
    /// Whether it is a list of this kind.
    pub(crate) list: bool,
    /// The list's own kind, if it is not that of the items and `List`.
    list_kind: Option<&'static str>,
}

impl TypeMeta {
    /// Returns the `apiVersion` and `kind` of a table's documents; `None` for a type that is not a kind.
    ///
    /// A table with a field of whole objects ([`FieldDesc::objects`](crate::message::FieldDesc::objects)) and no kind
    /// of its own is the list of those.
    pub(crate) fn of(table: &'static Descriptor) -> Option<Self> {
        if let Some(gvk) = table.gvk {
            return Some(TypeMeta { gvk, list: false, list_kind: None });
        }
        let items = table.fields.iter().find(|field| field.items_are_objects)?;
        let item = items.message?();
        Some(TypeMeta { gvk: item.gvk?, list: true, list_kind: item.list_kind })
    }

    /// Returns the kind of a document of this table, in two parts.
    pub(crate) fn kind(&self) -> [&'static str; 2] {
        match (self.list, self.list_kind) {
            (false, _) => [self.gvk.kind, ""],
            (true, Some(kind)) => [kind, ""],
            (true, None) => [self.gvk.kind, "List"],
        }
    }

    /// Removes the `apiVersion` and `kind` of an object inside another one, just decoded as this field of it, if they
    /// are implied by the field.
    ///
    /// If the field has a protobuf number, the API server stores the object without them, and adds them when it writes
    /// JSON. Elsewhere (objects within custom resources) they are ordinary data.
    pub(crate) fn forget_implied(message: &mut dyn Message, field: &FieldDesc) {
        if message.unknown_fields().is_empty() || field.number == 0 {
            return;
        }
        let Some(gvk) = message.descriptor().gvk else { return };
        let unknown = message.unknown_fields_mut();
        let says = |name: &str, expected: &str| {
            let quoted =
                |json: &RawJson| json.as_str().strip_prefix('"')?.strip_suffix('"').map(|text| text == expected);
            unknown.get(name).is_none_or(|json| quoted(json) == Some(true))
        };
        if says("apiVersion", &gvk.api_version()) && says("kind", gvk.kind) {
            unknown.remove("apiVersion");
            unknown.remove("kind");
        }
    }

    /// Whether a document of this kind may have this kind's name. A generic `List`, as kubectl writes it, is any list.
    pub(crate) fn is_kind(&self, kind: &str) -> bool {
        if !self.list {
            return kind == self.gvk.kind;
        }
        let [start, end] = self.kind();
        (self.list && kind == "List") || kind.strip_suffix(end) == Some(start)
    }

    /// Whether the response to a list request, with this `apiVersion` and `kind` (empty if absent), is that list. A
    /// CustomResourceDefinition may name its list kind anything, and rename it later: within the group's version any
    /// kind is accepted except that of one item.
    pub(crate) fn is_answer(&self, api_version: &str, kind: &str) -> bool {
        let any = self.list && !self.gvk.group.is_empty() && kind != self.gvk.kind;
        if any && self.gvk.is_api_version(api_version) {
            return true;
        }
        (api_version.is_empty() || self.is_api_version(api_version)) && (kind.is_empty() || self.is_kind(kind))
    }

    /// Whether a document of this kind may have this `apiVersion`.
    pub(crate) fn is_api_version(&self, api_version: &str) -> bool {
        self.gvk.is_api_version(api_version) || (self.list && api_version == "v1")
    }

    /// Returns the error for a document of another kind, whatever made decoding fail; `None` for one of the right kind,
    /// or without one. For an `answer` see [`is_answer`](Self::is_answer).
    #[cold]
    pub(super) fn mismatch(&self, document: &str, offset: usize, answer: bool) -> Option<Error> {
        let mut found = (None, None);
        // The text may be malformed further on: what was found until then counts.
        let _ = peek(document, &mut found);
        let (api_version, kind) = found;
        let right = if answer {
            self.is_answer(api_version.as_deref().unwrap_or_default(), kind.as_deref().unwrap_or_default())
        } else {
            api_version.as_deref().is_none_or(|text| self.is_api_version(text))
                && kind.as_deref().is_none_or(|text| self.is_kind(text))
        };
        if right {
            return None;
        }
        let found = match (api_version, kind) {
            (Some(api_version), Some(kind)) => format!("{api_version} {kind}"),
            (Some(api_version), None) => format!("{api_version} without a kind"),
            (None, kind) => format!("a {} without an apiVersion", kind.unwrap_or_default()),
        };
        Some(Error::new(Kind::Mismatch { expected: self.to_string(), found }, Some(offset)))
    }
}

/// `apps/v1 Deployment`.
impl fmt::Display for TypeMeta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Gvk { group, version, .. }, [kind, end]) = (self.gvk, self.kind());
        if !group.is_empty() {
            write!(f, "{group}/")?;
        }
        write!(f, "{version} {kind}{end}")
    }
}

/// Extracts `apiVersion` and `kind` from the object that a text starts with.
fn peek(document: &str, found: &mut (Option<String>, Option<String>)) -> Result<(), Error> {
    let mut parser = Parser::new(document);
    parser.enter(b'{', "an object")?;
    if parser.ends_at_once(b'}') {
        return Ok(());
    }
    loop {
        let key = parser.key()?;
        let place = match &*key {
            "apiVersion" => Some(&mut found.0),
            "kind" => Some(&mut found.1),
            _ => None,
        };
        match place {
            Some(place) if parser.peek() == b'"' => {
                *place = Some(parser.string("a string")?.into_owned()).filter(|text| !text.is_empty());
            }
            _ => parser.skip()?,
        }
        if !parser.goes_on(b'}')? {
            return Ok(());
        }
    }
}
