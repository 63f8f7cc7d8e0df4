//! Subresources that one connects to: what they do, by the parameters that the documents give them.

use crate::model::Operation;

/// What a connection does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// Runs a command.
    Exec,
    /// Attaches to a process.
    Attach,
    /// Forwards a port.
    PortForward,
    /// Passes HTTP on.
    Proxy,
    /// Something that the runtime knows nothing about.
    Other,
}

impl Connection {
    /// By its parameters, so that another resource's `exec` is one as well, whatever it is called.
    pub fn of(operation: &Operation) -> Self {
        let has = |names: &[&str]| {
            names.iter().all(|name| operation.parameters.iter().any(|parameter| parameter.name == *name))
        };
        if has(&["command", "stdin", "stdout", "stderr", "tty"]) {
            Self::Exec
        } else if has(&["stdin", "stdout", "stderr", "tty"]) {
            Self::Attach
        } else if has(&["ports"]) {
            Self::PortForward
        } else if has(&["path"]) && operation.parameters.len() == 1 {
            Self::Proxy
        } else {
            Self::Other
        }
    }

    /// The runtime's builder.
    pub fn builder(self) -> &'static str {
        match self {
            Self::Exec => "ExecRequest",
            Self::Attach => "AttachRequest",
            Self::PortForward => "PortForwardRequest",
            Self::Proxy => "Proxy",
            Self::Other => "ConnectRequest",
        }
    }

    /// What that builder has methods for.
    pub fn known_parameters(self) -> &'static [&'static str] {
        match self {
            Self::Exec => &["command", "container", "stderr", "stdin", "stdout", "tty"],
            Self::Attach => &["container", "stderr", "stdin", "stdout", "tty"],
            Self::PortForward => &["ports"],
            // The path of each request.
            Self::Proxy => &["path"],
            Self::Other => &[],
        }
    }
}

/// The name of the method: that of the kind of its options, where it is that of the subresource with its words apart:
/// `port_forward` for `portforward`, by `PodPortForwardOptions`.
pub fn method_name(subresource: &str, operation: &Operation) -> String {
    let plain = super::names::snake(subresource);
    let options = operation.kind.as_ref().and_then(|kind| kind.kind.strip_suffix("Options")).unwrap_or_default();
    let words = super::names::snake(options);
    // The kind that the subresource belongs to is in front.
    let starts = words.match_indices('_').map(|(at, _)| &words[at + 1..]);
    starts.filter(|rest| rest.replace('_', "") == plain.replace('_', "")).map(str::to_owned).next().unwrap_or(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Availability, Gvk, Parameter, ParameterType};

    fn operation(options: &str, parameters: &[&str]) -> Operation {
        let parameter = |name: &&str| Parameter {
            name: (*name).to_owned(),
            ty: ParameterType::Text,
            description: None,
            availability: Availability::default(),
        };
        Operation {
            method: "GET",
            path: String::new(),
            parameters: parameters.iter().map(parameter).collect(),
            kind: Some(Gvk { group: String::new(), version: "v1".to_owned(), kind: options.to_owned() }),
            request: None,
            response: None,
            availability: Availability::default(),
        }
    }

    #[test]
    fn a_connection_is_known_by_its_parameters() {
        let of = |parameters: &[&str]| Connection::of(&operation("", parameters));
        assert_eq!(of(&["command", "container", "stderr", "stdin", "stdout", "tty"]), Connection::Exec);
        assert_eq!(of(&["stderr", "stdin", "stdout", "tty"]), Connection::Attach);
        assert_eq!(of(&["ports"]), Connection::PortForward);
        assert_eq!(of(&["path"]), Connection::Proxy);
        assert_eq!(of(&["preserveSession"]), Connection::Other);
        assert_eq!(of(&["path", "user"]), Connection::Other, "a client of HTTP has no further options");
    }

    #[test]
    fn words_are_told_apart_by_the_name_of_the_options() {
        let name = |subresource, options| method_name(subresource, &operation(options, &[]));
        assert_eq!(name("portforward", "PodPortForwardOptions"), "port_forward");
        assert_eq!(name("exec", "PodExecOptions"), "exec");
        assert_eq!(name("console", "VirtualMachineInstance"), "console");
        assert_eq!(name("proxy", "ServiceProxyOptions"), "proxy");
    }
}
