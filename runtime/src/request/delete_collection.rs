//! Deleting many objects at once.

use std::future::IntoFuture;

use crate::client::response;
use crate::error::Result;
use crate::message::MessageType;
use crate::meta::v1::{List, ListMeta};
use crate::request::Response;

builder! {
    /// Deletes every object of the resource (in the namespace), or those that the selectors pick.
    ///
    /// What comes back are the objects as they were *before* they were deleted. It does not say what became of each: one
    /// that finalizers keep, or that shuts down, has no deletion timestamp there, so read it again to know. Where the server
    /// reports no more than that it succeeded, the list is empty.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#api-verbs>
    DeleteCollectionRequest<K>
}

write_options!(DeleteCollectionRequest);
delete_options!(DeleteCollectionRequest);
select_options!(DeleteCollectionRequest);

impl<K> DeleteCollectionRequest<K> {
    /// At most how many objects to delete.
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
            let mut list: List<K> = response::decode(body)?;
            list.items.iter_mut().for_each(|item| crate::request::complete(item, &resource));
            Ok(list)
        })
    }
}
