//! What people reach for that knows kinds by name. Written by hand, on what is generated.

mod rollout;
pub mod wait;
