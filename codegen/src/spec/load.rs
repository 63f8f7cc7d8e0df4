//! Reads a `spec/` folder.

use std::{fs, path::Path};

use super::{Facts, document_name};
use crate::{
    documents::{Document, Documents},
    error::{DocumentError, Error},
};

/// Reads the folder of one minor, such as `spec/v1.37`.
///
/// # Errors
///
/// If a file is missing or is not what [`normalize`](super::normalize) writes: unlike a live cluster, a pinned folder
/// has to be whole.
pub fn load(folder: &Path) -> Result<Documents, Error> {
    let mut documents = Documents {
        server: parse(&folder.join("version.json"))?,
        discovery: parse(&folder.join("discovery.json"))?,
        facts: parse::<Facts>(&folder.join("protobuf.json"))?,
        ..Default::default()
    };
    let openapi = folder.join("openapi");
    let failed = |source| Error::File { action: "list", path: openapi.clone(), source };
    for entry in fs::read_dir(&openapi).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let name = path.to_string_lossy().into_owned();
        let mut document = Document::parse(&name, &read(&path)?)?;
        if let Some(problem) = document.problems.pop() {
            return Err(problem.into());
        }
        documents.openapi.insert(document_name(&stem), document);
    }
    if documents.openapi.is_empty() {
        return Err(DocumentError::new(openapi.to_string_lossy(), "the folder holds no document").into());
    }
    Ok(documents)
}

fn parse<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let text = read(path)?;
    serde_json::from_slice(&text).map_err(|error| DocumentError::new(path.to_string_lossy(), error.to_string()).into())
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source| Error::File { action: "read", path: path.to_owned(), source })
}
