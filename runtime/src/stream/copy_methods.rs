//! Methods for copies, which generated handles have beside the one that runs commands.

/// Adds `copy_from` and `copy_to` to a handle, through a subresource that runs commands. Without the feature `copy` it
/// adds nothing: whether the methods exist depends on this crate's features, not on those of the crate with the
/// generated handle.
#[cfg(feature = "copy")]
#[doc(hidden)]
#[macro_export]
macro_rules! copy_methods {
    ($kind:ty, $subresource:literal $(, $served:expr)?) => {
        /// Copies a file or folder from a container, with its `tar`, as `cp -r` does:
        /// `copy_from("web-0", "/etc/nginx", "./nginx")`.
        ///
        /// With the feature `copy`.
        pub fn copy_from(
            &self,
            name: &str,
            from: &str,
            to: impl ::std::convert::AsRef<::std::path::Path>,
        ) -> $crate::stream::CopyFrom<$kind> {
            self.0$(.served($served))?.copy_from(name, $subresource, from, to)
        }
        /// Copies a local file or folder to a container, with its `tar`, as `cp -r` does:
        /// `copy_to("web-0", "./site", "/usr/share/html")`.
        ///
        /// With the feature `copy`.
        pub fn copy_to(
            &self,
            name: &str,
            from: impl ::std::convert::AsRef<::std::path::Path>,
            to: &str,
        ) -> $crate::stream::CopyTo<$kind> {
            self.0$(.served($served))?.copy_to(name, $subresource, from, to)
        }
    };
}

/// Adds nothing: the feature `copy` is off.
#[cfg(not(feature = "copy"))]
#[doc(hidden)]
#[macro_export]
macro_rules! copy_methods {
    ($($all:tt)*) => {};
}
