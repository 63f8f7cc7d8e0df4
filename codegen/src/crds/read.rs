//! Texts, files and folders.

use std::fs;
use std::path::{Path, PathBuf};

use kubewright_core::yaml;
use serde_json::Value;

use super::Crds;
use crate::error::{DocumentError, Error};

/// What files of definitions are called.
const EXTENSIONS: [&str; 3] = ["json", "yaml", "yml"];

/// How many objects and lists may stand inside one another: each object of a schema is two.
const DEEPEST: usize = 256;

impl Crds {
    /// Takes every definition of a text of YAML or JSON, of any number of documents. Comments, other kinds and empty
    /// documents may stand between them. What can't be read ends the text, and is reported as `source` in
    /// [`Documents::problems`](crate::documents::Documents::problems).
    pub fn read_text(&mut self, source: &str, text: &str) {
        for document in documents(source, text) {
            match document {
                Ok(object) => self.add(source, &object),
                Err(problem) => self.problems.push(problem),
            }
        }
    }

    /// Takes every definition of a file; of a folder, those of all YAML and JSON files in it and below it, by name.
    ///
    /// # Errors
    ///
    /// If the path can't be read. What is wrong inside a file is no error: see [`read_text`](Self::read_text).
    pub fn read_path(&mut self, path: &Path) -> Result<(), Error> {
        for file in files(path)? {
            match text(&file)? {
                Ok(text) => self.read_text(&file.display().to_string(), &text),
                Err(problem) => self.problems.push(problem),
            }
        }
        Ok(())
    }
}

/// The documents of a text. One that can't be read is the last.
pub(crate) fn documents(source: &str, text: &str) -> Vec<Result<Value, DocumentError>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let options = yaml::Options::default().max_bytes(usize::MAX).max_alias_bytes(64 << 20).max_depth(DEEPEST);
    let documents = yaml::each::<Value>(text, &options).into_iter();
    documents.map(|read| read.map_err(|problem| DocumentError::new(source, problem.to_string()))).collect()
}

/// The text of a file, or why it is none.
pub(crate) fn text(path: &Path) -> Result<Result<String, DocumentError>, Error> {
    let bytes = fs::read(path).map_err(|source| failed("read", path, source))?;
    Ok(String::from_utf8(bytes).map_err(|_| DocumentError::new(path.display().to_string(), "it is not UTF-8")))
}

/// The file at a path; all YAML and JSON files in a folder and below it, by name.
pub(crate) fn files(path: &Path) -> Result<Vec<PathBuf>, Error> {
    if !fs::metadata(path).map_err(|source| failed("read", path, source))?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut entries = Vec::new();
    for entry in fs::read_dir(path).map_err(|source| failed("list", path, source))? {
        entries.push(entry.map_err(|source| failed("list", path, source))?.path());
    }
    entries.sort();
    let mut found = Vec::new();
    for entry in entries {
        let extension = entry.extension().and_then(|extension| extension.to_str());
        if entry.is_dir() || extension.is_some_and(|extension| EXTENSIONS.contains(&extension)) {
            found.extend(files(&entry)?);
        }
    }
    Ok(found)
}

fn failed(action: &'static str, path: &Path, source: std::io::Error) -> Error {
    Error::File { action, path: path.to_owned(), source }
}
