//! An object as it is stored, with the encodings that it is answered in.

use std::fmt;
use std::ops::Deref;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, ThreadId};

use bytes::Bytes;
use serde_json::Value;

use crate::room;

/// An object of the store. It dereferences to its value.
///
/// Each encoding is made when it is asked for first, and kept: lists and watches send the same bytes to everybody. A value of JSON takes
/// many times the memory of its text; of an object that nobody writes for long, the store keeps the text alone (see [`Stored::packed`]),
/// and the value is read from it again when it is needed.
pub(crate) struct Stored {
    value: OnceLock<Value>,
    json: OnceLock<Bytes>,
    protobuf: OnceLock<Bytes>,
    /// The revision that stored it.
    pub revision: u64,
    /// The revision that replaced or deleted it; 0 while there is none.
    replaced: AtomicU64,
    /// Whether it was packed.
    is_packed: bool,
    /// The thread that has made it, or that has packed it.
    thread: ThreadId,
}

/// The text of an object, and what it says that this is.
#[derive(Debug, Default)]
pub(crate) struct Text<'a> {
    pub api_version: String,
    pub kind: String,
    pub whole: &'a str,
}

impl<'a> Text<'a> {
    /// Reads the beginning of a text. `None` if it doesn't begin with what it is.
    fn of(text: &'a [u8]) -> Option<Self> {
        let next = |text: &'a [u8], start: &str| {
            let rest = text.strip_prefix(start.as_bytes())?;
            let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<String>();
            let value = values.next()?.ok()?;
            Some((value, rest.get(values.byte_offset()..)?))
        };
        let (api_version, rest) = next(text, "{\"apiVersion\":")?;
        let (kind, _) = next(rest, ",\"kind\":")?;
        Some(Self { api_version, kind, whole: std::str::from_utf8(text).ok()? })
    }
}

impl Stored {
    pub fn new(value: Value, revision: u64) -> Self {
        Self {
            value: OnceLock::from(value),
            json: OnceLock::new(),
            protobuf: OnceLock::new(),
            revision,
            replaced: AtomicU64::new(0),
            is_packed: false,
            thread: thread::current().id(),
        }
    }

    /// The same object with its text alone. `None` if it is so already.
    pub fn packed(&self) -> Option<Self> {
        self.value.get()?;
        Some(Self {
            value: OnceLock::new(),
            json: OnceLock::from(self.json().clone()),
            protobuf: self.protobuf.clone(),
            revision: self.revision,
            replaced: AtomicU64::new(self.replaced()),
            is_packed: true,
            thread: thread::current().id(),
        })
    }

    /// The thread that has made it.
    pub fn thread(&self) -> ThreadId {
        self.thread
    }

    /// Whether its text was asked for.
    pub fn has_text(&self) -> bool {
        self.json.get().is_some()
    }

    /// Whether it was packed, and has its value again since somebody needed it.
    pub fn is_reread(&self) -> bool {
        self.is_packed && self.value.get().is_some()
    }

    /// Reads the value, and keeps no more of it than there was.
    pub fn with<T>(&self, read: impl FnOnce(&Value) -> T) -> T {
        match self.value.get() {
            Some(value) => read(value),
            None => read(&self.parsed()),
        }
    }

    /// Whether this is its `apiVersion`. Of a packed object, no more is read than the beginning.
    pub fn is_of(&self, api_version: &str) -> bool {
        match (self.value.get(), self.json.get()) {
            (Some(value), _) => value["apiVersion"] == api_version,
            (None, Some(text)) => {
                text.starts_with(format!("{{\"apiVersion\":{},", Value::from(api_version)).as_bytes())
            }
            (None, None) => false,
        }
    }

    /// The object in JSON. What it is comes first.
    pub fn json(&self) -> &Bytes {
        self.json.get_or_init(|| self.value.get().map(text_of).unwrap_or_default())
    }

