//! The generated code of this repository: written from `spec/`, or checked.

use std::path::{Path, PathBuf};

use kubewright_codegen::documents::Documents;
use kubewright_codegen::{Builtins, Options, Target, generate_merged, spec, write};

use crate::{Outcome, manifests};

/// One piece of generated code: what it is made from, what it is for, where it goes, and in which folders stale files
/// are looked for.
struct Piece {
    spec: Option<&'static str>,
    target: Target,
    runtime: &'static str,
    folder: &'static str,
    folders: &'static [&'static str],
}

const PIECES: &[Piece] = &[
    Piece { spec: None, target: Target::Meta, runtime: "crate", folder: "core/src/meta/v1", folders: &[] },
    Piece {
        spec: None,
        target: Target::Crate,
        runtime: "kubewright_runtime",
        folder: "generated",
        folders: &["src", "tests"],
    },
    Piece {
        spec: Some("examples/custom_resource/spec"),
        target: Target::Tree,
        runtime: "kubewright_runtime",
        folder: "examples/custom_resource/kube",
        folders: &[""],
    },
];

/// What the generator knows of the built-in types when there is no `spec/` at hand.
const BUILTINS: &str = "codegen/src/plan/shared/builtins.txt";

/// Writes every piece, or with `check` fails if one is not as it would be written.
pub fn generate(check: bool, command: &str) -> Outcome {
    let pinned = pinned()?;
    for piece in PIECES {
        let own = piece.spec.map(|folder| spec::load(&root().join(folder))).transpose()?.map(|own| vec![own]);
        let documents = own.as_ref().unwrap_or(&pinned);
        let options = Options::new(piece.target, piece.runtime, command);
        let tree = generate_merged(documents, &options)?;
        let folder = root().join(piece.folder);
        if check {
            write::check(&tree, &folder, piece.folders, command)?;
            continue;
        }
        let outcome = write::write(&tree, &folder, piece.folders)?;
        println!(
            "{}: {} files written, {} removed, {} unchanged",
            piece.folder,
            outcome.written.len(),
            outcome.removed.len(),
            outcome.unchanged
        );
    }
    manifests::whole(BUILTINS, &Builtins::new(&pinned)?.to_text(), check, command)?;
    manifests::generate(&pinned, check, command)?;
    if check {
        println!("generated code is up to date");
    }
    Ok(())
}

/// The documents of every minor that is pinned, oldest first: those of the test bed, a folder of `spec/` each.
pub fn pinned() -> Result<Vec<Documents>, Box<dyn std::error::Error>> {
    let mut pinned = Vec::new();
    for minor in kubewright_testbed::minors().iter().rev() {
        pinned.push(spec::load(&root().join("spec").join(format!("v{}", minor.name)))?);
    }
    Ok(pinned)
}

/// The root of the checkout.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}
