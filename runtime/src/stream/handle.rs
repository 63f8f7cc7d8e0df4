//! Support for generated handles: subresources to connect to.

use http::Method;

use super::{AttachRequest, ConnectRequest, ExecRequest, PortForwardRequest, Proxy};
use crate::api::{Api, Handle};
use crate::wire::Call;

impl<K> Handle<K> {
    /// Runs a command through a subresource.
    pub fn exec<S: Into<String>>(
        &self,
        name: &str,
        subresource: &str,
        command: impl IntoIterator<Item = S>,
    ) -> ExecRequest<K> {
        let mut call = self.connection(name, subresource);
        let mut empty = true;
        for argument in command {
            call.query("command", &argument.into());
            empty = false;
        }
        if empty {
            call.fault("the command is empty: set the program to run, and its arguments");
        }
        ExecRequest::new(self.client(), call)
    }

    /// Copies a file or directory from a container, through a subresource that runs commands.
    #[cfg(feature = "copy")]
    pub fn copy_from(
        &self,
        name: &str,
        subresource: &str,
        from: &str,
        to: impl AsRef<std::path::Path>,
    ) -> super::CopyFrom<K> {
        super::CopyFrom::new(self.client(), self.connection(name, subresource), from, to.as_ref())
    }

    /// Copies a local file or directory to a container, through a subresource that runs commands.
    #[cfg(feature = "copy")]
    pub fn copy_to(
        &self,
        name: &str,
        subresource: &str,
        from: impl AsRef<std::path::Path>,
        to: &str,
    ) -> super::CopyTo<K> {
        super::CopyTo::new(self.client(), self.connection(name, subresource), from.as_ref(), to)
    }

    /// Attaches to a process through a subresource.
    pub fn attach(&self, name: &str, subresource: &str) -> AttachRequest<K> {
        AttachRequest::new(self.client(), self.connection(name, subresource))
    }

    /// Forwards a port through a subresource.
    pub fn port_forward(&self, name: &str, subresource: &str, port: u16) -> PortForwardRequest<K> {
        PortForwardRequest::new(self.client(), self.connection(name, subresource), port)
    }

    /// Proxies HTTP requests through a subresource.
    pub fn proxy(&self, name: &str, subresource: &str) -> Proxy {
        Proxy::new(self.client(), self.connection(name, subresource))
    }

    /// Connects to a subresource of any protocol.
    pub fn connect(&self, name: &str, subresource: &str) -> ConnectRequest<K> {
        ConnectRequest::new(self.client(), self.connection(name, subresource))
    }

    /// WebSocket requests use `GET`. A kubelet rejects port-forwards that accept only JSON.
    fn connection(&self, name: &str, subresource: &str) -> Call {
        let mut call = self.call(Method::GET, Some(name), Some(subresource));
        call.accept("*/*");
        call
    }
}

/// Methods by name of the subresource: `exec`, `attach`, `portforward` and `proxy` of pods, `proxy` of services and
/// nodes.
impl<K> Api<K> {
    /// Runs a command in an object, through the subresource `exec` or a similar one.
    pub fn exec<S: Into<String>>(
        &self,
        name: &str,
        subresource: &str,
        command: impl IntoIterator<Item = S>,
    ) -> ExecRequest<K> {
        self.0.exec(name, subresource, command)
    }

    /// Copies a file or directory from an object, with its `tar`, through a subresource that runs commands.
    ///
    /// With the feature `copy`.
    #[cfg(feature = "copy")]
    pub fn copy_from(
        &self,
        name: &str,
        subresource: &str,
        from: &str,
        to: impl AsRef<std::path::Path>,
    ) -> super::CopyFrom<K> {
        self.0.copy_from(name, subresource, from, to)
    }

    /// Copies a local file or directory to an object, with its `tar`, through a subresource that runs commands.
    ///
    /// With the feature `copy`.
    #[cfg(feature = "copy")]
    pub fn copy_to(
        &self,
        name: &str,
        subresource: &str,
        from: impl AsRef<std::path::Path>,
        to: &str,
    ) -> super::CopyTo<K> {
        self.0.copy_to(name, subresource, from, to)
    }

    /// Attaches to the running process of an object, through the subresource `attach` or a similar one.
    pub fn attach(&self, name: &str, subresource: &str) -> AttachRequest<K> {
        self.0.attach(name, subresource)
    }

    /// Forwards a port, through the subresource `portforward` or a similar one.
    pub fn port_forward(&self, name: &str, subresource: &str, port: u16) -> PortForwardRequest<K> {
        self.0.port_forward(name, subresource, port)
    }

    /// Creates an HTTP client of an object's backend, through the subresource `proxy` or a similar one.
    pub fn proxy(&self, name: &str, subresource: &str) -> Proxy {
        self.0.proxy(name, subresource)
    }

    /// Opens a connection that carries bytes in both directions, through any subresource.
    pub fn connect(&self, name: &str, subresource: &str) -> ConnectRequest<K> {
        self.0.connect(name, subresource)
    }
}
