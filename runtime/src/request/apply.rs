//! Server-side apply.

builder! {
    /// Applies an object: creates it, or changes just the fields that are set, and owns them from then on.
    ///
    /// What is at its default in the object that is applied is not sent, required or not. To own an explicit zero in
    /// a field that is not an `Option`, use [`Patch::apply`](crate::Patch::apply) with JSON.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/server-side-apply/>
    ApplyRequest<K>
}

write_options!(ApplyRequest, validation);
one_message!(ApplyRequest);

impl<K> ApplyRequest<K> {
    /// Takes fields over that other managers own, instead of failing with a conflict.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts>
    pub fn force(mut self) -> Self {
        self.call.query("force", "true");
        self
    }
}
