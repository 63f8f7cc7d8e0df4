//! `cargo xtask quickstart`: the main job end to end, telling each step.

use std::fs;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use kubewright_cli::fake::{self, Fake};
use kubewright_cli::{cluster, generate};
use kubewright_codegen::Generator;

use crate::{Outcome, repository};

/// The kind that is installed in the fake API server.
const DEFINITION: &str = "xtask/src/quickstart/websites.yaml";

/// The programs of a quick start, by their names.
type Programs = &'static [(&'static str, &'static str)];

const PROGRAM: (&str, &str) = ("program", include_str!("quickstart/program.rs"));

/// Those for the fake API server, which may write.
const OF_FAKE: Programs = &[PROGRAM, ("controller", include_str!("quickstart/controller.rs"))];

/// Those for a user's own cluster, which only read.
const OF_CLUSTER: Programs = &[PROGRAM, ("observer", include_str!("quickstart/observer.rs"))];

#[derive(clap::Args)]
pub struct Arguments {
    /// Use the cluster of your kubeconfig, which is only read [default: a fake API server in this process]
    #[arg(long)]
    cluster: bool,
}

pub fn run(arguments: Arguments) -> Outcome {
    let start = Instant::now();
    let (name, programs) = if arguments.cluster { ("quickstart-cluster", OF_CLUSTER) } else { ("quickstart", OF_FAKE) };
    let (client, fake) = if arguments.cluster {
        let client = cluster::client(None, None)?;
        say(1, "using the cluster of your kubeconfig (it is only read)");
        (client, None)
    } else {
        say(1, "starting a fake API server in this process, with a kind of its own: Website");
        let fake = Fake::start(&fake::Arguments {
            crds: vec![repository::root().join(DEFINITION)],
            ..fake::Arguments::default()
        })?;
        explain(&format!("it listens on {}, and kubectl can use it", fake.url()));
        (cluster::client(Some(fake.kubeconfig()), None)?, Some(fake))
    };
    let folder = repository::root().join("target").join(name);
    let tree = folder.join("src/kube");
    say(2, &format!("generating a client from its documents into {}", tree.display()));
    let generator =
        Generator::new().documents(cluster::read_documents(&client, &[])?).command("cargo xtask quickstart");
    generate::finish(&generator.out(&tree).run()?, false, "cargo xtask quickstart")?;
    say(3, "compiling and running a small program and a small controller with it");
    write_programs(&folder, programs)?;
    cargo(&folder, &["build", "--quiet", "--bins"], fake.as_ref())?;
    for (program, _) in programs {
        explain(&format!("the {program} (src/bin/{program}.rs):"));
        cargo(&folder, &["run", "--quiet", "--bin", program], fake.as_ref())?;
    }
    let seconds = start.elapsed().as_secs();
    say(4, &format!("done in {seconds} s. Change the programs in {}", folder.join("src/bin").display()));
    explain("copy src/kube into a crate of yours: it needs kubewright-runtime alone");
    if arguments.cluster {
        explain("`cargo xtask quickstart` without --cluster shows a controller that writes");
    } else {
        explain(
            "`cargo xtask fake` runs such a server for you; `cargo xtask quickstart --cluster` reads your own cluster",
        );
    }
    Ok(())
}

/// Tells what begins.
fn say(step: u32, what: &str) {
    println!("{} {what}", colored(32, &format!("[{step}/4]")));
}

/// Tells more of it.
fn explain(what: &str) {
    println!("{} {what}", colored(2, "     "));
}

/// A text in a colour, on a terminal whose user wants that.
fn colored(color: u8, text: &str) -> String {
    if std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        format!("\u{1b}[1;{color}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}

/// Runs cargo in the folder of the quick start.
fn cargo(folder: &Path, arguments: &[&str], fake: Option<&Fake>) -> Outcome {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| repository::root().join("target"), PathBuf::from);
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(arguments).current_dir(folder).env("CARGO_TARGET_DIR", repository::root().join(target));
    if let Some(fake) = fake {
        cargo.env("KUBECONFIG", std::path::absolute(fake.kubeconfig())?);
    }
    let status = cargo.status().map_err(|error| format!("cannot run cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("cargo {} failed", arguments.join(" ")).into()) }
}

fn write_programs(folder: &Path, programs: Programs) -> Outcome {
    let root = repository::root();
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let manifest = format!(
        "[package]\nname = \"{name}\"\nedition = \"2024\"\n\n[lib]\nname = \"quickstart\"\n\n[dependencies]\n\
         kubewright-controller = {{ path = {:?} }}\n\
         kubewright-runtime = {{ path = {:?} }}\n\
         futures-util = \"0.3\"\nserde_json = \"1\"\n\
         tokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\", \"sync\", \"time\"] }}\n\n\
         # As the workspace has it: what is compiled there is not compiled again.\n[profile.dev]\ndebug = \"line-tables-only\"\n\n[workspace]\n",
        root.join("controller"),
        root.join("runtime"),
    );
    let write = |name: &str, text: &str| -> Outcome {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, text).map_err(|error| format!("cannot write {}: {error}", path.display()).into())
    };
    write("Cargo.toml", &manifest)?;
    write("src/lib.rs", "//! What was generated from the cluster.\n\npub mod kube;\n")?;
    for (program, text) in programs {
        write(&format!("src/bin/{program}.rs"), text)?;
    }
    // The versions that kubewright itself is tested with.
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    Ok(())
}
