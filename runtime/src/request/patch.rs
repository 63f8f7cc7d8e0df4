//! Changing an object by a patch.

builder! {
    /// Changes an object by a patch. The changed object comes back.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply>
    PatchRequest<K>
}

write_options!(PatchRequest, manager);
one_message!(PatchRequest);

impl<K> PatchRequest<K> {
    /// For [`Patch::apply`](crate::Patch::apply) alone: takes fields over that other managers own, instead of failing with a conflict.
    pub fn force(mut self) -> Self {
        self.call.query("force", "true");
        self
    }
}
