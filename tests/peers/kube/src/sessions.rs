//! Logs, commands and ports of a container, by kube's WebSockets.

use futures_util::AsyncReadExt as _;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{AttachParams, LogParams};
use kube::{Api, Client};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::{Result, ensure};

/// Uses the pod `web`, whose log and commands the test has written: `upper` answers in capital letters.
pub async fn run(client: &Client) -> Result {
    let pods: Api<Pod> = Api::default_namespaced(client.clone());
    let params = LogParams { tail_lines: Some(1), ..LogParams::default() };
    ensure(pods.logs("web", &params).await? == "second\n", "the last line of the log")?;
    let mut text = String::new();
    pods.log_stream("web", &LogParams::default()).await?.read_to_string(&mut text).await?;
    ensure(text == "first\nsecond\n", format_args!("the log is {text:?}"))?;

    let params = AttachParams::default().stdin(true).stdout(true).stderr(true);
    let mut session = pods.exec("web", ["upper"], &params).await?;
    let mut stdin = session.stdin().ok_or("no stdin")?;
    let mut stdout = session.stdout().ok_or("no stdout")?;
    let status = session.take_status().ok_or("no status")?;
    stdin.write_all(b"hello").await?;
    stdin.shutdown().await?;
    drop(stdin);
    let mut text = String::new();
    stdout.read_to_string(&mut text).await?;
    ensure(text == "HELLO", format_args!("the command has written {text:?}"))?;
    let status = status.await.ok_or("no status came")?;
    ensure(status.status.as_deref() == Some("Success"), format_args!("{status:?}"))?;
    session.join().await?;

    let params = AttachParams::default().stdout(true).stderr(true);
    let mut session = pods.exec("web", ["bogus"], &params).await?;
    let status = session.take_status().ok_or("no status")?.await.ok_or("no status came")?;
    ensure(status.reason.as_deref() == Some("NonZeroExitCode"), format_args!("{status:?}"))
}
