//! `cargo xtask quickstart`: the main job end to end, telling each step.

use std::io::IsTerminal as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::fake::Fake;
use crate::package::{Package, Programs};
use crate::{Outcome, root, tell};

const HELP: &str = "\
Generate a client from a fake API server, or from your cluster, and run a program and a controller with it

Usage: cargo xtask quickstart [--cluster]

Options:
      --cluster  Use the cluster of your kubeconfig, which is only read [default: a fake API server on this machine]
  -h, --help     Print help";

/// The kind that is installed in the fake API server.
const DEFINITION: &str = "xtask/launcher/src/quickstart/websites.yaml";

const PROGRAM: (&str, &str) = ("program", include_str!("quickstart/program.rs"));

/// Those for the fake API server, which may write.
const OF_FAKE: Programs = &[PROGRAM, ("controller", include_str!("quickstart/controller.rs"))];

/// Those for a user's own cluster, which only read.
const OF_CLUSTER: Programs = &[PROGRAM, ("observer", include_str!("quickstart/observer.rs"))];

/// How many steps there are.
const STEPS: u32 = 5;

/// The exit status of `cargo kubewright gen` if the client was written, but without something that a cluster would not tell.
const INCOMPLETE: i32 = 3;

pub fn run(mut arguments: lexopt::Parser) -> Outcome {
    let mut on_cluster = false;
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("cluster") => on_cluster = true,
            lexopt::Arg::Long("help") | lexopt::Arg::Short('h') => {
                println!("{HELP}");
                return Ok(());
            }
            other => return Err(format!("{}; see cargo xtask quickstart --help", other.unexpected()).into()),
        }
    }
    quickstart(on_cluster)
}

fn quickstart(on_cluster: bool) -> Outcome {
    let start = Instant::now();
    let (name, programs) = if on_cluster { ("quickstart-cluster", OF_CLUSTER) } else { ("quickstart", OF_FAKE) };
    tell::step(1, STEPS, "compiling the generator and the fake API server (a minute or two, the first time)");
    let package = Package::write(name, programs)?;
    package.cargo(&quiet_in_a_pipe(&["build", "--package", "kubewright-cli", "--bin", "cargo-kubewright"]), None)?;
    let generator = package.built("cargo-kubewright");

    let fake = if on_cluster {
        tell::step(2, STEPS, "using the cluster of your kubeconfig (it is only read)");
        None
    } else {
        tell::step(2, STEPS, "starting a fake API server, with a kind of its own: Website");
        tell::command(&format!("cargo kubewright fake --crds {DEFINITION}"));
        let fake = Fake::start(&generator, &root().join(DEFINITION), &package.path("kubeconfig"))?;
        tell::more("it listens on a port of this machine, and kubectl can use it");
        Some(fake)
    };
    let kubeconfig = fake.as_ref().map(Fake::kubeconfig);

    tell::step(3, STEPS, "generating a client from its documents");
    generate(&generator, &package.path("src/kube"), kubeconfig)?;

    tell::step(4, STEPS, "compiling and running a small program and a small controller with it");
    package.cargo(&quiet_in_a_pipe(&["build", "--bins"]), None)?;
    for (program, _) in programs {
        tell::more(&format!("the {program} (src/bin/{program}.rs):"));
        package.cargo(&["run", "--quiet", "--bin", program], kubeconfig)?;
    }

    let seconds = start.elapsed().as_secs();
    tell::step(5, STEPS, &format!("done in {seconds} s. Change the programs in {}", package.path("src/bin").display()));
    tell::more("and run it again; or copy src/kube into a crate of yours: it needs kubewright-runtime alone");
    tell::more(if on_cluster {
        "`cargo xtask quickstart` without --cluster shows a controller that writes"
    } else {
        "`cargo xtask fake` runs such a server for you; `cargo xtask quickstart --cluster` reads your own cluster"
    });
    Ok(())
}

/// Writes the client.
fn generate(generator: &Path, tree: &Path, kubeconfig: Option<&Path>) -> Outcome {
    let mut generate = Command::new(generator);
    generate.args(["gen", "--from-cluster", "--out"]).arg(tree);
    tell::command(&format!("cargo kubewright gen --from-cluster --out {}", tree.display()));
    if let Some(kubeconfig) = kubeconfig {
        generate.arg("--kubeconfig").arg(kubeconfig);
    }
    let status = generate.status().map_err(|error| format!("cannot run {}: {error}", generator.display()))?;
    if status.success() || status.code() == Some(INCOMPLETE) { Ok(()) } else { Err("no client was generated".into()) }
}

/// Cargo's own progress is for terminals.
fn quiet_in_a_pipe<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = arguments.to_vec();
    if !std::io::stderr().is_terminal() {
        arguments.push("--quiet");
    }
    arguments
}
