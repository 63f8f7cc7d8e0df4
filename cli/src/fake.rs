//! `cargo kubewright fake`: a fake API server on a port of this machine, until Ctrl-C.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use kubewright_codegen::crd_diff::Definitions;
use kubewright_fake::{Controllers, FakeCluster, FakeListener};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::BoxError;

/// How often changes are saved to the file of `--file`.
const SAVE: Duration = Duration::from_millis(500);

/// What programs find in the output.
pub const OUTPUT: &str = "Standard output has one line, which a shell can evaluate: export KUBECONFIG=FILE
It is printed once the server listens. Clients on this machine alone reach it, with the kubeconfig's token.";

/// What the fake API server serves, and where.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Arguments {
    /// The Kubernetes minor, such as 1.36 [default: the newest]
    #[arg(long, value_name = "MINOR")]
    pub kubernetes: Option<String>,
    /// Install the CustomResourceDefinitions of these files and folders, of YAML or JSON
    #[arg(long, num_args = 1.., value_delimiter = ',', value_name = "PATH")]
    pub crds: Vec<PathBuf>,
    /// The port of 127.0.0.1 [default: a free one]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    pub port: u16,
    /// Write the kubeconfig to this file [default: one that is removed at the end]
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// Start with the objects of this file, and save objects to it [default: they are in memory alone]
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Run controllers: workloads make pods that become ready, jobs complete, garbage is collected [default: none run]
    #[arg(long)]
    pub controllers: bool,
    /// End when standard input is closed, too: it ends with the program that has started it, however that ends
    #[arg(long)]
    pub until_stdin_closes: bool,
}

/// A fake API server that listens, in a thread of this process, until it is dropped.
struct Fake {
    cluster: FakeCluster,
    listener: FakeListener,
    kubeconfig: PathBuf,
    /// Where the kubeconfig is, if no place was named for it.
    _folder: Option<TempDir>,
    // Last: what listens is a task of it.
    runtime: Runtime,
}

impl Fake {
    fn start(arguments: &Arguments) -> Result<Self, BoxError> {
        let cluster = cluster(arguments)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let listener = runtime.block_on(cluster.listen_on(arguments.port))?;
        let (kubeconfig, folder) = match &arguments.kubeconfig {
            Some(file) => (file.clone(), None),
            None => {
                let folder = tempfile::Builder::new().prefix("kubewright-fake-").tempdir()?;
                (folder.path().join("kubeconfig"), Some(folder))
            }
        };
        listener
            .write_kubeconfig(&kubeconfig)
            .map_err(|error| format!("cannot write the kubeconfig to {}: {error}", kubeconfig.display()))?;
        Ok(Self { cluster, listener, kubeconfig, _folder: folder, runtime })
    }
}

/// Runs a fake API server until Ctrl-C or SIGTERM, or the end of standard input if that is asked for, and tells how it is used.
///
/// # Errors
/// If the minor is unknown, a definition or the file of objects can't be read, the port is in use, or the kubeconfig can't be
/// written; or if objects can't be saved.
pub fn run(arguments: &Arguments) -> Result<(), BoxError> {
    let fake = Fake::start(arguments)?;
    explain(&fake, arguments);
    println!("export KUBECONFIG={}", quoted(&fake.kubeconfig));
    fake.runtime.block_on(async {
        let mut end = std::pin::pin!(end(arguments.until_stdin_closes));
        let mut saved = fake.cluster.resource_version();
        loop {
            let is_end = tokio::select! {
                ended = &mut end => { ended?; true }
                () = tokio::time::sleep(SAVE), if arguments.file.is_some() => false,
            };
            let current = fake.cluster.resource_version();
            if let (Some(file), true) = (&arguments.file, is_end || current != saved) {
                save(&fake.cluster, file)?;
                saved = current;
            }
            if is_end {
                return Ok(());
            }
        }
    })
}

fn cluster(arguments: &Arguments) -> Result<FakeCluster, BoxError> {
    // It may run for days, and nobody asks what its requests were.
    let mut builder = FakeCluster::builder().max_requests(0);
    if arguments.controllers {
        builder = builder.controllers(Controllers::all());
    }
    if let Some(minor) = &arguments.kubernetes {
        builder = builder.kubernetes(minor);
    }
    if let Some(file) = arguments.file.as_ref().filter(|file| file.exists()) {
        builder = builder.load(file)?;
    }
    let mut definitions = Definitions::default();
    for path in &arguments.crds {
        definitions.read_path(path)?;
    }
    if let Some(problem) = definitions.problems().first() {
        return Err(problem.to_string().into());
    }
    if definitions.is_empty() && !arguments.crds.is_empty() {
        return Err("there is no CustomResourceDefinition in what --crds names".into());
    }
    for definition in definitions.objects() {
        builder = builder.with(definition.clone());
    }
    Ok(builder.build()?)
}

fn save(cluster: &FakeCluster, file: &Path) -> Result<(), BoxError> {
    cluster.save(file).map_err(|error| format!("cannot save the objects to {}: {error}", file.display()).into())
}

/// How it is used, for people: nothing in a pipe.
fn explain(fake: &Fake, arguments: &Arguments) {
    if !io::stderr().is_terminal() {
        return;
    }
    eprintln!("A fake API server listens on {}.", fake.listener.url());
    eprintln!("  kubectl --kubeconfig {} get namespaces", quoted(&fake.kubeconfig));
    match &arguments.file {
        Some(file) => eprintln!("Its objects are saved to {}.", file.display()),
        None => eprintln!("Its objects are in memory alone; --file FILE keeps them."),
    }
    eprintln!("Ctrl-C ends it. In other shells:");
}

/// A path as a shell reads it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+:@%".contains(letter);
    if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// Waits for what ends it.
async fn end(is_by_stdin: bool) -> io::Result<()> {
    tokio::select! {
        interrupted = interruption() => interrupted,
        () = end_of_stdin(), if is_by_stdin => Ok(()),
    }
}

async fn end_of_stdin() {
    let (closed, is_closed) = tokio::sync::oneshot::channel::<()>();
    // A thread that nobody waits for: what reads can't be interrupted.
    std::thread::spawn(move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        drop(closed);
    });
    let _ = is_closed.await;
}

#[cfg(unix)]
async fn interruption() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminated.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn interruption() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_quoted_where_a_shell_needs_it() {
        assert_eq!(quoted(Path::new("/tmp/a-1/kubeconfig")), "/tmp/a-1/kubeconfig");
        assert_eq!(quoted(Path::new("/tmp/it's here")), r"'/tmp/it'\''s here'");
    }
}
