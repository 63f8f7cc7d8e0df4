//! `cargo xtask gen`: writes the crate `kubewright` from `spec/`; with a source, what `cargo kubewright gen` writes.

pub use kubewright_cli::generate::Arguments;
use kubewright_cli::generate::{self, Outcome as Generated};

use crate::{Outcome, repository};

/// What brings committed files up to date; failures name it.
const COMMAND: &str = "cargo xtask gen";

pub fn run(client: Arguments) -> Outcome {
    // Without a folder, and a file that names one, it is this repository's own code that is written.
    if client.out.is_none() && client.config.is_none() {
        let has_source = client.from_cluster || !client.crds.is_empty();
        if has_source || client.beside.is_some() || !client.groups.is_empty() || !client.kinds.is_empty() {
            return Err("a client needs a folder: name it with --out".into());
        }
        return repository::generate(client.check, COMMAND);
    }
    match generate::run(&client, COMMAND)? {
        Generated::Complete => Ok(()),
        Generated::Incomplete(how) => Err(how.into()),
    }
}
