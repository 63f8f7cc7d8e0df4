//! What generated handles stand on for subresources that one connects to.

use http::Method;

use super::{AttachRequest, ConnectRequest, ExecRequest, PortForwardRequest, Proxy};
use crate::api::Handle;
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
