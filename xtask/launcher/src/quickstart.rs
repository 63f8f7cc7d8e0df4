//! `cargo xtask quickstart`: the main job end to end, telling each step.

use std::fs;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::fake::Fake;
use crate::package::{Package, Programs};
use crate::{Outcome, root, tell};

const HELP: &str = "\
Generate a client from a fake API server, or from your cluster, and run a program and a controller with it

Usage: cargo xtask quickstart [--cluster] [--folder FOLDER]

Options:
      --cluster        Use the cluster of your kubeconfig, which is only read [default: a fake API server on this machine]
      --folder FOLDER  Write the package with the client and the programs to this folder
                       [default: target/quickstart, or target/quickstart-cluster]
  -h, --help           Print help";

/// The kind that is installed in the fake API server, in a file of the package.
const DEFINITIONS: (&str, &str) = ("crds.yaml", include_str!("quickstart/websites.yaml"));

const PROGRAM: (&str, &str) = ("program", include_str!("quickstart/program.rs"));

/// Those for the fake API server, which may write.
const OF_FAKE: Programs = &[PROGRAM, ("controller", include_str!("quickstart/controller.rs"))];

/// Those for a user's own cluster, which only read.
const OF_CLUSTER: Programs = &[PROGRAM, ("observer", include_str!("quickstart/observer.rs"))];

/// The API groups of the fake API server that a client is generated for, in a file of the package: of all of them, it would take a quarter
/// of a minute longer to compile on two slow cores.
const GROUPS: (&str, &str) = ("groups", "core,apps,example.com\n");

/// How many steps there are.
const STEPS: u32 = 5;

/// The exit status of `cargo kubewright gen` if the client was written, but without something that a cluster would not tell.
const INCOMPLETE: i32 = 3;

/// What to do.
pub struct Arguments {
    on_cluster: bool,
    folder: Option<PathBuf>,
}

impl Arguments {
    /// Reads them. `None` if help was asked for, which is printed.
    pub fn read(mut parser: lexopt::Parser) -> Result<Option<Self>, lexopt::Error> {
        let mut arguments = Self { on_cluster: false, folder: None };
        while let Some(argument) = parser.next()? {
            match argument {
                lexopt::Arg::Long("cluster") => arguments.on_cluster = true,
                lexopt::Arg::Long("folder") => arguments.folder = Some(parser.value()?.into()),
                lexopt::Arg::Long("help") | lexopt::Arg::Short('h') => {
                    println!("{HELP}");
                    return Ok(None);
                }
                other => return Err(other.unexpected()),
            }
        }
        Ok(Some(arguments))
    }
}

pub fn run(arguments: Arguments) -> Outcome {
    let start = Instant::now();
    let Arguments { on_cluster, folder } = arguments;
    let (name, programs) = if on_cluster { ("quickstart-cluster", OF_CLUSTER) } else { ("quickstart", OF_FAKE) };
    let folder = folder.map_or_else(|| Ok(root().join("target").join(name)), std::path::absolute)?;
    tell::step(1, STEPS, "compiling the generator and the fake API server (a minute or two, the first time)");
    let package = Package::write(folder, programs)?;
    let build = |what: &[&str]| run_to_end(package.cargo("build").args(quiet_in_a_pipe()).args(what));
    build(&["--package", "kubewright-cli", "--bin", "cargo-kubewright"])?;

    let fake = if on_cluster {
        tell::step(2, STEPS, "using the cluster of your kubeconfig (it is only read)");
        None
    } else {
        tell::step(2, STEPS, "starting a fake API server, with a kind of its own: Website");
        package.write_own(DEFINITIONS.0, DEFINITIONS.1)?;
        package.write_own(GROUPS.0, GROUPS.1)?;
        let definitions = package.path(DEFINITIONS.0);
        tell::command(&format!("{} fake --crds {}", package.kubewright_path().display(), definitions.display()));
        let fake = Fake::start(package.kubewright().args(["fake", "--crds"]).arg(definitions))?;
        tell::more("it listens on a port of this machine until this ends, and kubectl can use it");
        Some(fake)
    };
    let kubeconfig = fake.as_ref().map(Fake::kubeconfig);

    tell::step(3, STEPS, "generating a client from its documents");
    let groups = generate(&package, kubeconfig)?;

    tell::step(4, STEPS, "compiling and running a small program and a small controller with it");
    build(&["--bins"]).map_err(|error| match &groups {
        Some(groups) => format!(
            "{error}\nThe client has the API groups {groups}: more can be named in {}",
            package.path(GROUPS.0).display()
        ),
        None => error.to_string(),
    })?;
    for (program, _) in programs {
        tell::more(&format!("the {program} (src/bin/{program}.rs):"));
        let mut run = package.cargo("run");
        if let Some(kubeconfig) = kubeconfig {
            run.env("KUBECONFIG", kubeconfig);
        }
        run_to_end(run.args(["--quiet", "--bin", program]))?;
    }

    let seconds = start.elapsed().as_secs();
    tell::step(
        5,
        STEPS,
        &format!("done in {seconds} s. Change it and run it again: in {} are", package.folder().display()),
    );
    let copied = "or copy src/kube into a crate of yours, with the dependencies in Cargo.toml";
    if on_cluster {
        tell::more("the programs, in src/bin;");
        tell::more(copied);
        tell::more("`cargo xtask quickstart` without --cluster shows a controller that writes");
    } else {
        tell::more(
            "the programs, in src/bin, the definitions, in crds.yaml, and the API groups of the client, in groups;",
        );
        tell::more(copied);
        tell::more(
            "`cargo xtask fake` runs a fake API server for you, `cargo install --path cli` installs `cargo kubewright`,",
        );
        tell::more("and `cargo xtask quickstart --cluster` reads your own cluster");
    }
    Ok(())
}

/// Writes the client: that of a user's own cluster for all that it serves, that of the fake API server for some groups, which are
/// returned.
fn generate(package: &Package, kubeconfig: Option<&Path>) -> Result<Option<String>, Box<dyn std::error::Error>> {
    let tree = package.path("src/kube");
    let mut generate = package.kubewright();
    generate.args(["gen", "--from-cluster", "--out"]).arg(&tree);
    let mut line = format!("{} gen --from-cluster --out {}", package.kubewright_path().display(), tree.display());
    let mut groups = None;
    if let Some(kubeconfig) = kubeconfig {
        let path = package.path(GROUPS.0);
        let text = fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let names = text.split([',', '\n', ' ']).map(str::trim).filter(|name| !name.is_empty());
        let names = names.collect::<Vec<_>>().join(",");
        generate.args(["--groups", &names, "--kubeconfig"]).arg(kubeconfig);
        line += &format!(" --groups {names} --kubeconfig {}", kubeconfig.display());
        groups = Some(names);
    }
    tell::command(&line);
    let status = generate.status().map_err(|error| format!("cannot run the generator: {error}"))?;
    let is_written = status.success() || status.code() == Some(INCOMPLETE);
    if is_written { Ok(groups) } else { Err("no client was generated".into()) }
}

/// Runs a command of cargo.
fn run_to_end(command: &mut Command) -> Outcome {
    if command.status().map_err(|error| format!("cannot run cargo: {error}"))?.success() {
        return Ok(());
    }
    let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
    Err(format!("this failed: cargo {}", words.join(" ")).into())
}

/// Cargo's own progress is for terminals.
fn quiet_in_a_pipe() -> Option<&'static str> {
    (!std::io::stderr().is_terminal()).then_some("--quiet")
}
