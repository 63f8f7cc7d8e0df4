//! What a new object is before the state of the cluster is needed: read, completed, and with its managers.
//!
//! That is most of the work of a creation. It is done before the state is locked, so that several are created at once. If anything is
//! wrong with an object, it is done once more while the state is locked: errors come in the order of a real server.

use std::sync::Arc;

use serde_json::Value;

use super::call::Call;
use super::review;
use super::target::ResourcePath;
use super::verb;
use super::write::{Writing, take_managed_fields};
use crate::builtin;
use crate::catalog::Resource;
use crate::objects::{self, Scope};
use crate::ownership;
use crate::server::{Server, State};
use crate::status::Status;

/// What is known of the state of a cluster.
pub(super) trait Sight {
    /// All resources that are served, as far as they are known.
    fn resources(&self, server: &Server) -> Vec<Arc<Resource>>;
}

impl Sight for &mut State {
    fn resources(&self, server: &Server) -> Vec<Arc<Resource>> {
        server.resources(self)
    }
}

/// The state while nobody has locked it. Built-in kinds are known without it.
pub(super) struct Unseen;

impl Sight for Unseen {
    fn resources(&self, _: &Server) -> Vec<Arc<Resource>> {
        Vec::new()
    }
}

/// A new object that nothing is left to do for without the state.
#[derive(Debug)]
pub(super) struct Begun {
    pub object: Value,
    /// The object before its way through the form in which it is stored, if that is another one.
    pub unstored: Option<Value>,
    pub managed: Option<Value>,
    /// Whether it was sent with a resourceVersion.
    pub has_version: bool,
}

/// The name of a new object.
#[derive(Debug)]
pub(super) enum NewName {
    Given(String),
    /// Begins with this.
    Generated(String),
}

/// The new object of a request, begun before the state was locked.
#[derive(Debug)]
pub(crate) struct Ahead {
    pub(super) begun: Begun,
    pub(super) name: NewName,
    pub(super) warnings: Vec<String>,
}

/// Begins the object of a request that creates one of a built-in kind.
pub(super) fn ahead(server: &Server, call: &Call, path: &ResourcePath) {
    let is_creation = verb(call, path) == "create" && path.subresource.is_none() && !call.is_too_large;
    let resource = server.built_in(&path.group, &path.version, &path.plural).filter(|resource| {
        objects::is_served(resource)
            && resource.is_served()
            && resource.has_verb("create")
            && !review::is_review(resource)
    });
    if let Some(resource) = resource.filter(|_| is_creation) {
        let mut writing = Writing { server, state: Unseen, call, resource, path, warnings: Vec::new() };
        call.set_begun(writing.begin_sent().ok());
    }
}

impl<S: Sight> Writing<'_, S> {
    fn begin_sent(&mut self) -> Result<Ahead, Status> {
        let mut object = self.received()?;
        let name = self.named(&mut object)?;
        let begun = self.begin_new(object)?;
        Ok(Ahead { begun, name, warnings: std::mem::take(&mut self.warnings) })
    }

    /// Checks the namespace that an object was sent with. Returns its name.
    pub(super) fn named(&self, object: &mut Value) -> Result<NewName, Status> {
        let scope = Scope { namespace: self.path.namespace.as_deref(), name: None };
        objects::validate(object, self.resource, scope)?;
        let text = |name: &str| object["metadata"][name].as_str().unwrap_or_default().to_owned();
        let (name, base) = (text("name"), text("generateName"));
        Ok(if name.is_empty() && !base.is_empty() { NewName::Generated(base) } else { NewName::Given(name) })
    }

    /// Begins a new object.
    pub(super) fn begin_new(&self, mut object: Value) -> Result<Begun, Status> {
        let has_version =
            object["metadata"]["resourceVersion"].as_str().is_some_and(|version| !matches!(version, "" | "0"));
        let managed = take_managed_fields(&mut object);
        let is_typed = self.is_typed(&object);
        self.begin(&mut object)?;
        let unstored = self.through_stored_form(&mut object);
        let managed = if is_typed {
            let mut managers = ownership::decode(&managed).unwrap_or_default();
            self.write("", |write| {
                if managers.is_empty() {
                    // Secrets are not kept for longer than their cluster.
                    let made = Some(&self.resource.known.made).filter(|_| self.resource.plural != "secrets");
                    return write.create(&object, made);
                }
                write.update(None, &object, &mut managers);
                ownership::encode(&managers)
            })?
        } else {
            None
        };
        Ok(Begun { object, unstored, managed, has_version })
    }

    /// Sets the defaults of a new object, and takes out what only the server sets.
    pub(super) fn begin(&self, object: &mut Value) -> Result<(), Status> {
        self.drop_status(object, None);
        self.settle(object)?;
        objects::begin(object, self.resource);
        objects::wipe(object);
        if let Value::Object(metadata) = &mut object["metadata"] {
            metadata.remove("resourceVersion");
        }
        Ok(())
    }

    /// Makes an object what it is after its way through the form in which it is stored: so its managers see it. Returns it as it was,
    /// from which the stored one is made; `None` if there is one form.
    pub(super) fn through_stored_form(&self, object: &mut Value) -> Option<Value> {
        let stored = self.stored_form()?;
        let shown = builtin::converted(&builtin::converted(object, &stored), self.resource);
        Some(std::mem::replace(object, shown))
    }

    /// The version that objects are stored in, if it is another one.
    pub(super) fn stored_form(&self) -> Option<Arc<Resource>> {
        self.server.other_form(self.resource).filter(|_| builtin::is_older(self.resource))
    }

    /// Whether the values of a custom resource are of the types of its schema. Where they are not, a write changes no managers:
    /// it may do well still, if what is of another type is not written.
    pub(super) fn is_typed(&self, object: &Value) -> bool {
        let is_custom = self.resource.custom().is_some();
        !is_custom || objects::fit_custom(&mut object.clone(), self.resource.schema()).mistyped.is_none()
    }
}
