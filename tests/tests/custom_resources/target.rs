//! A kind of custom resource as a server serves it, and as the program knows it.

use super::json::Json;

/// A version of a kind.
#[derive(Clone, Debug)]
pub struct Target {
    pub group: String,
    pub version: String,
    pub kind: String,
    pub plural: String,
    pub namespaced: bool,
    /// Whether the status is a subresource.
    pub status: bool,
    /// The beginning of its objects' names, which those of no other kind have.
    pub prefix: String,
}

impl Target {
    /// What an action calls it: kinds of several groups may have the same name.
    pub fn id(&self) -> String {
        format!("{}/{}/{}", self.group, self.version, self.plural)
    }

    /// The object of this name, as JSON.
    pub fn object(&self, name: &str, fields: &Json) -> Json {
        let mut object = fields.clone();
        *object.field_mut("apiVersion") = Json::text(&format!("{}/{}", self.group, self.version));
        *object.field_mut("kind") = Json::text(&self.kind);
        *object.field_mut("metadata") = Json::map([("name", Json::text(name))]);
        object
    }

    /// The path of the collection.
    pub fn path(&self) -> String {
        let namespace = if self.namespaced { "/namespaces/default" } else { "" };
        format!("/apis/{}/{}{namespace}/{}", self.group, self.version, self.plural)
    }
}
