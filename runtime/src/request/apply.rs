//! Server-side apply.

use std::future::IntoFuture;

use crate::error::Result;
use crate::message::MessageType;
use crate::request::{ResponseFuture, undeclared};
use crate::wire::response;

builder! {
    /// Applies an object (server-side apply): creates it, or changes only the fields that are set, which the field
    /// manager then owns.
    ///
    /// Of a built-in kind, fields at their default are not sent, required or not. To own an explicit zero in a field
    /// that is not an `Option`, use [`Patch::apply`](crate::Patch::apply) with JSON.
    ///
    /// Of a custom resource, every field whose absence the server distinguishes from its zero value is an `Option`,
    /// which is sent if it is set, or a required field, which is sent, zero or not, whenever the object that contains
    /// it is. For a manager that owns only some of the required fields, see [`partial`](Self::partial).
    ///
    /// A server that is older than a field that is set rejects the whole request: the error is then
    /// [`is_not_served`](crate::Error::is_not_served), and names the field and the minor that introduced it.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/server-side-apply/>
    ApplyRequest<K>
}

write_options!(ApplyRequest, validation);

impl<K: MessageType> IntoFuture for ApplyRequest<K> {
    type Output = Result<K>;
    type IntoFuture = ResponseFuture<K>;

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
    /// Applies only some fields of a custom resource: required fields at their zero value are not sent, so the manager
    /// does not own them. Without this, all required fields are applied, as
    /// [kubectl](https://kubernetes.io/docs/reference/kubectl/generated/kubectl_apply/) would apply a whole manifest.
    ///
    /// Sent are every `Option` that is set, plain fields that are not zero, the keys of a list's items, and the
    /// required zeros inside atomic lists, maps and objects, which the manager owns as a whole. To own a required zero
    /// elsewhere, use [`Patch::apply`](crate::Patch::apply) with JSON. An object that was [extracted](crate::extract)
    /// needs no `partial`: it contains what the manager owns, zeros included, and nothing else of it is sent.
    ///
    /// It has no effect on the built-in kinds and [`DynamicObject`](crate::DynamicObject): those are always applied as
    /// they are set, without the zeros of the former and with everything in the latter.
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

    /// Takes over fields that other managers own, instead of failing with a conflict.
    ///
    /// A custom resource's required fields are applied even if the program never set them: a manager that owns only
    /// some fields must use [`partial`](Self::partial), or it takes over, and zeroes, the others.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts>
    pub fn force(mut self) -> Self {
        self.call.query("force", "true");
        self
    }
}
