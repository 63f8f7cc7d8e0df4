//! Server-side apply.

use std::future::IntoFuture;

use crate::error::Result;
use crate::message::MessageType;
use crate::request::{Response, undeclared};
use crate::wire::response;

builder! {
    /// Applies an object: creates it, or changes just the fields that are set, and owns them from then on.
    ///
    /// Of a built-in kind, what is at its default in the object that is applied is not sent, required or not. To own an
    /// explicit zero in a field that is not an `Option`, use [`Patch::apply`](crate::Patch::apply) with JSON.
    ///
    /// Of a custom resource every field that the server tells from its zero value is an `Option`, and sent if it is there,
    /// or is required: it is then sent, zero or not, whenever the object that holds it is. For a manager that owns but
    /// some of the required fields there is [`partial`](Self::partial).
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
            crate::wire::complete(&mut object, &resource);
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
    /// Applies some fields of a custom resource: what is required and at its zero value is not sent, so the manager does not
    /// own it. Without this, all that is required is applied, as
    /// [kubectl](https://kubernetes.io/docs/reference/kubectl/generated/kubectl_apply/) would apply a whole manifest.
    ///
    /// Sent are every `Option` that is there, plain fields that are not zero, the keys of a list's items, and the required
    /// zeros inside atomic lists, maps and objects, which the manager owns as a whole. A required zero elsewhere that the manager is to own goes through [`Patch::apply`](crate::Patch::apply) with JSON. An object that was
    /// [extracted](crate::extract) needs no `partial`: it holds what the manager owns, zeros included, and nothing else is
    /// sent of it.
    ///
    /// For the built-in kinds and for [`DynamicObject`](crate::DynamicObject) it changes nothing: those are always applied
    /// as they are set, without the zeros of the former and with whatever is in the latter.
    ///
    /// ```no_run
    /// # use kubewright_runtime::{Api, DynamicObject, Result};
    /// # async fn example(ferries: Api<DynamicObject>, ferry: DynamicObject) -> Result<()> {
    /// // A manager of the timetable: the ferry's required route is another's.
    /// ferries.apply(&ferry, "timetable").partial().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn partial(mut self) -> Self {
        self.call.send_partial();
        self
    }

    /// Takes fields over that other managers own, instead of failing with a conflict.
    ///
    /// A custom resource's required fields are applied even if the program never set them: a manager that owns but some
    /// fields of one must be [`partial`](Self::partial), or it takes over, and zeroes, the others.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts>
    pub fn force(mut self) -> Self {
        self.call.query("force", "true");
        self
    }
}
