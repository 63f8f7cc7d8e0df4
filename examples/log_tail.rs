//! The logs of all pods of a selector as one, each pod in a colour of its own; with `--follow` until Ctrl-C.
//!
//! ```sh
//! cargo run -p kubewright-examples --example log_tail -- app=web --follow --tail 20
//! cargo run -p kubewright-examples --example log_tail -- app=web -n shop --container main --since 300 --timestamps
//! ```

use std::error::Error;
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
use std::io::{BufWriter, IsTerminal as _, Write as _};

use clap::Parser;
use crossterm::style::{Color, Stylize as _};
use futures_util::TryStreamExt as _;
use kubewright::prelude::*;
use kubewright_ops::logs::{LogEvent, LogLine, LogStream, LogsRequest};
use kubewright_ops::prelude::*;

/// The logs of all pods of a selector as one.
#[derive(Parser)]
struct Arguments {
    /// Which pods, such as `app=web,tier!=cache`. All, if it is left out.
    #[arg(default_value = "")]
    selector: String,
    /// Of this namespace, instead of the kubeconfig's.
    #[arg(long, short, conflicts_with = "all_namespaces")]
    namespace: Option<String>,
    /// Of all namespaces.
    #[arg(long, short = 'A')]
    all_namespaces: bool,
    /// These containers alone.
    #[arg(long, short)]
    container: Vec<String>,
    /// Follows what is written from now on, and new pods.
    #[arg(long, short)]
    follow: bool,
    /// Nothing older than this many seconds.
    #[arg(long)]
    since: Option<i64>,
    /// At most this many lines of each container to begin with.
    #[arg(long)]
    tail: Option<i64>,
    /// With the time of each line.
    #[arg(long)]
    timestamps: bool,
}

const COLOURS: [Color; 6] = [Color::Cyan, Color::Green, Color::Magenta, Color::Yellow, Color::Blue, Color::Red];

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let client = Client::try_default().await?;
    let mut logs = if arguments.all_namespaces {
        LogsRequest::in_all_namespaces(&client)
    } else {
        client.core_v1().pods(arguments.namespace.as_deref().unwrap_or(client.default_namespace())).logs()
    };
    if !arguments.selector.is_empty() {
        logs = logs.labels(&arguments.selector);
    }
    for container in &arguments.container {
        logs = logs.container(container);
    }
    if arguments.follow {
        logs = logs.follow();
    }
    if let Some(seconds) = arguments.since {
        logs = logs.since_seconds(seconds);
    }
    if let Some(lines) = arguments.tail {
        logs = logs.tail_lines(lines);
    }
    tokio::select! {
        outcome = print(logs.stream(), arguments.timestamps) => outcome,
        signal = tokio::signal::ctrl_c() => Ok(signal?),
    }
}

async fn print(mut events: LogStream, timestamps: bool) -> Result<(), Box<dyn Error>> {
    let in_colour = std::io::stdout().is_terminal();
    let mut out = BufWriter::new(std::io::stdout());
    while let Some(event) = events.try_next().await? {
        let LogEvent::Line(line) = event else {
            // What is not a line goes where it is in nobody's way.
            eprintln!("{event}");
            continue;
        };
        if in_colour {
            write!(out, "{} ", prefix(&line).with(colour(&line.source.pod)))?;
        } else {
            write!(out, "{} ", prefix(&line))?;
        }
        if let Some(time) = line.line.time.filter(|_| timestamps) {
            write!(out, "{time} ")?;
        }
        // As it came: it need not be UTF-8.
        out.write_all(&line.line.bytes)?;
        out.write_all(b"\n")?;
        out.flush()?;
    }
    Ok(())
}

fn prefix(line: &LogLine) -> String {
    format!("{}/{}", line.source.pod, line.source.container)
}

/// The same for the same pod, in every run of the program.
fn colour(pod: &str) -> Color {
    let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(pod);
    COLOURS[hash as usize % COLOURS.len()]
}
