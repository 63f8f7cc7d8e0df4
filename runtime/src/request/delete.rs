//! Deleting one object.

use std::future::IntoFuture;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::client::response;
use crate::error::Result;
use crate::message::MessageType;
use crate::meta::v1::Status;
use crate::request::Response;
use crate::request::call::JSON;

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
            crate::request::complete(&mut object, &resource);
            Ok(Deleted::Pending(Box::new(object)))
        })
    }
}

/// The body of a deletion with preconditions. A server that gets a body ignores the query, so all options are in it.
pub(crate) fn options_body(
    query: &[(String, String)],
    preconditions: &[(&'static str, String)],
) -> (&'static str, Bytes) {
    let mut options = Map::new();
    for (name, value) in query {
        let value = match (name.as_str(), value.parse::<i64>(), value.parse::<bool>()) {
            ("dryRun", ..) => json!([value]),
            ("gracePeriodSeconds", Ok(number), _) => json!(number),
            (_, _, Ok(flag)) => json!(flag),
            _ => json!(value),
        };
        options.insert(name.clone(), value);
    }
    let preconditions =
        preconditions.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect::<Map<_, _>>();
    options.insert("kind".to_owned(), json!("DeleteOptions"));
    options.insert("apiVersion".to_owned(), json!("v1"));
    options.insert("preconditions".to_owned(), Value::Object(preconditions));
    (JSON, Value::Object(options).to_string().into())
}
