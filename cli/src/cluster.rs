//! A live cluster's documents: read with progress.

use std::io::IsTerminal as _;
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use kubewright_codegen::cluster::{Answers, Request, documents, read};
use kubewright_codegen::documents::{Cache, Documents};
use kubewright_runtime::config::{Kubeconfig, KubeconfigOptions};
use kubewright_runtime::{Client, Config};

use crate::BoxError;

/// A client for the cluster of a kubeconfig, or of the environment if none is named; by its current context, if none is
/// named.
///
/// # Errors
/// If there is no such kubeconfig or context, or something in it is wrong.
pub fn client(kubeconfig: Option<&Path>, context: Option<&str>) -> Result<Client, BoxError> {
    let options = KubeconfigOptions { context: context.map(str::to_owned), ..KubeconfigOptions::default() };
    let config = match (kubeconfig, context) {
        (Some(file), _) => Config::from_kubeconfig(&Kubeconfig::read(file)?, &options)?,
        (None, Some(_)) => Config::from_kubeconfig(&Kubeconfig::load()?, &options)?,
        (None, None) => Config::infer()?,
    };
    Ok(Client::new(&config)?)
}

/// Everything that a client can be generated from: what the cluster publishes, and its CustomResourceDefinitions. Of these
/// groups alone, of all if empty.
///
/// # Errors
/// If the cluster can't be reached, is not a Kubernetes API server, or has not the groups that were asked for.
pub fn read_documents(client: &Client, groups: &[String]) -> Result<Documents, BoxError> {
    with_progress(groups, async |request| Ok(documents(client, request).await?))
}

/// What the cluster publishes, as it came.
///
/// # Errors
/// As for [`read_documents`].
pub fn read_answers(client: &Client, groups: &[String]) -> Result<Answers, BoxError> {
    with_progress(groups, async |request| Ok(read(client, request).await?))
}

/// Reads something; a bar shows how far it has come.
fn with_progress<T>(
    groups: &[String],
    read: impl AsyncFnOnce(Request<'_>) -> Result<T, BoxError>,
) -> Result<T, BoxError> {
    let bar = bar();
    let mut progress = |total: usize, done: usize| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    };
    let cache = Cache::of_user();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(read(Request { groups, cache: &cache, progress: &mut progress }));
    bar.finish_and_clear();
    answer
}

/// A bar on a terminal; nothing in a pipe.
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
