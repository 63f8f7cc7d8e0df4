//! Objects on their way into the store: what is read, defaulted, checked and set by the server.

mod defaults;
pub(crate) mod embedded;
mod fields;
mod generation;
mod kinds;
mod metadata;
mod names;
pub(crate) mod texts;

use serde_json::{Value, json};

use crate::builtin;
use crate::catalog::Resource;

pub(crate) use defaults::{as_go_writes, as_stored, set_defaults};
pub(crate) use fields::{Unfit, fit, fit_custom, kind_of, misshapen, with_integers};
pub(crate) use generation::{begins_with_generation, has_generation, is_new_generation};
pub(crate) use kinds::{begin, is_served};
pub(crate) use metadata::{
    Scope, check_name, check_namespace, keep_of_present, name_problems, set_namespace, stamp, validate, wipe,
};
pub(crate) use names::generate;

/// An object of a kind in which nothing is set.
pub(crate) fn nothing(resource: &Resource) -> &Value {
    resource.known.nothing.get_or_init(|| make_nothing(resource))
}

fn make_nothing(resource: &Resource) -> Value {
    let mut empty = json!({ "apiVersion": resource.api_version(), "kind": resource.kind, "metadata": {} });
    if resource.custom().is_none() {
        as_go_writes(&mut empty, resource.schema());
        // An object without values has none that can't be read.
        let _ = builtin::in_form(&mut empty, resource);
        builtin::set_zeros(&mut empty, resource);
        builtin::set_nulls(&mut empty, resource);
    }
    empty
}
