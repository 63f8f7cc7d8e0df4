//! Texts, files and folders.

use std::fs;
use std::path::Path;

use kubewright_core::yaml;
use serde_json::Value;

use super::Crds;
use crate::error::{DocumentError, Error};

/// What files of definitions are called.
const EXTENSIONS: [&str; 3] = ["json", "yaml", "yml"];

impl Crds {
    /// Takes every definition of a text of YAML or JSON, of any number of documents. Comments, other kinds and empty
    /// documents may stand between them. What can't be read ends the text, and is told of as `source` in
    /// [`Documents::problems`](crate::documents::Documents::problems).
    pub fn read_text(&mut self, source: &str, text: &str) {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let options = yaml::Options::default().max_bytes(usize::MAX).max_alias_bytes(64 << 20);
        for document in yaml::each::<Value>(text, &options) {
            match document {
                Ok(object) => self.add(source, &object),
                Err(problem) => self.problems.push(DocumentError::new(source, problem.to_string())),
            }
        }
    }

    /// Takes every definition of a file; of a folder, those of all YAML and JSON files in it and below it, by name.
    ///
    /// # Errors
    ///
    /// If the path can't be read. What is wrong inside a file is no error: see [`read_text`](Self::read_text).
    pub fn read_path(&mut self, path: &Path) -> Result<(), Error> {
        let failed = |action, path: &Path, source| Error::File { action, path: path.to_owned(), source };
        if !fs::metadata(path).map_err(|source| failed("read", path, source))?.is_dir() {
            let bytes = fs::read(path).map_err(|source| failed("read", path, source))?;
            let name = path.display().to_string();
            match std::str::from_utf8(&bytes) {
                Ok(text) => self.read_text(&name, text),
                Err(_) => self.problems.push(DocumentError::new(name, "it is not UTF-8")),
            }
            return Ok(());
        }
        let mut entries = Vec::new();
        for entry in fs::read_dir(path).map_err(|source| failed("list", path, source))? {
            entries.push(entry.map_err(|source| failed("list", path, source))?.path());
        }
        entries.sort();
        for entry in entries {
            let wanted = entry.extension().and_then(|extension| extension.to_str());
            if entry.is_dir() || wanted.is_some_and(|extension| EXTENSIONS.contains(&extension)) {
                self.read_path(&entry)?;
            }
        }
        Ok(())
    }
}
