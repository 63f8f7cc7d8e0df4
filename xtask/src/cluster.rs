//! A live cluster's documents: read with progress, and a client generated from them.

use std::io::IsTerminal as _;
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use kubewright_codegen::cluster::{Answers, Request, read};
use kubewright_codegen::documents::Cache;
use kubewright_codegen::{Options, Target, generate as emit, write};
use kubewright_runtime::config::{Kubeconfig, KubeconfigOptions};
use kubewright_runtime::{Client, Config};

use crate::Outcome;

/// Writes a client for the cluster that a context of the kubeconfig names.
pub fn generate(context: Option<&str>, groups: &[String], out: &Path) -> Outcome {
    generate_with(&client(context)?, groups, out)
}

/// Writes a client for the cluster that this client is of.
pub fn generate_with(client: &Client, groups: &[String], out: &Path) -> Outcome {
    let answers = documents(client, groups)?;
    let documents = answers.documents(groups)?;
    let groups: Vec<String> =
        groups.iter().map(|group| if group == "core" { String::new() } else { group.clone() }).collect();
    let options = Options::new(Target::Tree, "kubewright_runtime", "cargo xtask gen --from-cluster").groups(groups);
    let tree = emit(&documents, &options)?;
    let outcome = write::write(&tree, out, &[""])?;

    for note in &tree.notes {
        eprintln!("note: {note}");
    }
    for problem in &documents.problems {
        eprintln!("warning: {problem}");
    }
    let (server, place) = (&documents.server.git_version, out.display());
    if outcome.written.is_empty() && outcome.removed.is_empty() {
        println!(
            "{place}: unchanged: the cluster ({server}) has the same documents as before ({} files)",
            outcome.unchanged
        );
    } else {
        println!(
            "{place}: a client for Kubernetes {server}: {} files written, {} removed, {} unchanged",
            outcome.written.len(),
            outcome.removed.len(),
            outcome.unchanged
        );
    }
    Ok(())
}

/// A client for the cluster that a context of the kubeconfig names.
pub fn client(context: Option<&str>) -> Result<Client, Box<dyn std::error::Error>> {
    let config = match context {
        None => Config::infer()?,
        Some(context) => {
            let options = KubeconfigOptions { context: Some(context.to_owned()), ..KubeconfigOptions::default() };
            Config::from_kubeconfig(&Kubeconfig::load()?, &options)?
        }
    };
    Ok(Client::new(&config)?)
}

/// A client by the kubeconfig in a file.
pub fn client_of(kubeconfig: &Path) -> Result<Client, Box<dyn std::error::Error>> {
    let config = Config::from_kubeconfig(&Kubeconfig::read(kubeconfig)?, &KubeconfigOptions::default())?;
    Ok(Client::new(&config)?)
}

/// What a cluster says about itself; a bar shows how far it has come.
pub fn documents(client: &Client, groups: &[String]) -> Result<Answers, Box<dyn std::error::Error>> {
    let bar = bar();
    let mut progress = |total: usize, done: usize| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    };
    let cache = Cache::new(kubewright_testbed::cache_folder()?.join("openapi"));
    let answers = runtime()?.block_on(read(client, Request { groups, cache: &cache, progress: &mut progress }))?;
    bar.finish_and_clear();
    Ok(answers)
}

/// What runs a client's calls.
pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0).with_message("reading OpenAPI documents");
    match ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
