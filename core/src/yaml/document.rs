//! One document as a tree: aliases and merges are resolved, and keys are unique.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use granit_parser::{ScalarStyle, Tag};

use super::error::{Location, Problem};
use super::options::{DuplicateKeys, Options};
use super::scalar::{self, Scalar};
use super::totals::Totals;
use crate::codec::field_path::FieldPath;

/// Index of a node in its document.
pub(super) type Id = u32;

/// A document. An alias is its target's [`Id`], so that expanding costs nothing until it is read.
pub(super) struct Document<'t> {
    nodes: Vec<Node<'t>>,
    /// The items of every list, and the alternating keys and values of every object.
    children: Vec<Id>,
    root: Id,
}

struct Node<'t> {
    value: Value<'t>,
    line: u32,
    column: u32,
    /// Size of its text in bytes, with aliases expanded, and at least one per value.
    weight: u64,
    /// Nesting depth of its objects and lists.
    height: u32,
}

enum Value<'t> {
    Scalar { text: Cow<'t, str>, style: Style },
    List { start: u32, end: u32 },
    Object { start: u32, end: u32 },
}

/// What determines the meaning of a scalar, besides its text.
enum Style {
    Plain,
    Quoted,
    /// A tag: the name of one of YAML's own (`int` for `!!int`), or empty for any other.
    Tagged(Box<str>),
}

/// A node, for its readers.
pub(super) enum Content<'d> {
    Scalar(Scalar<'d>),
    /// `!!binary`, decoded to a string.
    Binary(String),
    List(&'d [Id]),
    /// Alternating keys and values.
    Object(&'d [Id]),
}

impl<'t> Document<'t> {
    pub(super) fn root(&self) -> Id {
        self.root
    }

    /// Whether it is empty: no text, only comments, or a null.
    pub(super) fn is_empty(&self) -> bool {
        matches!(self.content(self.root), Ok(Content::Scalar(Scalar::Null)))
    }

    pub(super) fn location(&self, id: Id) -> Location {
        let (line, column) = self.node(id).map_or((0, 0), |node| (node.line, node.column));
        Location { line: line as usize, column: column as usize }
    }

    pub(super) fn content(&self, id: Id) -> Result<Content<'_>, Problem> {
        let items = |start: u32, end: u32| self.children.get(start as usize..end as usize).unwrap_or_default();
        let Some(node) = self.node(id) else { return Ok(Content::Scalar(Scalar::Null)) };
        match &node.value {
            Value::Scalar { text, style } => meaning(text, style).map_err(|problem| problem.or_at(self.location(id))),
            Value::List { start, end } => Ok(Content::List(items(*start, *end))),
            Value::Object { start, end } => Ok(Content::Object(items(*start, *end))),
        }
    }

    /// Returns the text of a scalar as written, for a field that accepts only strings; `None` if it is not a scalar, or
    /// null.
    pub(super) fn text(&self, id: Id) -> Option<&str> {
        match &self.node(id)?.value {
            Value::Scalar { text, style: Style::Plain } if scalar::plain(text) == Scalar::Null => None,
            Value::Scalar { text, style } if !style.is_binary() => Some(text),
            _ => None,
        }
    }

    /// Returns the name of a key in JSON. Keys were validated when they were parsed.
    pub(super) fn key(&self, id: Id) -> Cow<'_, str> {
        self.node(id).and_then(Node::key).unwrap_or_default()
    }

    fn node(&self, id: Id) -> Option<&Node<'t>> {
        self.nodes.get(id as usize)
    }
}

impl Node<'_> {
    fn key(&self) -> Option<Cow<'_, str>> {
        let Value::Scalar { text, style } = &self.value else { return None };
        match meaning(text, style).ok()? {
            Content::Scalar(scalar) => scalar::key(scalar, text),
            Content::Binary(text) => Some(Cow::Owned(text)),
            _ => None,
        }
    }

    fn is_merge(&self) -> bool {
        match &self.value {
            Value::Scalar { text, style: Style::Plain } => text == "<<",
            Value::Scalar { text, style: Style::Tagged(tag) } => text == "<<" && &**tag == "merge",
            _ => false,
        }
    }
}

