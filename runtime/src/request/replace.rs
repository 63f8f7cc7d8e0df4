//! Replacing an object as a whole.

builder! {
    /// Replaces an object as a whole (the verb `update`).
    ///
    /// The `metadata.resourceVersion` of the object that is sent says on which version the change is based: if the
    /// object has changed since, the server answers with a conflict ([`is_conflict`](crate::Error::is_conflict)).
    /// Without one, whatever is there is overwritten, where the resource allows it: not for leases, CRDs, API services and
    /// custom resources (422).
    ///
    /// A name that is not there is a 404 for most kinds, but some are created by it, even with a resource version: leases,
    /// events, endpoints, services, limit ranges, roles and their bindings. A UID in the object prevents that.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions>
    ReplaceRequest<K>
}

write_options!(ReplaceRequest, manager);
one_message!(ReplaceRequest);
