//! A first controller: of each website it makes a config map with the page. And a person who uses it.

use std::error::Error;
use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::Duration;

use kubewright_controller::finalizer::{Event, finalizer};
use kubewright_controller::owner::Owner;
use kubewright_controller::status::StatusUpdate;
use kubewright_controller::{Action, Controller, Predicate};
use quickstart::kube::core::v1::ConfigMap;
use quickstart::kube::example_com::v1::{Website, WebsiteSpec};
use quickstart::kube::prelude::*;
use serde_json::json;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// How long the person waits for the controller.
const PATIENCE: Duration = Duration::from_secs(20);

/// The field manager of what the controller writes.
const MANAGER: &str = "website-controller";

/// Makes the cluster match a website.
async fn reconcile(client: Client, website: Arc<Website>) -> Result<Action> {
    let websites: Api<Website> = Api::namespaced(&client, website.metadata.namespace.as_deref().unwrap_or_default());
    let action = finalizer(&websites, "example.com/page", website, |event| async {
        match event {
            Event::Apply(website) => publish(&client, &websites, &website).await,
            Event::Cleanup(website) => remove(&client, &website).await,
        }
    });
    let done = action.await;
    // The controller tries again, after a while: it says why by `tracing`, which nobody listens to here.
    if let Err(error) = &done {
        say("controller", 31, &format!("failed: {error}"));
    }
    Ok(done?)
}

async fn publish(client: &Client, websites: &Api<Website>, website: &Website) -> Result<Action> {
    let page = page_of(website);
    let color = website.spec.color.as_deref().unwrap_or("black");
    let html = format!("<h1 style=\"color: {color}\">{}</h1>", website.spec.title);
    let mut map = ConfigMap { metadata: ObjectMeta::named(&page), ..Default::default() };
    map.data.insert("index.html", html.as_str());
    Owner::of(website)?.controller().adopt(&mut map)?;
    client.core_v1().config_maps(namespace_of(website)).apply(&map, MANAGER).force().await?;
    say("controller", 36, &format!("wrote the config map {page}: {html}"));
    StatusUpdate::of(website, MANAGER).observed_generation().fields(json!({ "page": page })).apply(websites).await?;
    Ok(Action::done())
}

async fn remove(client: &Client, website: &Website) -> Result<Action> {
    let page = page_of(website);
    match client.core_v1().config_maps(namespace_of(website)).delete(&page).await {
        Err(error) if !error.is_not_found() => return Err(error.into()),
        _ => say("controller", 36, &format!("deleted the config map {page}")),
    }
    Ok(Action::done())
}

fn page_of(website: &Website) -> String {
    format!("{}-page", website.metadata.name.as_deref().unwrap_or_default())
}

fn namespace_of(website: &Website) -> &str {
    website.metadata.namespace.as_deref().unwrap_or_default()
}

/// A website as a person writes it.
fn website(title: &str) -> Website {
    Website {
        metadata: ObjectMeta::named("tea"),
        spec: WebsiteSpec { title: title.into(), ..Default::default() },
        ..Default::default()
    }
}

/// Whether the controller has done all that a website asks for.
fn is_published(website: &Website) -> bool {
    let status = website.status.as_deref();
    status.is_some_and(|status| status.page.is_some() && status.observed_generation == website.metadata.generation)
}

#[tokio::main]
async fn main() {
    if let Err(error) = run().await {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}

async fn run() -> Result<()> {
    let client = Client::try_default().await?;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let shared = client.clone();
    let controller = tokio::spawn(
        Controller::new(Api::<Website>::all(&client))
            // What the controller itself writes to the status is no reason to do anything.
            .predicate(Predicate::generation())
            .shutdown_on(async { drop(stopped.await) })
            .run(move |website, _| reconcile(shared.clone(), website)),
    );

    let websites = client.example_com_v1().websites("default");
    let pages = client.core_v1().config_maps("default");
    say("you", 33, "apply the website tea, with the title \"Green tea\"");
    let applied = websites.apply(&website("Green tea"), "you").await?;
    say("server", 35, &format!("its colour is {} by default", applied.spec.color.as_deref().unwrap_or("-")));
    websites.wait("tea").timeout(PATIENCE).until(is_published).await?;
    say("you", 33, &format!("read {}", pages.get("tea-page").await?.data.get("index.html").map_or("", |html| html)));

    say("you", 33, "apply it again, with the title \"Black tea\"");
    websites.apply(&website("Black tea"), "you").await?;
    websites.wait("tea").timeout(PATIENCE).until(is_published).await?;
    say("you", 33, &format!("read {}", pages.get("tea-page").await?.data.get("index.html").map_or("", |html| html)));

    say("you", 33, "apply it with an empty title");
    match websites.apply(&website(""), "you").await {
        Ok(_) => say("server", 35, "accepted it"),
        Err(error) => say("server", 35, &format!("{error}")),
    }

    say("you", 33, "delete it");
    websites.delete("tea").await?;
    websites.wait("tea").timeout(PATIENCE).deleted().await?;
    say("server", 35, "it is gone, and so is its page");

    drop(stop);
    controller.await??;
    Ok(())
}

/// Prints who does what, in a colour on a terminal.
fn say(who: &str, color: u8, what: &str) {
    if std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        println!("  \u{1b}[{color}m{who:>10}\u{1b}[0m  {what}");
    } else {
        println!("  {who:>10}  {what}");
    }
}
