//! Server-side apply.

use std::future::IntoFuture;

use crate::client::response;
use crate::error::Result;
use crate::message::MessageType;
use crate::request::{Response, undeclared};

builder! {
    /// Applies an object: creates it, or changes just the fields that are set, and owns them from then on.
    ///
    /// What is at its default in the object that is applied is not sent, required or not. To own an explicit zero in
    /// a field that is not an `Option`, use [`Patch::apply`](crate::Patch::apply) with JSON.
    ///
    /// A server that is older than a field that is set refuses the whole: the error is then
    /// [`is_not_served`](crate::Error::is_not_served), and says which field, and since which minor it exists.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/server-side-apply/>
    ApplyRequest<K>
}

write_options!(ApplyRequest, validation);

impl<K: MessageType> IntoFuture for ApplyRequest<K> {
    type Output = Result<K>;
    type IntoFuture = Response<K>;

    fn into_future(self) -> Self::IntoFuture {
        let (resource, client) = (self.resource, self.client.clone());
        let applied = crate::request::respond(self.client, self.call, move |body| {
            let mut object: K = response::decode(body)?;
            crate::request::complete(&mut object, &resource);
            Ok(object)
        });
        Box::pin(async move {
            match applied.await {
                Ok(object) => Ok(object),
                Err(error) => Err(undeclared::explain(&client, K::table(), error).await),
            }
        })
    }
}

impl<K> ApplyRequest<K> {
    /// Takes fields over that other managers own, instead of failing with a conflict.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts>
    pub fn force(mut self) -> Self {
        self.call.query("force", "true");
        self
    }
}
