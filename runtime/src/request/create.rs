//! Creating an object.

builder! {
    /// Creates an object and returns the server's version of it, with defaults filled in.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#api-verbs>
    CreateRequest<K>
}

write_options!(CreateRequest, manager);
one_message!(CreateRequest);
