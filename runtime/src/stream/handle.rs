//! What generated handles stand on for subresources that one connects to.

use http::Method;

use super::{AttachRequest, ConnectRequest, ExecRequest, PortForwardRequest, Proxy};
use crate::api::{Api, Handle};
use crate::wire::Call;

impl<K> Handle<K> {
    /// Runs a command by a subresource that does so.
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
            call.fault("the command is empty: name the program to run, and its arguments");
        }
        ExecRequest::new(self.client(), call)
    }

    /// Copies a file or folder from a container, by a subresource that runs commands.
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

    /// Copies a local file or folder to a container, by a subresource that runs commands.
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

    /// Attaches to a process by a subresource that does so.
    pub fn attach(&self, name: &str, subresource: &str) -> AttachRequest<K> {
        AttachRequest::new(self.client(), self.connection(name, subresource))
    }

    /// Forwards a port by a subresource that does so.
    pub fn port_forward(&self, name: &str, subresource: &str, port: u16) -> PortForwardRequest<K> {
        PortForwardRequest::new(self.client(), self.connection(name, subresource), port)
    }

    /// Passes HTTP requests on by a subresource that does so.
    pub fn proxy(&self, name: &str, subresource: &str) -> Proxy {
        Proxy::new(self.client(), self.connection(name, subresource))
    }

    /// Connects to a subresource, whatever it does.
    pub fn connect(&self, name: &str, subresource: &str) -> ConnectRequest<K> {
        ConnectRequest::new(self.client(), self.connection(name, subresource))
    }

    /// WebSockets are asked for by `GET`. A kubelet that is to give JSON and nothing else refuses to forward ports.
    fn connection(&self, name: &str, subresource: &str) -> Call {
        let mut call = self.call(Method::GET, Some(name), Some(subresource));
        call.accept("*/*");
        call
    }
}

/// By the name of the subresource: `exec`, `attach`, `portforward` and `proxy` of pods, `proxy` of services and nodes.
impl<K> Api<K> {
    /// Runs a command in an object, by the subresource `exec` or another that does so.
    pub fn exec<S: Into<String>>(
        &self,
        name: &str,
        subresource: &str,
        command: impl IntoIterator<Item = S>,
    ) -> ExecRequest<K> {
        self.0.exec(name, subresource, command)
    }

    /// Copies a file or folder from an object, with its `tar`, by a subresource that runs commands.
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

    /// Copies a local file or folder to an object, with its `tar`, by a subresource that runs commands.
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

    /// Attaches to the process of an object that runs, by the subresource `attach` or another that does so.
    pub fn attach(&self, name: &str, subresource: &str) -> AttachRequest<K> {
        self.0.attach(name, subresource)
    }

    /// Forwards a port, by the subresource `portforward` or another that does so.
    pub fn port_forward(&self, name: &str, subresource: &str, port: u16) -> PortForwardRequest<K> {
        self.0.port_forward(name, subresource, port)
    }

    /// An HTTP client of what is behind an object, by the subresource `proxy` or another that passes requests on.
    pub fn proxy(&self, name: &str, subresource: &str) -> Proxy {
        self.0.proxy(name, subresource)
    }

    /// Bytes in both directions, by whatever subresource gives a connection.
    pub fn connect(&self, name: &str, subresource: &str) -> ConnectRequest<K> {
        self.0.connect(name, subresource)
    }
}
