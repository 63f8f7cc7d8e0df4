//! A diff as text: a table for a terminal, and one for a page.

use std::fmt;

use super::{Change, Diff, Kind, Subject};

impl Subject {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::GroupVersion => "group-version",
            Self::Resource => "resource",
            Self::Verb => "verb",
            Self::Parameter => "parameter",
            Self::Type => "type",
            Self::Field => "field",
            Self::EnumValue => "enum value",
        }
    }
}

impl Kind {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Deprecated => "deprecated",
            Self::Required => "required",
            Self::Optional => "optional",
            Self::Default => "default",
            Self::Type => "other type",
            Self::Merge => "merged differently",
            Self::Protobuf => "other number",
            Self::Changed => "changed",
        }
    }
}

/// A row, for people.
fn row(change: &Change) -> [String; 5] {
    let Change { module, subject, name, change, detail } = change;
    [module.clone(), subject.name().to_owned(), name.clone(), change.name().to_owned(), detail.clone()]
}

const HEAD: [&str; 5] = ["module", "what", "name", "change", ""];

/// A table with columns as wide as what stands in them.
impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: Vec<[String; 5]> = self.changes.iter().map(row).collect();
        let mut widths = HEAD.map(str::len);
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        for row in std::iter::once(&HEAD.map(str::to_owned)).chain(&rows) {
            let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
            writeln!(f, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }
}

impl Diff {
    /// A Markdown table.
    pub fn to_markdown(&self) -> String {
        markdown(&self.changes)
    }
}

/// A Markdown table of changes.
pub fn markdown(changes: &[Change]) -> String {
    let mut text = String::from("| module | what | name | change | |\n|---|---|---|---|---|\n");
    for change in changes {
        let [module, what, name, change, detail] = row(change).map(|cell| cell.replace('|', "\\|"));
        text.push_str(&format!("| `{module}` | {what} | `{name}` | {change} | {detail} |\n"));
    }
    text
}
