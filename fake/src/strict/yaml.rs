//! Keys that are there twice in YAML.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle};

use crate::quoted::quoted;

/// The most nodes that are read, with those that aliases repeat.
const MAX_NODES: usize = 100_000;

/// The keys that are there twice in the first document of a text, in the words of Go's parser. What is no YAML has none.
pub(crate) fn duplicates(text: &str) -> Vec<String> {
    let document = Document::read(text).unwrap_or_default();
    let mut finder = Finder { document: &document, left: MAX_NODES, found: Vec::new() };
    if let Some(root) = document.root {
        finder.node(root, &mut None);
    }
    finder.found
}

/// The first document of a text: its nodes, which refer to each other by number.
#[derive(Default)]
struct Document {
    nodes: Vec<Node>,
    root: Option<usize>,
}

struct Node {
    /// From 1.
    line: usize,
    value: Value,
}

enum Value {
    /// As Go shows it.
    Scalar(String),
    List(Vec<usize>),
    /// Keys and values in turn.
    Map(Vec<usize>),
}

impl Document {
    /// `None` if it is no YAML.
    fn read(text: &str) -> Option<Self> {
        let mut document = Self::default();
        let mut anchors = HashMap::new();
        let mut open: Vec<usize> = Vec::new();
        for event in Parser::new_from_str(text) {
            let (event, span) = event.ok()?;
            let (value, anchor) = match event {
                Event::Scalar(text, style, anchor, _) => {
                    (Value::Scalar(shown(&text, matches!(style, ScalarStyle::Plain))), anchor)
                }
                Event::SequenceStart(_, anchor, _) => (Value::List(Vec::new()), anchor),
                Event::MappingStart(_, anchor, _) => (Value::Map(Vec::new()), anchor),
                Event::SequenceEnd | Event::MappingEnd => {
                    open.pop();
                    continue;
                }
                Event::Alias(anchor) => {
                    document.put(*anchors.get(&anchor)?, &open);
                    continue;
                }
                Event::DocumentEnd => break,
                _ => continue,
            };
            let number = document.nodes.len();
            let is_open = !matches!(value, Value::Scalar(_));
            document.nodes.push(Node { line: span.start.line(), value });
            anchors.insert(anchor, number);
            document.put(number, &open);
            if is_open {
                open.push(number);
            }
        }
        Some(document)
    }

    /// Puts a node into the innermost one that is open.
    fn put(&mut self, number: usize, open: &[usize]) {
        match open.last().and_then(|outer| self.nodes.get_mut(*outer)).map(|outer| &mut outer.value) {
            Some(Value::List(children) | Value::Map(children)) => children.push(number),
            _ => self.root = self.root.or(Some(number)),
        }
    }
}

/// A scalar as Go shows a value that may be a key.
fn shown(text: &str, is_plain: bool) -> String {
    let is_bare = is_plain && (text.parse::<i64>().is_ok() || matches!(text, "true" | "false" | "<<"));
    if is_bare { text.to_owned() } else { format!("{}", quoted(text)) }
}

struct Finder<'d> {
    document: &'d Document,
    left: usize,
    found: Vec<String>,
}

impl Finder<'_> {
    /// Reads a node, and those in it before it. A map that is merged into another adds its keys to those of that one.
    fn node(&mut self, number: usize, merged_into: &mut Option<Vec<String>>) {
        let Some(left) = self.left.checked_sub(1) else { return };
        self.left = left;
        match self.document.nodes.get(number).map(|node| &node.value) {
            Some(Value::Map(entries)) => {
                let mut own = Some(merged_into.take().unwrap_or_default());
                for entry in entries.chunks_exact(2) {
                    self.entry(entry[0], entry[1], &mut own);
                }
                *merged_into = own;
            }
            Some(Value::List(items)) => {
                let is_of_merges = merged_into.is_some();
                for item in items {
                    let mut none = None;
                    self.node(*item, if is_of_merges { &mut *merged_into } else { &mut none });
                }
            }
            Some(Value::Scalar(_)) | None => {}
        }
    }

    fn entry(&mut self, key: usize, value: usize, keys: &mut Option<Vec<String>>) {
        let document = self.document;
        let node = |number: usize| document.nodes.get(number);
        let Some(Value::Scalar(key)) = node(key).map(|node| &node.value) else { return };
        if key == "<<" {
            return self.node(value, keys);
        }
        self.node(value, &mut None);
        let Some(keys) = keys else { return };
        if keys.contains(key) {
            let line = node(value).map_or(0, |node| node.line);
            self.found.push(format!("line {line}: key {key} already set in map"));
        } else {
            keys.push(key.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_are_there_twice_are_named_with_their_lines() {
        assert_eq!(
            duplicates("a: 1\nb:\n  c: 1\n  c: 2\na: 2\n---\nx: 1\nx: 2\n"),
            ["line 4: key \"c\" already set in map", "line 5: key \"a\" already set in map",]
        );
        assert_eq!(duplicates("{\"a\": [{\"x\": 1, \"x\": 2}]}"), ["line 1: key \"x\" already set in map"]);
        assert_eq!(duplicates("1: a\n1: b\n'1': c\n"), ["line 2: key 1 already set in map"]);
        assert!(duplicates("a: [").is_empty() && duplicates("").is_empty() && duplicates("a: 1\nb: {a: 1}").is_empty());
    }

    #[test]
    fn merged_keys_count_as_written_where_they_are_merged() {
        let text = "base: &base {x: 1}\none:\n  <<: *base\n  x: 2\n";
        assert_eq!(duplicates(text), ["line 4: key \"x\" already set in map"]);
    }

    #[test]
    fn aliases_that_multiply_have_an_end() {
        let mut text = "a0: &a0 {x: 1, x: 2}\n".to_owned();
        for level in 1..40 {
            text.push_str(&format!("a{level}: &a{level} [*a{0}, *a{0}]\n", level - 1));
        }
        assert!(duplicates(&text).len() < MAX_NODES);
    }
}
