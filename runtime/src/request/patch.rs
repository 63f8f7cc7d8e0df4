//! Patching an object.

builder! {
    /// Patches an object and returns it.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply>
    PatchRequest<K>
}

write_options!(PatchRequest, manager);
one_message!(PatchRequest);

impl<K> PatchRequest<K> {
    /// Takes over fields that other managers own, instead of failing with a conflict. Only for
    /// [`Patch::apply`](crate::Patch::apply).
    pub fn force(mut self) -> Self {
        self.call.query("force", "true");
        self
    }
}
