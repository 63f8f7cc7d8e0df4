//! The handlers of a test, and where it sets them.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use super::{FakeLog, LogId, PortForwardCall, SessionCall};
use crate::cluster::FakeCluster;

/// What a handler returns.
type Outcome<T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send>>;

/// A handler of commands or attachments: it returns the exit code.
pub(crate) type SessionHandler = Arc<dyn Fn(SessionCall) -> Outcome<i32> + Send + Sync>;

/// A handler of connections to ports.
pub(crate) type PortHandler = Arc<dyn Fn(PortForwardCall) -> Outcome<()> + Send + Sync>;

/// The handlers of a cluster.
#[derive(Default)]
pub(crate) struct Handlers {
    exec: Mutex<Option<SessionHandler>>,
    attach: Mutex<Option<SessionHandler>>,
    ports: Mutex<Option<PortHandler>>,
}

impl Handlers {
    pub fn exec(&self) -> Option<SessionHandler> {
        get(&self.exec)
    }

    pub fn attach(&self) -> Option<SessionHandler> {
        get(&self.attach)
    }

    pub fn ports(&self) -> Option<PortHandler> {
        get(&self.ports)
    }
}

fn get<H: Clone>(handler: &Mutex<Option<H>>) -> Option<H> {
    handler.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn set<H>(handler: &Mutex<Option<H>>, new: H) {
    *handler.lock().unwrap_or_else(PoisonError::into_inner) = Some(new);
}

impl fmt::Debug for Handlers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handlers")
            .field("exec", &self.exec().is_some())
            .field("attach", &self.attach().is_some())
            .field("ports", &self.ports().is_some())
            .finish()
    }
}

impl FakeCluster {
    /// The log of a container, which the test writes. Without any text, requests for it are answered with 501.
    ///
    /// The pod has to be assigned to a node (`spec.nodeName`): the API server has nothing to read the logs of others from, and
    /// answers with 204.
    ///
    /// ```
    /// use kubewright::prelude::*;
    /// use kubewright_fake::FakeCluster;
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let pod = json!({
    ///     "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "web", "namespace": "default" },
    ///     "spec": { "nodeName": "node-1", "containers": [{ "name": "app", "image": "web:1" }] },
    /// });
    /// let cluster = FakeCluster::builder().with(pod).build()?;
    /// cluster.log("default", "web", "app").append("started\nlistening\n");
    /// let pods = cluster.client().core_v1().pods("default");
    /// assert_eq!(pods.log("web").tail_lines(1).await?, "listening\n");
    /// # Ok(())
    /// # }
    /// ```
    pub fn log(&self, namespace: &str, pod: &str, container: &str) -> FakeLog {
        let id = LogId { namespace: namespace.to_owned(), pod: pod.to_owned(), container: container.to_owned() };
        FakeLog::new(self.server().clone(), id)
    }

    /// Sets what runs the commands of all containers (`exec`), in place of an earlier handler. Without one, they are answered with 501.
    ///
    /// The handler returns the exit code. An error is that of a container runtime that can't run the command: the client gets a
    /// `Status` with the reason `InternalError`. It is dropped when the client disconnects. As on a real server, the pod has to be
    /// assigned to a node (`spec.nodeName`).
    ///
    /// ```
    /// use kubewright_fake::FakeCluster;
    /// use tokio::io::AsyncWriteExt as _;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let cluster = FakeCluster::builder().build()?;
    /// cluster.on_exec(|mut call| async move {
    ///     if call.command == ["date"] {
    ///         call.stdout.write_all(b"Tue Jan  1 00:00:00 UTC 2030\n").await?;
    ///         return Ok(0);
    ///     }
    ///     call.stderr.write_all(format!("sh: {}: not found\n", call.command.join(" ")).as_bytes()).await?;
    ///     Ok(127)
    /// });
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_exec<F, O>(&self, handler: F)
    where
        F: Fn(SessionCall) -> O + Send + Sync + 'static,
        O: Future<Output = io::Result<i32>> + Send + 'static,
    {
        set(&self.server().handlers.exec, Arc::new(move |call| Box::pin(handler(call))));
    }

    /// Sets what clients attach to in all containers, in place of an earlier handler. Without one, `attach` is answered with 501.
    ///
    /// It is as a handler of [`on_exec`](Self::on_exec), but for the command, which is empty.
    pub fn on_attach<F, O>(&self, handler: F)
    where
        F: Fn(SessionCall) -> O + Send + Sync + 'static,
        O: Future<Output = io::Result<i32>> + Send + 'static,
    {
        set(&self.server().handlers.attach, Arc::new(move |call| Box::pin(handler(call))));
    }

    /// Sets what listens on the ports of all pods, in place of an earlier handler. Without one, `portforward` is answered with 501.
    ///
    /// It is called for each connection. An error is reported to the client as the kubelet reports that nothing listens.
    /// It is dropped when the client disconnects. As on a real server, the pod has to be assigned to a node (`spec.nodeName`).
    ///
    /// ```
    /// use std::io;
    ///
    /// use kubewright_fake::FakeCluster;
    /// use tokio::io::AsyncWriteExt as _;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let cluster = FakeCluster::builder().build()?;
    /// cluster.on_port_forward(|mut call| async move {
    ///     match call.port {
    ///         6379 => call.stream.write_all(b"-LOADING\r\n").await,
    ///         _ => Err(io::Error::new(io::ErrorKind::ConnectionRefused, "connection refused")),
    ///     }
    /// });
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_port_forward<F, O>(&self, handler: F)
    where
        F: Fn(PortForwardCall) -> O + Send + Sync + 'static,
        O: Future<Output = io::Result<()>> + Send + 'static,
    {
        set(&self.server().handlers.ports, Arc::new(move |call| Box::pin(handler(call))));
    }
}
