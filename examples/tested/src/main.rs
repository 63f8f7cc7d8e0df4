//! Lists and writes pages, with the cluster of the kubeconfig: `pages list`, `pages publish home Welcome`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use kubewright::wait::condition;
use kubewright::{Api, Client};
use kubewright_example_tested::{BoxError, Page, PageSpec};

/// Lists and writes the pages of a website.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the pages, and whether they are published
    List,
    /// Write a page
    Publish { name: String, title: String },
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<(), BoxError> {
    let client = Client::try_default().await?;
    let pages = Api::<Page>::default_namespaced(&client);
    match command {
        Command::List => {
            for page in pages.list().await?.items {
                let state = if condition(&page, "Ready", "True").is_met() { "published" } else { "pending" };
                println!("{:<12} {state:<10} {}", page.metadata.name.as_deref().unwrap_or_default(), page.spec.title);
            }
        }
        Command::Publish { name, title } => {
            let page = Page::new(&name, PageSpec { title, ..PageSpec::default() });
            pages.apply(&page, "pages").await?;
            println!("{name} is written");
        }
    }
    Ok(())
}
