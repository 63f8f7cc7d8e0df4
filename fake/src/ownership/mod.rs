//! Server-side apply: merging, and which field manager owns which fields.
//!
//! The rules are those of [structured-merge-diff](https://github.com/kubernetes-sigs/structured-merge-diff) and of the API
//! server's field manager; <https://kubernetes.io/docs/reference/using-api/server-side-apply/> describes them.

mod alike;
mod compare;
mod elements;
mod managers;
mod merge;
mod of_server;
mod of_value;
mod patched;
mod path;
mod remove;
mod set;
mod update;
mod validate;

pub(crate) use alike::Made;
pub(crate) use managers::{Managers, Owned, decode, encode};
pub(crate) use of_server::{with_spec_of_server, with_status_of_server};
pub(crate) use patched::patched;
pub(crate) use set::FieldSet;
pub(crate) use update::{ApplyError, Conflict, OneVersion, Versions, Write};
pub(crate) use validate::{as_go_has_it, mistakes};
