//! Replacing an object.

builder! {
    /// Replaces an object (the verb `update`).
    ///
    /// The `metadata.resourceVersion` of the object is the version that the change is based on: if the object was
    /// modified since, the server returns a conflict ([`is_conflict`](crate::Error::is_conflict)). Without one, any
    /// current state is overwritten, if the resource allows that: not for leases, CRDs, API services and custom
    /// resources (422).
    ///
    /// If the object does not exist, most kinds return 404, but some are created, even with a resource version: leases,
    /// events, endpoints, services, limit ranges, roles and their bindings. A UID in the object prevents that.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions>
    ReplaceRequest<K>
}

write_options!(ReplaceRequest, manager);
one_message!(ReplaceRequest);
