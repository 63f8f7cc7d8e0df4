//! Texts, files and folders.

use std::path::{Path, PathBuf};
use std::{fs, io};

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

    /// Takes every definition of a file; of a folder, those of all YAML and JSON files in it and below it, by name. A link to a
    /// folder that it is in is not followed.
    ///
    /// # Errors
    ///
    /// If the path can't be read. A file in a folder that can't be, and what is wrong inside a file, is no error: see
    /// [`read_text`](Self::read_text).
    pub fn read_path(&mut self, path: &Path) -> Result<(), Error> {
        for file in files(path)? {
            match file {
                Ok((name, text)) => self.read_text(&name, &text),
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

/// A file's name and text, or why it is none.
pub(crate) type File = Result<(String, String), DocumentError>;

/// The file at a path; all YAML and JSON files in a folder and below it, by name.
pub(crate) fn files(path: &Path) -> Result<Vec<File>, Error> {
    let failed = |source| Error::File { action: "read", path: path.to_owned(), source };
    if !fs::metadata(path).map_err(failed)?.is_dir() {
        return Ok(vec![utf8(path, fs::read(path).map_err(failed)?)]);
    }
    let mut found = Vec::new();
    below(path, &mut Vec::new(), &mut found).map_err(failed)?;
    Ok(found)
}

/// The files in a folder that is in the others.
fn below(folder: &Path, above: &mut Vec<PathBuf>, found: &mut Vec<File>) -> io::Result<()> {
    let here = fs::canonicalize(folder)?;
    if above.contains(&here) {
        return Ok(());
    }
    let mut entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    above.push(here);
    for entry in entries {
        let extension = entry.extension().and_then(|extension| extension.to_str());
        let read = if entry.is_dir() {
            below(&entry, above, found)
        } else if extension.is_some_and(|extension| EXTENSIONS.contains(&extension)) {
            fs::read(&entry).map(|bytes| found.push(utf8(&entry, bytes)))
        } else {
            Ok(())
        };
        if let Err(error) = read {
            found.push(Err(DocumentError::new(entry.display().to_string(), format!("it can't be read: {error}"))));
        }
    }
    above.pop();
    Ok(())
}

fn utf8(path: &Path, bytes: Vec<u8>) -> File {
    let name = path.display().to_string();
    match String::from_utf8(bytes) {
        Ok(text) => Ok((name, text)),
        Err(_) => Err(DocumentError::new(name, "it is not UTF-8")),
    }
}