impl Style {
    fn is_binary(&self) -> bool {
        matches!(self, Style::Tagged(tag) if &**tag == "binary")
    }
}

fn meaning<'d>(text: &'d str, style: &Style) -> Result<Content<'d>, Problem> {
    Ok(match style {
        Style::Plain => Content::Scalar(scalar::plain(text)),
        Style::Quoted => Content::Scalar(Scalar::Str(text)),
        Style::Tagged(tag) if &**tag == "binary" => Content::Binary(binary(text)?),
        Style::Tagged(tag) => match scalar::tagged(tag, text) {
            Some(scalar) => Content::Scalar(scalar),
            None => return Err(Problem::new(format!("the value does not have the type of its tag !!{tag}"))),
        },
    })
}

/// JSON has no bytes: they must be text.
fn binary(text: &str) -> Result<String, Problem> {
    use base64::Engine as _;
    let compact: String = text.split_ascii_whitespace().collect();
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(compact)
        .map_err(|_| Problem::new("the value of a !!binary is not base64"))?;
    String::from_utf8(bytes).map_err(|_| Problem::new("the bytes of a !!binary are not UTF-8 text"))
}

/// Builds a [`Document`] from the parser's events.
pub(super) struct Builder<'t, 'o> {
    options: &'o Options,
    nodes: Vec<Node<'t>>,
    children: Vec<Id>,
    /// The nodes of all open lists and objects, the innermost last.
    pending: Vec<Id>,
    open: Vec<Open>,
    anchors: HashMap<usize, Anchor>,
    totals: Totals,
}

struct Open {
    /// The start of its nodes in `pending`.
    start: usize,
    is_object: bool,
    anchor: usize,
    location: Location,
}

#[derive(Clone, Copy)]
enum Anchor {
    /// Its node is incomplete.
    Open,
    Node(Id),
}

impl<'t, 'o> Builder<'t, 'o> {
    /// Starts the next document of a text, with the totals of its documents so far.
    pub(super) fn new(options: &'o Options, totals: Totals) -> Self {
        Self {
            options,
            nodes: Vec::new(),
            children: Vec::new(),
            pending: Vec::new(),
            open: Vec::new(),
            anchors: HashMap::new(),
            totals,
        }
    }

    pub(super) fn scalar(
        &mut self,
        text: Cow<'t, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        location: Location,
    ) -> Result<(), Problem> {
        let style = match tag {
            Some(tag) => Style::Tagged(own_tag(tag).into()),
            None if style == ScalarStyle::Plain => Style::Plain,
            None => Style::Quoted,
        };
        let weight = (text.len() as u64).max(1);
        self.add(Value::Scalar { text, style }, weight, 0, anchor, location)
    }

