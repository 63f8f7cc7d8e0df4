//! Deleting one object.

use std::future::IntoFuture;

use crate::error::Result;
use crate::message::MessageType;
use crate::meta::v1::Status;
use crate::request::ResponseFuture;
use crate::wire::response;

builder! {
    /// Deletes the named object.
    ///
    /// Deletion may take time: an object with finalizers, or a pod with a grace period, is only marked. [`Deleted`]
    /// tells the two apart.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#api-verbs>
    DeleteRequest<K>
}

write_options!(DeleteRequest);
delete_options!(DeleteRequest);

impl<K> DeleteRequest<K> {
    /// Deletes the object only if it has this UID: a later one of the same name stays.
    pub fn if_uid(mut self, uid: &str) -> Self {
        self.call.precondition("uid", uid);
        self
    }

    /// Deletes the object only if it has this resource version.
    pub fn if_resource_version(mut self, version: &str) -> Self {
        self.call.precondition("resourceVersion", version);
        self
    }
}

/// Outcome of a delete.
#[derive(Clone, Debug, PartialEq)]
pub enum Deleted<K> {
    /// The object was deleted.
    Done(Box<Status>),
    /// The object is marked for deletion (`metadata.deletionTimestamp`), or this is its last state. Some resources
    /// return it even if the object was deleted.
    Pending(Box<K>),
}

impl<K: MessageType> IntoFuture for DeleteRequest<K> {
    type Output = Result<Deleted<K>>;
    type IntoFuture = ResponseFuture<Deleted<K>>;

    fn into_future(self) -> Self::IntoFuture {
        let resource = self.resource;
        crate::request::respond(self.client, self.call, move |body| {
            if response::is_status(&body) {
                return response::decode(body).map(|status| Deleted::Done(Box::new(status)));
            }
            let mut object: K = response::decode(body)?;
            crate::wire::complete(&mut object, &resource);
            Ok(Deleted::Pending(Box::new(object)))
        })
    }
}
