//! A client for CustomResourceDefinitions in files.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use kubewright_codegen::crds::Crds;

use crate::Outcome;
use crate::cluster::{Selection, complete, write};

/// Writes a client for what files, folders and standard input define.
pub fn generate(sources: &[PathBuf], selection: &Selection, out: &Path) -> Outcome {
    let mut crds = Crds::default();
    for source in sources {
        if source.as_os_str() == "-" {
            let mut text = String::new();
            std::io::stdin()
                .read_to_string(&mut text)
                .map_err(|error| format!("cannot read standard input: {error}"))?;
            crds.read_text("standard input", &text);
        } else {
            crds.read_path(source)?;
        }
    }
    let documents = crds.documents();
    if crds.is_empty() && documents.problems.is_empty() {
        return Err("there is no CustomResourceDefinition in what was read".into());
    }
    eprintln!("{} CustomResourceDefinitions, {} other documents skipped", crds.len(), crds.skipped());
    let from = sources.iter().map(|source| source.display().to_string()).collect::<Vec<_>>().join(" ");
    complete(write(&documents, selection, &format!("the definitions in {from}"), out)?)
}