    pub(super) fn start(&mut self, is_object: bool, anchor: usize, location: Location) -> Result<(), Problem> {
        if self.open.len() >= self.options.max_depth {
            return Err(self.too_deep(location));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, Anchor::Open);
        }
        self.open.push(Open { start: self.pending.len(), is_object, anchor, location });
        Ok(())
    }

    /// Ends the innermost list or object.
    pub(super) fn end(&mut self) -> Result<(), Problem> {
        let Some(open) = self.open.last() else { return Ok(()) };
        let start = open.start;
        let (is_object, anchor, location) = (open.is_object, open.anchor, open.location);
        let first = self.children.len();
        if is_object {
            self.object(start)?;
        } else {
            self.children.extend_from_slice(self.pending.get(start..).unwrap_or_default());
        }
        let (mut weight, mut height) = (1_u64, 0);
        for node in self.children.iter().skip(first).filter_map(|id| self.nodes.get(*id as usize)) {
            weight = weight.saturating_add(node.weight);
            height = height.max(node.height);
        }
        self.pending.truncate(start);
        self.open.pop();
        let (start, end) = (index(first)?, index(self.children.len())?);
        let value = if is_object { Value::Object { start, end } } else { Value::List { start, end } };
        self.add(value, weight, height + 1, anchor, location)
    }

    pub(super) fn alias(&mut self, anchor: usize, location: Location) -> Result<(), Problem> {
        let target = match self.anchors.get(&anchor) {
            Some(Anchor::Node(id)) => *id,
            Some(Anchor::Open) => return Err(self.problem("an alias is inside of its own anchor's node", location)),
            None => return Err(self.problem("an alias has no preceding anchor", location)),
        };
        let (weight, height) = self.nodes.get(target as usize).map_or((0, 0), |node| (node.weight, node.height));
        if !self.totals.add(weight, self.options) {
            return Err(self.too_much(location));
        }
        if self.open.len() + height as usize > self.options.max_depth {
            return Err(self.too_deep(location));
        }
        self.pending.push(target);
        Ok(())
    }

    /// Returns the document, once its last event was processed, and the totals of the text with it.
    pub(super) fn finish(self) -> (Document<'t>, Totals) {
        let root = self.pending.last().copied().unwrap_or_default();
        (Document { nodes: self.nodes, children: self.children, root }, self.totals)
    }

    fn add(
        &mut self,
        value: Value<'t>,
        weight: u64,
        height: u32,
        anchor: usize,
        location: Location,
    ) -> Result<(), Problem> {
        let id = index(self.nodes.len())?;
        let (line, column) = (index(location.line)?, index(location.column)?);
        self.nodes.push(Node { value, line, column, weight, height });
        self.pending.push(id);
        if anchor != 0 {
            self.anchors.insert(anchor, Anchor::Node(id));
        }
        Ok(())
    }

    /// Moves the entries of an object, whose keys and values are pending, to the children: with merged entries, and of
    /// each key the last value.
    fn object(&mut self, start: usize) -> Result<(), Problem> {
        // With few keys, as is typical, comparing each with each is faster than hashing.
        const FEW: usize = 8;
        let entries = self.entries(start)?;
        let mut names = Vec::with_capacity(entries.len());
        for entry in &entries {
            match self.nodes.get(entry.key as usize).and_then(Node::key) {
                Some(name) => names.push(name),
                None => {
                    return Err(self.problem(
                        "the key of an object must be a string, a number or a boolean",
                        self.location_of(entry.key),
                    ));
                }
            }
        }
        let mut known = HashMap::new();
        let mut kept: Vec<(usize, Kept)> = Vec::with_capacity(entries.len());
        let mut twice = Vec::new();
        for (index, (entry, name)) in entries.iter().zip(&names).enumerate() {
            let before = if entries.len() <= FEW {
                kept.iter().position(|(first, _)| names.get(*first) == Some(name))
            } else {
                match known.entry(&**name) {
                    Entry::Occupied(before) => Some(*before.get()),
                    Entry::Vacant(entry) => {
                        entry.insert(kept.len());
                        None
                    }
                }
            };
            match before.and_then(|before| kept.get_mut(before)) {
                Some((_, before)) => {
                    if before.is_written && entry.is_written {
                        twice.push(entry.key);
                    }
                    *before = Kept { is_written: before.is_written || entry.is_written, ..*entry };
                }
                None => kept.push((index, *entry)),
            }
        }
        let children: Vec<_> = kept.iter().flat_map(|(_, entry)| [entry.key, entry.value]).collect();
        for key in twice {
            self.duplicate(key)?;
        }
        self.children.extend(children);
        Ok(())
    }

    /// Returns the keys and values of an object in order, with those of merges.
    ///
    /// Each level of nested merges copies the entries again, so every copy is counted by the size of its key.
    fn entries(&mut self, start: usize) -> Result<Vec<Kept>, Problem> {
        let mut totals = self.totals;
        let pending = self.pending.get(start..).unwrap_or_default();
        let mut entries = Vec::with_capacity(pending.len() / 2);
        for pair in pending.chunks_exact(2) {
            let &[key, value] = pair else { continue };
            if !self.nodes.get(key as usize).is_some_and(Node::is_merge) {
                entries.push(Kept { key, value, is_written: true });
                continue;
            }
            let sources = match self.nodes.get(value as usize).map(|node| &node.value) {
                // Of several merges, the first takes precedence.
                Some(Value::List { start, end }) => self.slice(*start, *end).iter().rev().copied().collect(),
                _ => vec![value],
            };
            let objects: Option<Vec<_>> = sources
                .iter()
                .map(|source| match self.nodes.get(*source as usize).map(|node| &node.value) {
                    Some(Value::Object { start, end }) => Some(self.slice(*start, *end)),
                    _ => None,
                })
                .collect();
            let objects = objects.ok_or_else(|| {
                self.problem("a merge (`<<`) requires an object or a list of objects", self.location_of(key))
            })?;
            for pair in objects.iter().flat_map(|object| object.chunks_exact(2)) {
                let &[merged, value] = pair else { continue };
                let weight = self.nodes.get(merged as usize).map_or(0, |node| node.weight);
                if !totals.add(weight.saturating_add(1), self.options) {
                    return Err(self.too_much(self.location_of(key)));
                }
                entries.push(Kept { key: merged, value, is_written: false });
            }
        }
        self.totals = totals;
        Ok(entries)
    }

    /// Handles a duplicate key of the innermost object.
    fn duplicate(&mut self, key: Id) -> Result<(), Problem> {
        let refused = self.options.duplicate_keys == DuplicateKeys::Refuse;
        // // A text may consist only of duplicate keys, each with a long path.
        if !refused && !self.totals.duplicate() {
            return Ok(());
        }
        let location = self.location_of(key);
        let mut field_path = FieldPath::new(None);
        field_path.in_key(&self.nodes.get(key as usize).and_then(Node::key).unwrap_or_default());
        self.extend(&mut field_path, self.open.len().saturating_sub(1));
        if refused {
            let mut problem = Problem::new("duplicate key in this object").or_at(location);
            problem.set_field_path(field_path);
            return Err(problem);
        }
        let Location { line, column } = location;
        tracing::warn!(line, column, path = field_path.path(), "duplicate key in one object: the last value is used");
        Ok(())
    }

    fn slice(&self, start: u32, end: u32) -> &[Id] {
        self.children.get(start as usize..end as usize).unwrap_or_default()
    }

    fn location_of(&self, id: Id) -> Location {
        let (line, column) = self.nodes.get(id as usize).map_or((0, 0), |node| (node.line, node.column));
        Location { line: line as usize, column: column as usize }
    }

    /// Aliases and merges have added more than the limit.
    fn too_much(&self, location: Location) -> Problem {
        let limit = self.options.max_alias_bytes;
        self.problem(format!("aliases and merges expand to more than {limit} bytes of text"), location)
    }

    fn too_deep(&self, location: Location) -> Problem {
        // // Without the path, which is as long as the nesting is deep.
        Problem::new(format!("nested deeper than {} levels", self.options.max_depth)).or_at(location)
    }

    fn problem(&self, message: impl Into<String>, location: Location) -> Problem {
        let mut problem = Problem::new(message).or_at(location);
        let mut field_path = FieldPath::new(None);
        self.extend(&mut field_path, self.open.len());
        problem.set_field_path(field_path);
        problem
    }

    /// Returns the path of the outermost `levels` open lists and objects.
    fn extend(&self, field_path: &mut FieldPath, levels: usize) {
        for (level, open) in self.open.iter().enumerate().take(levels).rev() {
            let end = self.open.get(level + 1).map_or(self.pending.len(), |inner| inner.start);
            let count = end.saturating_sub(open.start);
            if !open.is_object {
                field_path.in_item(count);
            } else if count % 2 == 1 {
                let key = self.pending.get(end - 1).and_then(|id| self.nodes.get(*id as usize));
                field_path.in_key(&key.and_then(Node::key).unwrap_or_default());
            }
        }
    }
}

/// An entry of an object.
#[derive(Clone, Copy)]
struct Kept {
    key: Id,
    value: Id,
    /// Whether it is in the object itself, and not merged.
    is_written: bool,
}

/// The name of one of YAML's own tags (`int` for `!!int`), or empty.
fn own_tag(tag: &Tag) -> Cow<'_, str> {
    tag.suffix_in_namespace("tag:yaml.org,2002:").unwrap_or_default()
}

fn index(value: usize) -> Result<u32, Problem> {
    u32::try_from(value).map_err(|_| Problem::new("the document has more than 4,294,967,295 values or lines"))
}
