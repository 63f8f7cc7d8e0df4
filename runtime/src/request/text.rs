//! Reading text, such as a container's logs.

use std::future::IntoFuture;

use crate::error::{Error, Result};
use crate::request::Response;

builder! {
    /// Reads a subresource that is text. `K` is the kind whose subresource it is.
    TextRequest<K>
}

impl<K: 'static> IntoFuture for TextRequest<K> {
    type Output = Result<String>;
    type IntoFuture = Response<String>;

    fn into_future(self) -> Self::IntoFuture {
        let resource = self.resource;
        crate::request::respond(self.client, self.call, move |body| {
            String::from_utf8(body.bytes.into()).map_err(|error| {
                let message = format!("the text of the {} is not UTF-8", resource.kind());
                Error::response(message, Some(error.as_bytes().to_vec().into())).with_source(error)
            })
        })
    }
}
