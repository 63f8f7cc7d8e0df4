//! The API server's Kubernetes version.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::Method;
use serde::Deserialize;

use super::Client;
use crate::Served;
use crate::error::{Error, Result};
use crate::version::ServerVersion;
use crate::wire::Call;

const PATH: &str = "/version";

impl ServerVersion {
    /// Parses a response of `/version`.
    fn read(answer: &Bytes) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Answer {
            major: String,
            minor: String,
            #[serde(default)]
            emulation_major: String,
            #[serde(default)]
            emulation_minor: String,
            git_version: String,
        }
        let not_understood = |what: String| Error::response(what, Some(answer.clone()));
        let read: Answer = serde_json::from_slice(answer)
            .map_err(|error| not_understood("not a version of Kubernetes".into()).with_source(error))?;
        // Distributions write "34+".
        let number = |text: &str| {
            let digits = text.find(|c: char| !c.is_ascii_digit()).map_or(text, |end| &text[..end]);
            digits.parse().map_err(|_| not_understood(format!("{text:?} is not a version number")))
        };
        let emulates = !read.emulation_major.is_empty() && !read.emulation_minor.is_empty();
        let (major, minor) =
            if emulates { (&read.emulation_major, &read.emulation_minor) } else { (&read.major, &read.minor) };
        Ok(Self { major: number(major)?, minor: number(minor)?, release: read.git_version })
    }
}

/// The server's version, once known.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<Option<ServerVersion>>);

impl Known {
    fn get(&self) -> Option<ServerVersion> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, version: &ServerVersion) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(version.clone());
    }
}

impl Client {
    /// Returns the server's Kubernetes version: requested once, then cached by the client and its clones.
    ///
    /// A server may be upgraded during the life of a client, so the cached version may be outdated; the client
    /// refreshes it before it attributes an error to the version.
    ///
    /// # Errors
    /// As any call, and if the response is not that of a Kubernetes API server.
    pub async fn server_version(&self) -> Result<ServerVersion> {
        match self.inner.version.get() {
            Some(version) => Ok(version),
            None => self.ask_for_version().await,
        }
    }

    async fn ask_for_version(&self) -> Result<ServerVersion> {
        let mut call = Call::new(Method::GET, Ok(PATH.to_owned()));
        // Not through `exchange`, which explains errors by the version.
        let version = match self.attempt(&mut call).await {
            Ok(exchange) => exchange.collect().await.and_then(|answer| ServerVersion::read(&answer.bytes)),
            Err(error) => Err(error),
        };
        let version = version.map_err(|error| error.with_operation(&call.operation()))?;
        self.inner.version.set(&version);
        Ok(version)
    }

    /// Returns the server's version if it does not serve this.
    async fn lacks(&self, served: Served) -> Result<Option<ServerVersion>> {
        let lacks = |server: &ServerVersion| server.major == 1 && !served.by(server.minor);
        if served == Served::ALWAYS || self.inner.version.get().is_some_and(|server| !lacks(&server)) {
            return Ok(None);
        }
        // The cached version is not sufficient evidence: the server may have been upgraded.
        Ok(Some(self.ask_for_version().await?).filter(lacks))
    }

    /// Rejects a call that the server would not reject, but misunderstand.
    pub(super) async fn ensure(&self, needed: Served) -> Result<()> {
        match self.lacks(needed).await {
            Ok(None) => Ok(()),
            Ok(Some(server)) => Err(Error::not_served(needed, server)),
            Err(reason) => {
                tracing::warn!(%reason, "cannot determine whether the server supports every option of a call");
                Ok(())
            }
        }
    }

    /// Explains an error of a call that not every server serves, if the server's version is the cause.
    pub(super) async fn explain(&self, error: Error, call: &Call) -> Error {
        let served = call.served();
        let error = match unknown_group(&error, call.path()) {
            Some(group_version) => error.no_such_group(group_version),
            None => error,
        };
        let may_be_missing = error.is_not_found() || error.is_method_not_allowed();
        // An error that names an object or its kind comes from a server that has the resource.
        let details = error.status().and_then(|status| status.details.as_ref());
        let names = details.is_some_and(|details| details.name.is_some() || details.kind.is_some());
        if !may_be_missing || names {
            return error;
        }
        match self.lacks(served).await {
            Ok(None) => error,
            Ok(Some(server)) => Error::not_served(served, server).with_source(error),
            Err(reason) => {
                tracing::debug!(%reason, "cannot determine whether the server's version is the cause of a 404");
                error
            }
        }
    }
}

/// Returns the group and version of a path below `/apis` that the server does not serve: it has no handler for the
/// path.
fn unknown_group<'a>(error: &Error, path: &'a str) -> Option<&'a str> {
    let rest = path.strip_prefix("/apis/").filter(|_| error.is_unrouted())?;
    let end = rest.match_indices('/').nth(1).map_or(rest.len(), |(at, _)| at);
    rest.get(..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distribution_may_append_to_its_numbers() {
        let version =
            ServerVersion::read(&r#"{"major": "1", "minor": "34+", "gitVersion": "v1.34.4-eks-1a2b3c"}"#.into());
        assert_eq!(version.expect("a version").to_string(), "1.34 (v1.34.4-eks-1a2b3c)");
    }

    #[test]
    fn what_a_server_serves_is_what_it_emulates() {
        let text = r#"{"major": "1", "minor": "37", "emulationMajor": "1", "emulationMinor": "36",
            "minCompatibilityMajor": "1", "minCompatibilityMinor": "35", "gitVersion": "v1.37.1"}"#;
        let version = ServerVersion::read(&text.into()).expect("a version");
        assert_eq!((version.major, version.minor, &*version.release), (1, 36, "v1.37.1"));
    }

    #[test]
    fn what_is_no_version_is_an_error_that_keeps_what_came() {
        for text in ["<html>", "{}", r#"{"major": "one", "minor": "", "gitVersion": "v1"}"#] {
            let error = ServerVersion::read(&text.into()).expect_err(text);
            assert!(error.is_decode(), "{error:?}");
            assert_eq!(error.body().expect("a body"), text);
        }
    }
}
