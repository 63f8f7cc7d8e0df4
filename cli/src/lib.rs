//! What `cargo kubewright` does, for other commands that do the same: `cargo xtask gen` of kubewright's own repository.
//!
//! - [`generate`]: `cargo kubewright gen`, a client from CustomResourceDefinitions or a cluster;
//! - [`diff`]: `cargo kubewright diff`, what a new version of CRDs breaks;
//! - `fake`, with the feature of that name: `cargo kubewright fake`, a fake API server on a port;
//! - [`cluster`]: a cluster's documents, with a progress bar on a terminal.
//!
//! For a build script or a command of one's own, use `kubewright_codegen::Generator`.

pub mod cluster;
pub mod diff;
#[cfg(feature = "fake")]
pub mod fake;
pub mod generate;

use std::error::Error;

/// Any error, for people.
pub type BoxError = Box<dyn Error>;

/// Reports an error and its causes on standard error.
pub fn report(error: &(dyn Error + 'static)) {
    eprintln!("error: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprintln!("  caused by: {error}");
        cause = error.source();
    }
}

/// The text of standard input.
fn standard_input() -> Result<String, BoxError> {
    std::io::read_to_string(std::io::stdin()).map_err(|error| format!("cannot read standard input: {error}").into())
}
