//! Copies files and folders to and from a container, as `kubectl cp` does, with a progress bar.
//!
//! ```sh
//! cargo run -p kubewright-examples --example copy -- shop web-0:/etc/nginx ./nginx
//! cargo run -p kubewright-examples --example copy -- shop ./site web-0:/usr/share/html app
//! ```

use std::error::Error;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use kubewright::prelude::*;
use kubewright::stream::Progress;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (namespace, from, to, container) = match arguments.as_slice() {
        [namespace, from, to] => (namespace, from, to, None),
        [namespace, from, to, container] => (namespace, from, to, Some(container)),
        _ => return Err("say what to copy: copy NAMESPACE POD:PATH PATH, or NAMESPACE PATH POD:PATH".into()),
    };

    let pods = Client::try_default().await?.core_v1().pods(namespace);
    let bar = bar();
    let on_progress = {
        let bar = bar.clone();
        move |progress: &Progress| show(&bar, progress)
    };
    // The two directions are requests of their own; the options that both have look the same.
    let copied = match (in_a_pod(from), in_a_pod(to)) {
        (Some((pod, path)), None) => {
            let mut copy = pods.copy_from(pod, path, to).on_progress(on_progress);
            if let Some(container) = container {
                copy = copy.container(container);
            }
            copy.await
        }
        (None, Some((pod, path))) => {
            let mut copy = pods.copy_to(pod, from, path).on_progress(on_progress);
            if let Some(container) = container {
                copy = copy.container(container);
            }
            copy.await
        }
        _ => return Err("one of the two has to be in a pod, as POD:PATH, and the other here".into()),
    };
    bar.finish_and_clear();
    let copied = copied?;
    println!("{} files, {} bytes: {}", copied.files, copied.bytes, copied.destination.display());
    for skipped in &copied.skipped {
        eprintln!("left out: {}: {}", skipped.path.display(), skipped.why);
    }
    eprint!("{}", copied.warnings);
    Ok(())
}

/// `web-0:/etc/nginx` is a path in a pod; `./a:b` and `/a:b` are paths here.
fn in_a_pod(path: &str) -> Option<(&str, &str)> {
    path.split_once(':').filter(|(pod, _)| !pod.is_empty() && !pod.contains(['/', '\\']))
}

/// A bar on the terminal; none in a pipe.
fn bar() -> ProgressBar {
    let bar = ProgressBar::no_length();
    bar.set_style(
        ProgressStyle::with_template("{spinner} {bytes} at {bytes_per_sec}  {wide_msg}").expect("a template"),
    );
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

fn show(bar: &ProgressBar, progress: &Progress) {
    if let Some(total) = progress.total_bytes.filter(|total| bar.length() != Some(*total)) {
        let template = "{bytes} of {total_bytes} {bar:30} {eta}  {wide_msg}";
        bar.set_style(ProgressStyle::with_template(template).expect("a template"));
        bar.set_length(total);
    }
    bar.set_position(progress.bytes);
    bar.set_message(progress.path.display().to_string());
}
