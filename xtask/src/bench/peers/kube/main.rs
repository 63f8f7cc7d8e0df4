//! Measures kube: `bench-kube COMMAND NAMESPACE COUNT`.

mod report;

use std::time::Instant;

use futures_util::TryStreamExt as _;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{AttachParams, ListParams, WatchParams};
use kube::{Api, Client};
use report::Measure;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [command, namespace, count] = &arguments[..] else { return Err("COMMAND NAMESPACE COUNT".into()) };
    let count: usize = count.parse()?;
    let pods: Api<Pod> = Api::namespaced(Client::try_default().await?, namespace);
    let mut measure = Measure::start();
    match &**command {
        "list" | "list-by-default" => {
            let list = pods.list(&ListParams::default()).await?;
            measure.print(list.items.len(), Vec::new());
        }
        "list-without-managed-fields" => {
            let mut all = Vec::new();
            let mut params = ListParams::default().limit(500);
            loop {
                let mut page = pods.list(&params).await?;
                page.items.iter_mut().for_each(|pod| pod.metadata.managed_fields = None);
                all.append(&mut page.items);
                match page.metadata.continue_ {
                    Some(token) if !token.is_empty() => params = params.continue_token(&token),
                    _ => break,
                }
            }
            measure.print(all.len(), Vec::new());
        }
        "watch" => {
            let mut events = Box::pin(pods.watch(&WatchParams::default(), "0").await?);
            let mut seen = 0;
            while seen < count && events.try_next().await?.is_some() {
                seen += 1;
            }
            measure.print(seen, Vec::new());
        }
        "get" => {
            let mut requests = Vec::with_capacity(count);
            for _ in 0..count {
                let start = Instant::now();
                pods.get("web-0").await?;
                requests.push(start.elapsed());
            }
            measure.print(count, requests);
        }
        "get-64" => {
            measure.held = true;
            let tasks = (0..64).map(|task| {
                let pods = pods.clone();
                tokio::spawn(async move {
                    for _ in (task..count).step_by(64) {
                        pods.get("web-0").await?;
                    }
                    Ok::<_, kube::Error>(())
                })
            });
            for task in tasks.collect::<Vec<_>>() {
                task.await??;
            }
            measure.print(count, Vec::new());
        }
        "watch-idle" => {
            measure.held = true;
            let mut watches = Vec::with_capacity(count);
            for _ in 0..count {
                watches.push(Box::pin(pods.watch(&WatchParams::default().labels("bench=none"), "0").await?));
            }
            tokio::time::sleep(std::time::Duration::from_secs(5)).await;
            measure.print(watches.len(), Vec::new());
        }
        // COUNT is in bytes from here on.
        "exec-out" => {
            let bytes = count.to_string();
            let params = AttachParams::default().container("web").stdout(true).stderr(false);
            let mut session = pods.exec("web-0", ["head", "-c", &bytes, "/dev/zero"], &params).await?;
            let mut stdout = session.stdout().ok_or("no stdout")?;
            let (mut buffer, mut seen) = (vec![0; 64 * 1024], 0);
            loop {
                match stdout.read(&mut buffer).await? {
                    0 => break,
                    read => seen += read,
                }
            }
            session.join().await?;
            measure.print(seen, Vec::new());
        }
        "exec-in" => {
            // The number comes back only when all of it has gone through.
            let script = format!("head -c {count} | wc -c");
            let params = AttachParams::default().container("web").stdin(true).stdout(true).stderr(false);
            let mut session = pods.exec("web-0", ["sh", "-c", &script], &params).await?;
            let mut stdin = session.stdin().ok_or("no stdin")?;
            let buffer = vec![0; 64 * 1024];
            let mut left = count;
            while left > 0 {
                let piece = left.min(buffer.len());
                stdin.write_all(&buffer[..piece]).await?;
                left -= piece;
            }
            let mut text = String::new();
            session.stdout().ok_or("no stdout")?.read_to_string(&mut text).await?;
            measure.print(text.trim().parse()?, Vec::new());
        }
        other => return Err(format!("no such command: {other}").into()),
    }
    Ok(())
}
