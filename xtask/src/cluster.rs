//! A live cluster's documents: read with progress, and a client generated from them.

use std::error::Error;
use std::io::IsTerminal as _;
use std::path::Path;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use kubewright_codegen::cluster::{Answers, Request, read, read_crds};
use kubewright_codegen::documents::{Cache, Documents};
use kubewright_codegen::{Beside, Builtins, Options, Shared, Target, generate as emit, write};
use kubewright_runtime::config::{Kubeconfig, KubeconfigOptions};
use kubewright_runtime::{Client, Config};

use crate::{Outcome, repository};

/// What of it to write, and whether to write at all.
#[derive(Default)]
pub struct Selection {
    /// These groups alone, if any is named.
    pub groups: Vec<String>,
    /// These kinds alone, if any is named.
    pub kinds: Vec<String>,
    /// The crate of the built-in kinds that the client is used beside.
    pub beside: Option<String>,
    /// Give custom kinds `validate()`.
    pub validation: bool,
    /// Only check that the folder has what would be written.
    pub check: bool,
}

/// The command in the first line of what is written.
const COMMAND: &str = "cargo xtask gen";

/// Writes a client for the cluster that a context of the kubeconfig names.
pub fn generate(context: Option<&str>, selection: &Selection, out: &Path) -> Outcome {
    complete(generate_with(&client(context)?, selection, out)?)
}

/// Writes a client for the cluster that this client is of.
pub fn generate_with(client: &Client, selection: &Selection, out: &Path) -> Result<usize, Box<dyn Error>> {
    let crds = runtime()?.block_on(read_crds(client, &selection.groups))?;
    let mut documents = documents(client, &selection.groups)?.documents(&selection.groups)?;
    // Definitions say more than what is published of them, and say it at once.
    if let Some(crds) = crds {
        crds.publish(&mut documents);
    }
    let server = documents.server.git_version.clone();
    write(&documents, selection, &format!("Kubernetes {server}"), out)
}

/// Writes what documents describe, or checks it. Reports what was done, and gives the number of problems.
pub fn write(documents: &Documents, selection: &Selection, of: &str, out: &Path) -> Result<usize, Box<dyn Error>> {
    let groups = selection.groups.iter();
    let groups = groups.map(|group| if group == "core" { String::new() } else { group.clone() }).collect();
    let beside = match &selection.beside {
        Some(path) => Some(Beside { path: path.clone(), builtins: Arc::new(Builtins::new(&repository::pinned()?)?) }),
        None => None,
    };
    let runtime = beside.as_ref().map_or("kubewright_runtime".to_owned(), |beside| format!("{}::runtime", beside.path));
    let mut options =
        Options::new(Target::Tree, runtime, COMMAND).groups(groups).kinds(selection.kinds.clone()).beside(beside);
    options.validation = selection.validation;
    let tree = emit(documents, &options)?;
    for note in &tree.notes {
        eprintln!("note: {note}");
    }
    for problem in &documents.problems {
        eprintln!("warning: {problem}");
    }
    let Shared { objects, structs, enums, distinct_enums, builtin } = &tree.shared;
    if *objects + *enums > 0 {
        eprintln!(
            "{objects} nested objects are {structs} structs, {enums} enums are {distinct_enums}; {builtin} structs are built-in types"
        );
    }
    if !tree.raw_json.is_empty() {
        eprintln!("{} values are raw JSON, since their schemas have no details:", tree.raw_json.len());
        tree.raw_json.iter().for_each(|place| eprintln!("  {place}"));
    }
    let place = out.display();
    if selection.check {
        write::check(&tree, out, &[""], COMMAND)?;
        println!("{place}: up to date with {of}");
    } else {
        let outcome = write::write(&tree, out, &[""])?;
        if outcome.written.is_empty() && outcome.removed.is_empty() {
            println!("{place}: unchanged: {of} has the same documents as before ({} files)", outcome.unchanged);
        } else {
            let (written, removed, unchanged) = (outcome.written.len(), outcome.removed.len(), outcome.unchanged);
            println!("{place}: a client for {of}: {written} files written, {removed} removed, {unchanged} unchanged");
        }
    }
    Ok(documents.problems.len())
}

/// Fails if something was left out.
pub fn complete(problems: usize) -> Outcome {
    match problems {
        0 => Ok(()),
        1 => Err("one document could not be parsed, and its content is missing: see the warning".into()),
        many => {
            Err(format!("{many} documents could not be parsed, and their content is missing: see the warnings").into())
        }
    }
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
