//! Fields to skip while decoding, by their paths, which are resolved in the tables once.

use std::fmt;
use std::sync::Arc;

use crate::message::Descriptor;

/// Fields to skip while decoding, such as `.metadata.managedFields`.
///
/// Skipped fields are not decoded at all, which saves time and memory if objects are only inspected. Their contents
/// must still be valid JSON or protobuf. Never write such an object back: an update would remove the skipped fields.
///
/// ```
/// use kubewright_core::PartialObjectMetadata;
/// use kubewright_core::json::{self, Filter, Options};
/// use kubewright_core::message::MessageType;
///
/// let filter = Filter::new(PartialObjectMetadata::table(), &[".metadata.labels", ".metadata.ownerReferences[].uid"])?;
/// let text = r#"{"metadata":{"name":"web","labels":{"a":"b"},"ownerReferences":[{"name":"x","uid":"1"}]}}"#;
/// let mut object = PartialObjectMetadata::default();
/// json::decode_into(&mut object, text, &Options::default().filter(filter))?;
/// assert_eq!(object.metadata.name.as_deref(), Some("web"));
/// assert!(object.metadata.labels.is_empty());
/// assert_eq!((&*object.metadata.owner_references[0].name, &*object.metadata.owner_references[0].uid), ("x", ""));
///
/// let error = Filter::new(PartialObjectMetadata::table(), &[".metadata.lables"]).unwrap_err();
/// assert_eq!(error.to_string(), "no field .metadata.lables in PartialObjectMetadata: ObjectMeta has no field lables");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Filter(Option<Arc<Node>>);

/// Which fields of one message to skip.
#[derive(Debug)]
pub(crate) struct Node {
    table: &'static Descriptor,
    /// By the field's index in the table; fields past the end are decoded.
    steps: Vec<Step>,
}

#[derive(Debug, Default)]
pub(crate) enum Step {
    #[default]
    Keep,
    Skip,
    Into(Box<Node>),
}

impl Filter {
    /// Resolves the fields of a table by their paths: JSON names, each after a dot. A path through a list or a map
    /// applies to every item; `[]` after the name is optional.
    ///
    /// # Errors
    /// If a path does not exist.
    pub fn new(table: &'static Descriptor, paths: &[impl AsRef<str>]) -> Result<Self, NoSuchField> {
        let mut root = Node { table, steps: Vec::new() };
        for path in paths {
            root.add(path.as_ref())?;
        }
        Ok(Self((!root.steps.is_empty()).then(|| Arc::new(root))))
    }

    /// Returns what to skip in a document of this table: nothing, if the paths were resolved in another one.
    pub(crate) fn of(&self, table: &'static Descriptor) -> Option<&Node> {
        let node = self.0.as_deref()?;
        (std::ptr::eq(node.table, table) || node.table.name == table.name && node.table.gvk == table.gvk)
            .then_some(node)
    }
}

impl Node {
    /// Returns what to do with a field.
    #[inline]
    pub(crate) fn step(&self, field: usize) -> &Step {
        self.steps.get(field).unwrap_or(&Step::Keep)
    }

    fn add(&mut self, path: &str) -> Result<(), NoSuchField> {
        let no_such_field = |because: String| NoSuchField { path: path.to_owned(), table: self.table.name, because };
        let mut names = path.strip_prefix('.').unwrap_or(path).split('.').peekable();
        let root = self.table.name;
        let mut node = &mut *self;
        while let Some(name) = names.next() {
            let name = name.strip_suffix("[]").unwrap_or(name);
            let table = node.table;
            let found = table.fields.iter().enumerate().find(|(_, field)| field.json_name() == name);
            let Some((index, field)) = found else {
                let because = format!("{} has no field {name}", table.name);
                return Err(NoSuchField { path: path.to_owned(), table: root, because });
            };
            if node.steps.len() <= index {
                node.steps.resize_with(index + 1, Step::default);
            }
            let step = &mut node.steps[index];
            if names.peek().is_none() {
                *step = Step::Skip;
                return Ok(());
            }
            let Some(inner) = field.message else {
                let because = format!("{name} of {} has no fields", table.name);
                return Err(NoSuchField { path: path.to_owned(), table: root, because });
            };
            if let Step::Keep = step {
                *step = Step::Into(Box::new(Node { table: inner(), steps: Vec::new() }));
            }
            match step {
                Step::Into(inner) => node = inner,
                // All of it is skipped already.
                _ => return Ok(()),
            }
        }
        Err(no_such_field("it is empty".to_owned()))
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn write(node: &Node, path: &str, list: &mut fmt::DebugList<'_, '_>) {
            for (step, field) in node.steps.iter().zip(node.table.fields) {
                let path = format!("{path}.{}", field.name());
                match step {
                    Step::Keep => {}
                    Step::Skip => {
                        list.entry(&format_args!("{path}"));
                    }
                    Step::Into(inner) => write(inner, &path, list),
                }
            }
        }
        let mut list = f.debug_list();
        if let Some(node) = &self.0 {
            write(node, "", &mut list);
        }
        list.finish()
    }
}

/// A path that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no field {path} in {table}: {because}")]
pub struct NoSuchField {
    path: String,
    table: &'static str,
    because: String,
}
