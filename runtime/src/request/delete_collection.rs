//! Deleting a collection of objects.

use std::future::IntoFuture;

use crate::error::Result;
use crate::json::Options;
use crate::message::MessageType;
use crate::meta::v1::{List, ListMeta};
use crate::request::ResponseFuture;
use crate::wire::response;

builder! {
    /// Deletes a collection of objects: all objects of the resource (in the namespace), or those that match the
    /// selectors.
    ///
    /// Returns the objects as they were *before* their deletion. The outcome of each is unknown: an object with
    /// finalizers or a grace period has no deletion timestamp here, so read it again. If the server reports success
    /// only, the list is empty.
    ///
    /// There is no shard selector, though the OpenAPI document lists one: a server whose feature gate
    /// `ShardedListAndWatch` is off, as it is by default, ignores it silently, and would delete everything. A raw query
    /// parameter of that name fails when the request is built.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#api-verbs>
    DeleteCollectionRequest<K>
}

write_options!(DeleteCollectionRequest);
delete_options!(DeleteCollectionRequest);
select_options!(DeleteCollectionRequest);

impl<K> DeleteCollectionRequest<K> {
    /// Limits the number of objects to delete. If there are more, the list's `metadata.continue` is set.
    pub fn limit(mut self, limit: u32) -> Self {
        self.call.query_value("limit", limit);
        self
    }
}

impl<K: MessageType> IntoFuture for DeleteCollectionRequest<K> {
    type Output = Result<List<K>>;
    type IntoFuture = ResponseFuture<List<K>>;

    fn into_future(self) -> Self::IntoFuture {
        let resource = self.resource;
        crate::request::respond(self.client, self.call, move |body| {
            if response::is_status(&body) {
                return Ok(List { metadata: ListMeta::default(), ..List::default() });
            }
            // The objects are deleted: an unexpected kind of list is no reason to report a failure.
            let mut list: List<K> = response::decode_with(body, &Options::answer())?;
            list.items.iter_mut().for_each(|item| crate::wire::complete(item, &resource));
            Ok(list)
        })
    }
}
