//! A request to admit, with its objects decoded.

use kubewright::message::MessageType;
use kubewright::{CompactString, RawJson, json};

use crate::webhook::v1;

/// A request to the API server that a webhook admits or not, with objects of the kind `K`.
///
/// `K` is the kind of `object`, in the version that the webhook's configuration names in its rules. For a subresource it
/// is the subresource's kind, such as `Scale`, and in `CONNECT` the options, such as `PodExecOptions`. A webhook for
/// several kinds uses [`DynamicObject`](kubewright::DynamicObject).
///
/// Fields that `K` does not know are preserved in the objects, as by every decoder of this project.
#[derive(Clone, Debug)]
pub struct AdmissionRequest<K> {
    /// The object as it would be stored; `None` in `DELETE`.
    pub object: Option<K>,
    /// The stored object; `None` but in `UPDATE` and `DELETE`.
    pub old_object: Option<K>,
    /// Everything else, as the API server sent it; in it, `object` and `old_object` are `None`.
    pub attributes: v1::AdmissionRequest,
}

impl<K> AdmissionRequest<K> {
    /// Returns what identifies this call of the webhook. It is not the uid of the object.
    pub fn uid(&self) -> &str {
        &self.attributes.uid
    }

    /// Returns the operation.
    pub fn operation(&self) -> &v1::Operation {
        &self.attributes.operation
    }

    /// Returns the name of the object. Empty in a create request that leaves the name to the server (`generateName`).
    pub fn name(&self) -> &str {
        self.attributes.name.as_deref().unwrap_or_default()
    }

    /// Returns the namespace of the object; `None` if it is cluster-scoped.
    pub fn namespace(&self) -> Option<&str> {
        self.attributes.namespace.as_deref().filter(|namespace| !namespace.is_empty())
    }

    /// Returns the subresource that is written, such as `scale`.
    pub fn subresource(&self) -> Option<&str> {
        self.attributes.sub_resource.as_deref().filter(|name| !name.is_empty())
    }

    /// Whether nothing will be stored. A webhook then must have no side effects of its own.
    ///
    /// <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#side-effects>
    pub fn is_dry_run(&self) -> bool {
        self.attributes.dry_run == Some(true)
    }

    /// Returns the name of the user that sent the request.
    pub fn username(&self) -> &str {
        self.attributes.user_info.username.as_deref().unwrap_or_default()
    }

    /// Returns the groups of the user that sent the request.
    pub fn groups(&self) -> &[CompactString] {
        &self.attributes.user_info.groups
    }
}

/// The texts of a request's objects, which the objects were decoded from.
pub(super) struct Objects {
    pub(super) object: Option<RawJson>,
}

impl<K: MessageType> AdmissionRequest<K> {
    /// Decodes the objects of a request.
    ///
    /// # Errors
    /// The message for the client: which object can't be decoded, and why.
    pub(super) fn decode(mut attributes: v1::AdmissionRequest) -> Result<(Self, Objects), String> {
        let texts = Objects { object: attributes.object.take() };
        let old = attributes.old_object.take();
        let request = Self {
            object: decode("object", texts.object.as_ref())?,
            old_object: decode("oldObject", old.as_ref())?,
            attributes,
        };
        Ok((request, texts))
    }
}

fn decode<K: MessageType>(field: &str, text: Option<&RawJson>) -> Result<Option<K>, String> {
    text.map(|text| json::from_str(text.as_str()))
        .transpose()
        .map_err(|error| format!("the webhook cannot decode {field} as {}: {error}", K::table().name))
}
