//! `cargo xtask gen`: writes the crate `kubewright` from `spec/`, or a client from a live cluster or from
//! CustomResourceDefinitions.

use std::path::PathBuf;

use crate::{Outcome, cluster, crds, repository};

/// What brings committed files up to date; failures name it.
const COMMAND: &str = "cargo xtask gen";

#[derive(clap::Args)]
pub struct Arguments {
    /// Write nothing: fail if the existing files differ from those that would be generated
    #[arg(long)]
    check: bool,
    /// Read the documents of the cluster that the kubeconfig names, and write a client for it
    #[arg(long, requires = "out", conflicts_with = "crds")]
    from_cluster: bool,
    /// Read CustomResourceDefinitions from these files and folders, of YAML or JSON, or from standard input (`-`)
    #[arg(long, requires = "out", num_args = 1.., value_delimiter = ',')]
    crds: Vec<PathBuf>,
    /// Which context of the kubeconfig [default: the current one]
    #[arg(long, requires = "from_cluster")]
    context: Option<String>,
    /// These API groups alone, such as `apps,cert-manager.io`; `core` is the core group
    #[arg(long, value_delimiter = ',', requires = "out")]
    groups: Vec<String>,
    /// These kinds alone, such as `Certificate,issuers.cert-manager.io`
    #[arg(long, value_delimiter = ',', requires = "out")]
    kinds: Vec<String>,
    /// The crate of the built-in kinds that the client is used beside: what a definition has alike is of its types
    #[arg(long, requires = "out", value_name = "CRATE", num_args = 0..=1, default_missing_value = "kubewright")]
    beside: Option<String>,
    /// Give custom kinds `validate()`, by what their schemas check; `kubewright-runtime` then needs its feature `validate`,
    /// and `cel` for validation rules
    #[arg(long, requires = "out")]
    validation: bool,
    /// The folder to write the client's modules to, such as `src/kube`
    #[arg(long)]
    out: Option<PathBuf>,
}

pub fn run(arguments: Arguments) -> Outcome {
    let Arguments { check, from_cluster, crds, context, groups, kinds, beside, validation, out } = arguments;
    match out {
        None => repository::generate(check, COMMAND),
        Some(out) => {
            let selection = cluster::Selection { groups, kinds, check, beside, validation };
            if from_cluster {
                cluster::generate(context.as_deref(), &selection, &out)
            } else if crds.is_empty() {
                Err("--out needs a source: --from-cluster, or --crds with files".into())
            } else {
                crds::generate(&crds, &selection, &out)
            }
        }
    }
}
