//! Puts what was fetched together.

use std::fmt;

use super::{Discovery, Document, Documents, Fetch, GroupVersion, ServerVersion, VERSION_PATH, openapi::parse_json};
use crate::error::DocumentError;

/// Takes the answers of a live server, one at a time, in any order.
///
/// A group-version whose document could not be fetched or understood is left out and told of in
/// [`Documents::problems`]: one broken aggregated API server does not spoil the rest.
#[derive(Debug, Default)]
pub struct Assembly {
    documents: Documents,
}

impl Assembly {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the answer of [`VERSION_PATH`].
    ///
    /// # Errors
    ///
    /// If it is not what a Kubernetes server answers.
    pub fn version(&mut self, answer: &[u8]) -> Result<(), DocumentError> {
        let version: ServerVersion = parse_json(VERSION_PATH, answer)?;
        if version.git_version.is_empty() {
            return Err(DocumentError::new(
                VERSION_PATH,
                "no `gitVersion`: this is not the response of a Kubernetes API server",
            ));
        }
        self.documents.server = version;
        Ok(())
    }

    /// Takes the answer of one of [`DISCOVERY_PATHS`](super::DISCOVERY_PATHS).
    ///
    /// # Errors
    ///
    /// If it is not aggregated discovery.
    pub fn discovery(&mut self, path: &str, answer: &[u8]) -> Result<(), DocumentError> {
        self.documents.discovery.add(path, answer)
    }

    /// Takes a document, or why it could not be fetched.
    pub fn document<E: fmt::Display>(&mut self, fetch: &Fetch, answer: Result<&[u8], E>) {
        let document = match answer {
            Ok(text) => Document::parse(&fetch.document, text),
            Err(error) => Err(DocumentError::new(&fetch.document, format!("could not be fetched: {error}"))),
        };
        match document {
            Ok(mut document) => {
                self.documents.problems.append(&mut document.problems);
                self.documents.openapi.insert(fetch.document.clone(), document);
            }
            Err(problem) => self.documents.problems.push(problem),
        }
    }

    /// Everything that came of the groups that are wanted, by name.
    pub fn finish_only(mut self, wanted: impl Fn(&str) -> bool) -> Documents {
        self.documents.discovery.groups.retain(|group| wanted(&group.name));
        self.finish()
    }

    /// Everything that came.
    pub fn finish(mut self) -> Documents {
        let Discovery { groups } = &self.documents.discovery;
        for (group, version) in
            groups.iter().flat_map(|group| group.versions.iter().map(move |version| (group, version)))
        {
            let path = GroupVersion::new(&group.name, &version.version).document();
            let known = self.documents.problems.iter().any(|problem| problem.document == path);
            if !known && !self.documents.openapi.contains_key(&path) {
                let problem = "discovery lists this group-version, but it has no OpenAPI document";
                self.documents.problems.push(DocumentError::new(&path, problem));
            }
            if version.freshness == "Stale" {
                let problem = "its server has not answered discovery recently: resources may be missing";
                self.documents.problems.push(DocumentError::new(&path, problem));
            }
        }
        self.documents.problems.sort_by(|a, b| a.document.cmp(&b.document));
        self.documents
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetch(document: &str) -> Fetch {
        Fetch { document: document.into(), path: String::new(), hash: None }
    }

    #[test]
    fn a_broken_group_version_does_not_spoil_the_rest() {
        let mut assembly = Assembly::new();
        let discovery = br#"{"kind": "APIGroupDiscoveryList", "items": [
            {"metadata": {"name": "c"}, "versions": [{"version": "v1", "freshness": "Stale"}]}]}"#;
        assembly.discovery("/apis", discovery).expect("discovery");
        assembly.document::<String>(&fetch("apis/a/v1"), Ok(br#"{"openapi": "3.0.0"}"#));
        assembly.document::<String>(&fetch("apis/b/v1"), Ok(b"<html>"));
        assembly.document(&fetch("apis/d/v1"), Err("503"));
        let documents = assembly.finish();
        assert_eq!(documents.openapi.keys().collect::<Vec<_>>(), ["apis/a/v1"]);
        let told: Vec<_> = documents.problems.iter().map(|problem| problem.document.as_str()).collect();
        assert_eq!(told, ["apis/b/v1", "apis/c/v1", "apis/c/v1", "apis/d/v1"]);
    }

    #[test]
    fn a_version_that_is_not_kubernetes_is_an_error() {
        assert!(Assembly::new().version(b"{}").is_err());
        assert!(Assembly::new().version(br#"{"gitVersion": "v1.37.1", "goVersion": "go1"}"#).is_ok());
    }
}
