//! Measures kubewright: `bench-ours COMMAND NAMESPACE COUNT`.

#[cfg(feature = "count")]
mod heap;
mod receive;
mod report;

use std::time::Instant;

use futures_util::TryStreamExt as _;
use kubewright::core::v1::Pod;
use kubewright::prelude::*;
use kubewright::runtime::protobuf;
use kubewright::{Client, Config, List};
use report::Measure;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [command, namespace, count] = &arguments[..] else { return Err("COMMAND NAMESPACE COUNT".into()) };
    let count: usize = count.parse()?;
    let mut config = Config::infer()?;
    config.compression = command == "list-by-default";
    let client = Client::new(&config)?;
    let pods = client.core_v1().pods(namespace);
    let mut measure = Measure::start();
    match &**command {
        "list" | "list-by-default" => {
            let list = pods.list().await?;
            measure.print(list.items.len(), Vec::new());
        }
        "list-without-managed-fields" => {
            let mut all = Vec::new();
            let mut stream = pods.list().page_size(500).stream();
            while let Some(mut pod) = stream.try_next().await? {
                pod.metadata.managed_fields = Vec::new();
                all.push(pod);
            }
            measure.print(all.len(), Vec::new());
        }
        "watch" => {
            let mut events = pods.watch().resource_version("0").await?;
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
                    Ok::<_, kubewright::Error>(())
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
                watches.push(pods.watch().labels("bench=none").resource_version("0").await?);
            }
            tokio::time::sleep(std::time::Duration::from_secs(5)).await;
            measure.print(watches.len(), Vec::new());
        }
        // COUNT is in bytes from here on to the next comment.
        "exec-out" => {
            let bytes = count.to_string();
            let mut session = pods.exec("web-0", ["head", "-c", &bytes, "/dev/zero"]).container("web").start().await?;
            let mut stdout = session.stdout.take().ok_or("no stdout")?;
            let (mut buffer, mut seen) = (vec![0; 64 * 1024], 0);
            loop {
                match stdout.read(&mut buffer).await? {
                    0 => break,
                    read => seen += read,
                }
            }
            session.wait().await?;
            measure.print(seen, Vec::new());
        }
        "exec-in" => {
            // The number comes back only when all of it has gone through.
            let script = format!("head -c {count} | wc -c");
            let mut session = pods.exec("web-0", ["sh", "-c", &script]).container("web").stdin().start().await?;
            let mut stdin = session.stdin.take().ok_or("no stdin")?;
            let buffer = vec![0; 64 * 1024];
            let mut left = count;
            while left > 0 {
                let piece = left.min(buffer.len());
                stdin.write_all(&buffer[..piece]).await?;
                left -= piece;
            }
            let mut text = String::new();
            session.stdout.take().ok_or("no stdout")?.read_to_string(&mut text).await?;
            measure.print(text.trim().parse()?, Vec::new());
        }
        // From here on: where the time goes, and the least that there is to win.
        "receive-list" => {
            let mut body = receive::list(&client, namespace).await?;
            measure.first_byte();
            while body.next().await?.is_some() {}
            measure.received = Some(body.bytes);
            measure.print_uncounted();
        }
        "receive-watch" => {
            let mut body = receive::watch(&client, namespace).await?;
            let mut frames = receive::Frames::default();
            while frames.seen < count
                && let Some(chunk) = body.next().await?
            {
                frames.pass(&chunk);
            }
            measure.received = Some(body.bytes);
            measure.print(frames.seen, Vec::new());
        }
        "receive-get" => {
            let mut requests = Vec::with_capacity(count);
            for _ in 0..count {
                let start = Instant::now();
                let mut body = receive::get(&client, namespace, "web-0").await?;
                while body.next().await?.is_some() {}
                requests.push(start.elapsed());
            }
            measure.print(count, requests);
        }
        "list-and-drop" => {
            let mut seen = 0;
            let mut stream = pods.list().stream();
            while stream.try_next().await?.is_some() {
                seen += 1;
            }
            measure.print(seen, Vec::new());
        }
        "decode" => {
            let mut bytes = Vec::new();
            let mut body = receive::list(&client, namespace).await?;
            while let Some(chunk) = body.next().await? {
                bytes.extend_from_slice(&chunk);
            }
            measure = Measure::start();
            let list: List<Pod> = protobuf::from_slice(&bytes)?;
            measure.print(list.items.len(), Vec::new());
        }
        #[cfg(feature = "count")]
        "heap" => {
            let list = pods.list().await?;
            measure.parts = heap::parts(list.items);
            measure.print(count, Vec::new());
        }
        other => return Err(format!("no such command: {other}").into()),
    }
    Ok(())
}
