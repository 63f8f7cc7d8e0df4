//! The target of a request.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::ResourceRef;

/// Characters to escape in a path segment.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'%')
    .add(b'/');

/// The target of a request: a resource, optionally with a namespace, an object and a subresource.
#[derive(Clone, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) resource: &'a ResourceRef,
    pub(crate) namespace: Option<&'a str>,
    pub(crate) name: Option<&'a str>,
    pub(crate) subresource: Option<&'a str>,
}

impl Target<'_> {
    /// Returns the path on the server, or an error message.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris>
    pub(crate) fn path(&self) -> Result<String, String> {
        let resource = self.resource;
        let mut path =
            if resource.group().is_empty() { String::from("/api") } else { format!("/apis/{}", resource.group()) };
        let _ = write!(path, "/{}", resource.version());
        match self.namespace {
            Some(_) if !resource.namespaced() => {
                return Err(format!("{} is not namespaced: remove the namespace", resource.kind()));
            }
            Some(namespace) => {
                path.push_str("/namespaces/");
                push_segment(&mut path, namespace, "the namespace", resource)?;
            }
            None if resource.namespaced() && self.name.is_some() => {
                return Err(format!(
                    "{} is namespaced, so an object's name alone is ambiguous: use a handle for its namespace",
                    resource.kind()
                ));
            }
            None => {}
        }
        let _ = write!(path, "/{}", resource.plural());
        if let Some(name) = self.name {
            path.push('/');
            push_segment(&mut path, name, "the name", resource)?;
        }
        if let Some(subresource) = self.subresource {
            let _ = write!(path, "/{subresource}");
        }
        Ok(path)
    }
}

/// Appends a path segment after validating it: an empty name would address the whole collection.
///
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#path-segment-names>
fn push_segment(path: &mut String, segment: &str, what: &str, resource: &ResourceRef) -> Result<(), String> {
    let kind = resource.kind();
    if segment.is_empty() {
        return Err(format!("{what} of the {kind} is empty"));
    }
    if segment == "." || segment == ".." || segment.contains(['/', '%']) {
        return Err(format!(
            "{what} of the {kind}, {segment:?}, is not a valid path segment: it must not be . or .., nor contain / or %"
        ));
    }
    path.extend(utf8_percent_encode(segment, SEGMENT));
    Ok(())
}