    /// The object in protobuf, which is made once: from its value by `of_value`, or else from its text. That is kept in any case, and is made
    /// before, so that it is not made while the store is locked.
    ///
    /// # Errors
    ///
    /// If it can't be encoded.
    pub fn protobuf<E>(
        &self,
        of_value: impl FnOnce(&Value) -> Option<Bytes>,
        of_text: impl FnOnce(Text<'_>) -> Result<Bytes, E>,
    ) -> Result<&Bytes, E> {
        if let Some(known) = self.protobuf.get() {
            return Ok(known);
        }
        let text = self.json();
        let made = match self.value.get().and_then(of_value) {
            Some(made) => made,
            None => of_text(Text::of(text).unwrap_or_default())?,
        };
        Ok(self.protobuf.get_or_init(|| made))
    }

    /// The revision that replaced or deleted it; 0 while there is none.
    pub fn replaced(&self) -> u64 {
        self.replaced.load(Ordering::Relaxed)
    }

    pub fn set_replaced(&self, revision: u64) {
        self.replaced.store(revision, Ordering::Relaxed);
    }

    fn parsed(&self) -> Value {
        // One of value and text is always there, and the text was written from a value.
        self.json.get().and_then(|text| serde_json::from_slice(text).ok()).unwrap_or_default()
    }
}

/// An object in JSON, beginning with `apiVersion` and `kind`, which lists leave out.
fn text_of(value: &Value) -> Bytes {
    room::written(|text| write_text(value, text)).0
}

fn write_text(value: &Value, text: &mut Vec<u8>) {
    let mut write = |start: &str, name: &str, value: &Value| {
        text.extend_from_slice(start.as_bytes());
        // Values have no keys but texts, and memory has no errors.
        let _ = serde_json::to_writer(&mut *text, name);
        text.push(b':');
        let _ = serde_json::to_writer(&mut *text, value);
    };
    let Some((fields, api_version, kind)) =
        value.as_object().and_then(|fields| Some((fields, fields.get("apiVersion")?, fields.get("kind")?)))
    else {
        let _ = serde_json::to_writer(text, value);
        return;
    };
    write("{", "apiVersion", api_version);
    write(",", "kind", kind);
    for (name, value) in fields.iter().filter(|(name, _)| !matches!(name.as_str(), "apiVersion" | "kind")) {
        write(",", name, value);
    }
    text.push(b'}');
}

impl Deref for Stored {
    type Target = Value;

    fn deref(&self) -> &Value {
        self.value.get_or_init(|| self.parsed())
    }
}

impl PartialEq for Stored {
    fn eq(&self, other: &Self) -> bool {
        self.with(|own| other.with(|other| own == other))
    }
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with(|value| value.fmt(f))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_text_begins_with_what_the_object_is() {
        let value = json!({ "apiVersion": "v1", "data": { "a": "\"" }, "kind": "ConfigMap", "metadata": {} });
        let stored = Stored::new(value.clone(), 1);
        assert!(stored.json().starts_with(br#"{"apiVersion":"v1","kind":"ConfigMap","data":{"#));
        let packed = stored.packed().expect("packed");
        assert_eq!(packed.with(Value::clone), value);
        for stored in [&stored, &packed] {
            assert!(stored.is_of("v1") && !stored.is_of("v1beta1") && !stored.is_of("v"));
            let text = Text::of(stored.json()).expect("a text");
            assert_eq!((&*text.api_version, &*text.kind, text.whole.len()), ("v1", "ConfigMap", stored.json().len()));
        }
    }

    #[test]
    fn a_packed_object_has_the_same_value_and_encodings() {
        let value = json!({ "a": [1, -1, 1.5, 18446744073709551615_u64, null, "ä\n\""], "b": { "": {} } });
        let stored = Stored::new(value.clone(), 7);
        stored.set_replaced(9);
        let made = stored.protobuf(|_| None, |_| Ok::<_, ()>(Bytes::from_static(b"x"))).cloned();
        let packed = stored.packed().expect("packed");
        assert!(packed.packed().is_none(), "it is so already");
        assert_eq!(packed.with(Value::clone), value);
        assert!(packed.packed().is_none(), "reading keeps nothing");
        assert_eq!((packed.revision, packed.replaced()), (7, 9));
        assert_eq!(packed.protobuf(|_| None, |_| Err(())).cloned(), made);
        assert!(!packed.is_reread());
        assert_eq!(*packed, value);
        assert!(packed.is_reread() && !stored.is_reread());
        assert!(packed.packed().is_some(), "who has it keeps it");
    }
}
