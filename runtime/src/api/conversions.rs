//! Conversions between a generated handle and the [`Api`](crate::Api) of its kind. For generated code; not public API.

/// Implements the conversions between a handle and the `Api` of its kind.
///
/// An `Api` of a namespaced kind may span all namespaces, but a handle may not. So converting it to a handle can fail,
/// and then returns the `Api`.
#[doc(hidden)]
#[macro_export]
macro_rules! conversions {
    ($handle:ident: $kind:ty) => {
        impl ::std::convert::From<$handle> for $crate::Api<$kind> {
            fn from(handle: $handle) -> Self {
                handle.0.into()
            }
        }
        impl ::std::convert::From<$crate::Api<$kind>> for $handle {
            fn from(api: $crate::Api<$kind>) -> Self {
                Self(api.into())
            }
        }
    };
    ($handle:ident: $kind:ty, namespaced) => {
        impl ::std::convert::From<$handle> for $crate::Api<$kind> {
            fn from(handle: $handle) -> Self {
                handle.0.into()
            }
        }
        /// An `Api` of all namespaces is returned as the error: the handle is for one namespace.
        impl ::std::convert::TryFrom<$crate::Api<$kind>> for $handle {
            type Error = $crate::Api<$kind>;
            fn try_from(api: $crate::Api<$kind>) -> ::std::result::Result<Self, Self::Error> {
                if api.namespace().is_some() { Ok(Self(api.into())) } else { Err(api) }
            }
        }
    };
}
