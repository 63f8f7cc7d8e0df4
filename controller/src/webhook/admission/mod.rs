//! Admission webhooks: requests, decisions, and the handlers that map one to the other.

mod decision;
mod handler;
mod mutation;
mod patch;
mod request;

pub use decision::{Decision, Denial};
pub use handler::Reply;
pub use mutation::Mutation;
pub use request::AdmissionRequest;

pub(super) use handler::{Mutating, Validating};
