//! What people reach for beyond single calls. Hand-written, as methods on the generated handles: each knows the kinds that
//! it works on, and stands on the calls that are generated.

pub mod approval;
mod binding;
pub mod cordon;
pub mod debug;
pub mod drain;
pub mod evict;
pub mod finalize;
pub mod logs;
pub mod resize;
mod rollout;
pub mod token;
pub mod wait;

/// The future of a builder.
macro_rules! future {
    ($name:ident => $output:ty) => {
        impl ::std::future::IntoFuture for $name {
            type Output = $crate::Result<$output>;
            type IntoFuture = $crate::request::Response<$output>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.run())
            }
        }
    };
}
use future;
