//! `cargo xtask gen`: writes the crate `kubewright` from `spec/`, or a client from a live cluster.

use std::path::PathBuf;

use crate::{Outcome, cluster, repository};

/// What brings committed files up to date; failures name it.
const COMMAND: &str = "cargo xtask gen";

#[derive(clap::Args)]
pub struct Arguments {
    /// Write nothing: fail if the committed files differ from those generated from `spec/`
    #[arg(long, conflicts_with_all = ["from_cluster", "out"])]
    check: bool,
    /// Read the documents of the cluster that the kubeconfig names, and write a client for it
    #[arg(long, requires = "out")]
    from_cluster: bool,
    /// Which context of the kubeconfig [default: the current one]
    #[arg(long, requires = "from_cluster")]
    context: Option<String>,
    /// These API groups alone, such as `apps,cert-manager.io`; `core` is the core group
    #[arg(long, value_delimiter = ',', requires = "from_cluster")]
    groups: Vec<String>,
    /// The folder to write the client's modules to, such as `src/kube`
    #[arg(long, requires = "from_cluster")]
    out: Option<PathBuf>,
}

pub fn run(arguments: Arguments) -> Outcome {
    match arguments.out {
        Some(out) => cluster::generate(arguments.context.as_deref(), &arguments.groups, &out),
        None => repository::generate(arguments.check, COMMAND),
    }
}
