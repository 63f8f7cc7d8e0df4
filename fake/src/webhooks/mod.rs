//! Webhooks: who is asked what, and by which rules.
//!
//! A request is answered under the lock of the state, and in one go. Where it needs an answer of a webhook, it stops, and what it
//! asks is in its [`Memory`]; the webhook is called without the lock, and the request is run again from its start, with the answer in
//! the memory. So a webhook may itself read and write in the cluster, and a request whose object was changed in the meantime asks
//! again, as that of a real server does.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/>

mod attributes;
mod call;
#[cfg_attr(not(feature = "cel"), path = "conditions_without_cel.rs")]
mod conditions;
mod convert;
mod endpoint;
mod hook;
mod memory;
mod question;
mod reinvocation;
mod reviews;
mod rights;
mod verdict;

pub(crate) use attributes::{Attributes, GroupVersionKind};
pub(crate) use call::ask;
pub(crate) use conditions::is_met;
pub(crate) use convert::ConversionWebhook;
pub(crate) use endpoint::Services;
pub(crate) use hook::{Hook, MUTATING, VALIDATING, are_configured, hooks};
pub(crate) use memory::Memory;
pub(crate) use question::Question;
pub(crate) use reinvocation::Reinvocation;
pub(crate) use rights::Rights;
pub(crate) use verdict::{Failure, REVIEWS, Verdict};
