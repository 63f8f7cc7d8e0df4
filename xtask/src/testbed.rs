//! `cargo xtask testbed`: builds a real API server and keeps one running in the background.

use std::env;
use std::process::Command;

use crate::progress::Spinner;
use clap::Subcommand;
use kubewright_testbed::{Minor, Options, Running, build, build_protofields, minor, supervise};

use crate::Outcome;

#[derive(clap::Args)]
pub struct Arguments {
    /// The Kubernetes minor, such as 1.37 [default: the newest]
    #[arg(long, global = true, value_name = "MINOR")]
    kubernetes: Option<String>,
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Build etcd, kube-apiserver, kubectl, kwok and sample-apiserver into the cache: some minutes, once, with Go
    Build,
    /// Start a cluster in the background (building it first, if need be) and print its kubeconfig
    Up,
    /// Stop the cluster that runs in the background
    Down,
    /// Say whether a cluster runs in the background, and where
    Status,
    /// Print where each field of each type stands in the protobuf encoding, as JSON
    Protofields {
        /// Write to this file instead of standard output
        #[arg(short, long)]
        output: Option<std::path::PathBuf>,
    },
    /// Own a cluster, in the foreground: `up` starts this
    #[command(hide = true)]
    Supervise,
}

pub fn run(arguments: Arguments) -> Outcome {
    let minor = minor(arguments.kubernetes.as_deref())?;
    match arguments.action {
        Action::Build => build_all(minor),
        Action::Up => up(minor),
        Action::Down => down(minor),
        Action::Status => status(minor),
        Action::Protofields { output } => protofields(minor, output),
        Action::Supervise => {
            let Err(error) = supervise(&Options { minor, ..Options::default() });
            Err(error.into())
        }
    }
}

fn build_all(minor: &Minor) -> Outcome {
    let mut spinner = Spinner::default();
    let binaries = build(minor, &mut |step| spinner.show(step))?;
    println!("{}", binaries.etcd.display());
    println!("{}", binaries.kube_apiserver.display());
    println!("{}", binaries.kubectl.display());
    match binaries.kwok {
        Some(kwok) => println!("{}", kwok.display()),
        None => println!("no kwok: clusters will have no nodes"),
    }
    match binaries.sample_apiserver {
        Some(sample) => println!("{}", sample.display()),
        None => println!("no sample-apiserver: aggregated APIs will not be tested"),
    }
    Ok(())
}

fn up(minor: &Minor) -> Outcome {
    if let Some(running) = Running::find(minor)? {
        eprintln!("A cluster of Kubernetes {} is running already.", running.kubernetes);
        return describe(&running);
    }
    let mut spinner = Spinner::default();
    build(minor, &mut |step| spinner.show(step))?;
    spinner.say(&format!("starting Kubernetes {}", minor.kubernetes));
    let mut supervisor = Command::new(env::current_exe()?);
    supervisor.args(["testbed", "supervise", "--kubernetes", minor.name]);
    let running = Running::start(minor, &supervisor)?;
    drop(spinner);
    describe(&running)
}

fn down(minor: &Minor) -> Outcome {
    match Running::find(minor)? {
        None => println!("No cluster of Kubernetes {} runs in the background.", minor.name),
        Some(running) => {
            running.stop(minor)?;
            println!("The cluster of Kubernetes {} is stopped.", running.kubernetes);
        }
    }
    Ok(())
}

fn status(minor: &Minor) -> Outcome {
    match Running::find(minor)? {
        None => {
            println!(
                "No cluster of Kubernetes {} runs in the background; `cargo xtask testbed up` starts one.",
                minor.name
            );
            Ok(())
        }
        Some(running) => {
            println!("# Kubernetes {}, owned by process {}", running.kubernetes, running.supervisor);
            describe(&running)
        }
    }
}

/// Prints what a shell can evaluate.
fn describe(running: &Running) -> Outcome {
    match (&running.kubeconfig, &running.folder) {
        (Some(kubeconfig), Some(folder)) => {
            println!("# logs: {}", folder.display());
            if !running.has_kubelet {
                println!("# without nodes, because there is no kwok");
            }
            println!("export KUBECONFIG={}", kubeconfig.display());
        }
        _ => println!("# it is starting"),
    }
    Ok(())
}

fn protofields(minor: &Minor, output: Option<std::path::PathBuf>) -> Outcome {
    let mut spinner = Spinner::default();
    let mut command = Command::new(build_protofields(minor, &mut |step| spinner.show(step))?);
    drop(spinner);
    if let Some(output) = output {
        command.arg("-o").arg(output);
    }
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(format!("protofields failed ({status})").into()) }
}
