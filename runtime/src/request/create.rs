//! Creating an object.

builder! {
    /// Creates an object. The server's version of it comes back, with everything that it filled in.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#api-verbs>
    CreateRequest<K>
}

write_options!(CreateRequest, manager);
one_message!(CreateRequest);
