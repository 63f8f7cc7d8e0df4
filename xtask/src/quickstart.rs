//! `cargo xtask quickstart`: the main job end to end, telling each step.

use std::fs;
use std::path::Path;
use std::process::Command;

use kubewright_cli::{cluster, generate};
use kubewright_codegen::Generator;
use kubewright_runtime::Client;
use kubewright_testbed::{Cluster, Options, build};

use crate::progress::Spinner;
use crate::{Outcome, repository};

/// The program that is run with what was generated.
const PROGRAM: &str = include_str!("quickstart/program.rs");

#[derive(clap::Args)]
pub struct Arguments {
    /// Use a test bed even if there is a kubeconfig
    #[arg(long)]
    testbed: bool,
}

pub fn run(arguments: Arguments) -> Outcome {
    let (client, bed) = match find(arguments.testbed) {
        Ok(client) => {
            say(1, "using the cluster of your kubeconfig (it is only read)");
            (client, None)
        }
        Err(reason) => {
            say(1, &format!("starting a test bed: {reason}"));
            let mut spinner = Spinner::default();
            build(&kubewright_testbed::minors()[0], &mut |step| spinner.show(step))?;
            let bed = Cluster::start(&Options::default())?;
            (cluster::client(Some(bed.kubeconfig()), None)?, Some(bed))
        }
    };
    let folder = repository::root().join("target/quickstart");
    say(2, &format!("generating a client from its documents into {}", folder.join("src/kube").display()));
    let generator =
        Generator::new().documents(cluster::read_documents(&client, &[])?).command("cargo xtask quickstart");
    generate::finish(&generator.out(folder.join("src/kube")).run()?, false, "cargo xtask quickstart")?;
    say(3, "compiling and running a small program with it");
    write_program(&folder)?;
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["run", "--quiet"]).current_dir(&folder).env("CARGO_TARGET_DIR", repository::root().join("target"));
    if let Some(bed) = &bed {
        cargo.env("KUBECONFIG", bed.kubeconfig());
    }
    let status = cargo.status().map_err(|error| format!("cannot run cargo: {error}"))?;
    if !status.success() {
        return Err("the program failed".into());
    }
    say(
        4,
        &format!(
            "done. The program is {}: change it, or copy src/kube into a crate of yours",
            folder.join("src/main.rs").display()
        ),
    );
    Ok(())
}

/// A client for the cluster of the kubeconfig, unless there is none, or a test bed is wanted.
fn find(testbed: bool) -> Result<Client, Box<dyn std::error::Error>> {
    if testbed { Err("as you asked".into()) } else { Ok(cluster::client(None, None)?) }
}

fn say(step: u32, what: &str) {
    println!("[{step}/4] {what}");
}

fn write_program(folder: &Path) -> Outcome {
    let runtime = repository::root().join("runtime");
    let manifest = format!(
        "[package]\nname = \"quickstart\"\nedition = \"2024\"\n\n[dependencies]\nkubewright-runtime = {{ path = {runtime:?} }}\n\
         futures-util = \"0.3\"\ntokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }}\n\n[workspace]\n",
    );
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
    };
    write("Cargo.toml", &manifest)?;
    write("src/main.rs", PROGRAM)?;
    // The versions that kubewright itself is tested with.
    fs::copy(repository::root().join("Cargo.lock"), folder.join("Cargo.lock"))?;
    Ok(())
}
