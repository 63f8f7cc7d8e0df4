//! Deleting one object.

use std::future::IntoFuture;

use crate::error::Result;
use crate::message::MessageType;
use crate::meta::v1::Status;
use crate::request::Response;
use crate::wire::response;

builder! {
    /// Deletes one object by its name.
    ///
    /// Deletion may take time: an object with finalizers, or a pod that may shut down gracefully, is only marked.
    /// [`Deleted`] tells the two apart.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#api-verbs>
    DeleteRequest<K>
}

write_options!(DeleteRequest);
delete_options!(DeleteRequest);

impl<K> DeleteRequest<K> {
    /// Deletes the object only if it is still the one with this UID: one of the same name that was made since stays.
    pub fn if_uid(mut self, uid: &str) -> Self {
        self.call.precondition("uid", uid);
        self
    }

    /// Deletes the object only if nobody has changed it since this version.
    pub fn if_resource_version(mut self, version: &str) -> Self {
        self.call.precondition("resourceVersion", version);
        self
    }
}

/// What came of a deletion.
#[derive(Clone, Debug, PartialEq)]
pub enum Deleted<K> {
    /// The object is gone.
    Done(Box<Status>),
    /// The object is marked for deletion (`metadata.deletionTimestamp`), or was the last to be seen: this is how it
    /// stands now. Some resources answer so even when the object is gone.
    Pending(Box<K>),
}

impl<K: MessageType> IntoFuture for DeleteRequest<K> {
    type Output = Result<Deleted<K>>;
    type IntoFuture = Response<Deleted<K>>;

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
