//! `cargo xtask spec`: the facts of a Kubernetes minor, from a live server into `spec/`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use kubewright_cli::cluster;
use kubewright_codegen::spec::{Answers, normalize};
use kubewright_testbed::{Cluster, Minor, Options, build, build_protofields, minor, minors, write_module};

use crate::progress::Spinner;
use crate::{Outcome, repository};

#[derive(clap::Args)]
pub struct Arguments {
    /// Read the server that the kubeconfig names, instead of a test bed of that minor with every API enabled
    #[arg(long)]
    from_cluster: bool,
    /// Which context of the kubeconfig [default: the current one]
    #[arg(long, requires = "from_cluster")]
    context: Option<String>,
    /// The Kubernetes minor, such as 1.37: of the test bed, and of the Go types that give the protobuf numbers
    /// [default: the newest]
    #[arg(long, value_name = "MINOR")]
    kubernetes: Option<String>,
    /// Every Kubernetes minor, one after another
    #[arg(long, conflicts_with_all = ["kubernetes", "from_cluster", "out"])]
    all: bool,
    /// These API groups alone, and nothing of Go's types: for CRDs
    #[arg(long, value_delimiter = ',', requires_all = ["from_cluster", "out"])]
    groups: Vec<String>,
    /// The folder to write [default: spec/v1.37, by the minor]
    #[arg(long)]
    out: Option<PathBuf>,
}

pub fn run(arguments: Arguments) -> Outcome {
    if arguments.all {
        return minors().iter().try_for_each(|minor| pin(minor, &arguments));
    }
    pin(minor(arguments.kubernetes.as_deref())?, &arguments)
}

/// Writes the facts of one minor.
fn pin(minor: &'static Minor, arguments: &Arguments) -> Outcome {
    let folder = || repository::root().join("spec").join(format!("v{}", minor.name));
    let out = arguments.out.clone().unwrap_or_else(folder);
    let mut spinner = Spinner::default();
    if arguments.groups.is_empty() {
        spinner.say(&format!("looking up what Kubernetes {} requires", minor.kubernetes));
        if write_module(minor)? {
            spinner.clear();
            eprintln!("wrote testbed/go/{} and its checksums: they belong to the minor", minor.modfile());
        }
    }
    let protofields = match arguments.groups.is_empty() {
        true => Some(build_protofields(minor, &mut |step| spinner.show(step))?),
        false => None,
    };

    let bed;
    let client = if arguments.from_cluster {
        cluster::client(None, arguments.context.as_deref())?
    } else {
        build(minor, &mut |step| spinner.show(step))?;
        bed = Cluster::start(&Options { minor, ..Options::default() })?;
        cluster::client(Some(bed.kubeconfig()), None)?
    };
    drop(spinner);
    let answers = cluster::read_answers(&client, &arguments.groups)?;
    if let Some((fetch, error)) = answers.failed.first() {
        return Err(format!("a pinned folder must be complete, but {} is unavailable: {error}", fetch.document).into());
    }
    let discovery: Vec<_> = answers.discovery.iter().map(|(path, answer)| (*path, answer.as_slice())).collect();
    let mut files =
        normalize(&Answers { version: &answers.version, discovery: &discovery, openapi: &answers.openapi_by_name() })?;
    if !arguments.groups.is_empty() {
        keep_groups(&mut files, &arguments.groups)?;
    } else {
        check_minor(&files, minor)?;
    }
    let facts = protofields.map_or(Ok("{}\n".to_owned()), |protofields| facts(&protofields))?;
    files.insert("protobuf.json".to_owned(), facts);
    let changed = write(&out, &files)?;
    println!("{}: {} files, {changed} of them changed", out.display(), files.len());
    Ok(())
}

/// Refuses a server of another minor than the one that the rest of the facts are about.
fn check_minor(files: &BTreeMap<String, String>, minor: &Minor) -> Outcome {
    let version: serde_json::Value = serde_json::from_str(files.get("version.json").map_or("{}", String::as_str))?;
    let text = |field: &str| version[field].as_str().unwrap_or("?").to_owned();
    // A provider's server may call its minor `34+`.
    let served = format!("{}.{}", text("major"), text("minor").trim_end_matches('+'));
    if served == minor.name {
        return Ok(());
    }
    Err(format!("the server is Kubernetes {served}, and this is about {}; see --kubernetes", minor.name).into())
}

/// Leaves the other groups out of discovery: their documents were not read.
fn keep_groups(files: &mut BTreeMap<String, String>, groups: &[String]) -> Outcome {
    if let Some(discovery) = files.get_mut("discovery.json") {
        let mut all: serde_json::Value = serde_json::from_str(discovery)?;
        if let Some(known) = all["groups"].as_array_mut() {
            known.retain(|group| groups.iter().any(|wanted| group["name"] == wanted.as_str()));
        }
        *discovery = format!("{all:#}\n");
    }
    Ok(())
}

/// What the Go types say.
fn facts(protofields: &Path) -> Result<String, Box<dyn std::error::Error>> {
    let output =
        Command::new(protofields).output().map_err(|error| format!("cannot run {}: {error}", protofields.display()))?;
    if !output.status.success() {
        return Err(format!("protofields failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Makes the folder hold these files and no others, and says how many differed.
fn write(folder: &Path, files: &BTreeMap<String, String>) -> Result<usize, Box<dyn std::error::Error>> {
    let openapi = folder.join("openapi");
    fs::create_dir_all(&openapi).map_err(|error| format!("cannot make {}: {error}", openapi.display()))?;
    let mut changed = 0;
    for (name, text) in files {
        let path = folder.join(name);
        if fs::read_to_string(&path).is_ok_and(|there| there == *text) {
            continue;
        }
        fs::write(&path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        changed += 1;
    }
    for entry in fs::read_dir(&openapi)? {
        let path = entry?.path();
        let name = format!("openapi/{}", path.file_name().unwrap_or_default().to_string_lossy());
        if !files.contains_key(&name) {
            fs::remove_file(&path).map_err(|error| format!("cannot remove {}: {error}", path.display()))?;
            changed += 1;
        }
    }
    Ok(changed)
}
