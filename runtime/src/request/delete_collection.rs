//! Deleting many objects at once.

use std::future::IntoFuture;

use crate::error::Result;
use crate::json::Options;
use crate::message::MessageType;
use crate::meta::v1::{List, ListMeta};
use crate::request::Response;
use crate::wire::response;

builder! {
    /// Deletes every object of the resource (in the namespace), or those that the selectors pick.
    ///
    /// What comes back are the objects as they were *before* they were deleted. It does not say what became of each: one
    /// that finalizers keep, or that shuts down, has no deletion timestamp there, so read it again to know. Where the server
    /// reports no more than that it succeeded, the list is empty.
    ///
    /// It takes no shard selector, though the server's documents list one: a server whose feature gate
    /// `ShardedListAndWatch` is off, as it is by default, ignores it silently, and would delete everything. A raw
    /// query parameter of that name is an error when the request is built.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#api-verbs>
    DeleteCollectionRequest<K>
}

write_options!(DeleteCollectionRequest);
delete_options!(DeleteCollectionRequest);
select_options!(DeleteCollectionRequest);

impl<K> DeleteCollectionRequest<K> {
    /// At most how many objects to delete. If there are more, the list's `metadata.continue` is set.
    pub fn limit(mut self, limit: u32) -> Self {
        self.call.query_value("limit", limit);
        self
    }
}

impl<K: MessageType> IntoFuture for DeleteCollectionRequest<K> {
    type Output = Result<List<K>>;
    type IntoFuture = Response<List<K>>;

    fn into_future(self) -> Self::IntoFuture {
        let resource = self.resource;
        crate::request::respond(self.client, self.call, move |body| {
            if response::is_status(&body) {
                return Ok(List { metadata: ListMeta::default(), ..List::default() });
            }
            // The objects are deleted: what the server calls their list is no reason to report a failure.
            let mut list: List<K> = response::decode_with(body, &Options::answer())?;
            list.items.iter_mut().for_each(|item| crate::wire::complete(item, &resource));
            Ok(list)
        })
    }
}
