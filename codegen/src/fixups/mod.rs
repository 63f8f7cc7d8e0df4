//! Faults in upstream's documents, mended by name.
//!
//! Each fix-up is one function in a file of its own, listed in [`ALL`] with the minors it is for. It tells whether it
//! found its fault; where it did not, generating fails and says so, so that none outlives what it mends.

mod ca_bundle_list_type;
mod event_time;
mod status_for_binding;

use std::ops::RangeInclusive;

use crate::{
    documents::Minor,
    error::Error,
    model::{Field, Model, Shape},
};

/// A fix-up.
#[derive(Clone, Debug)]
pub struct Fixup {
    /// Its name: that of its file.
    pub name: &'static str,
    /// The minors whose documents have the fault.
    pub minors: RangeInclusive<Minor>,
    /// Mends the model, and tells whether there was anything to mend.
    pub apply: fn(&mut Model) -> bool,
}

/// Every fix-up.
pub const ALL: &[Fixup] = &[
    Fixup { name: "event_time", minors: 34..=37, apply: event_time::apply },
    Fixup { name: "ca_bundle_list_type", minors: 34..=37, apply: ca_bundle_list_type::apply },
    Fixup { name: "status_for_binding", minors: 34..=37, apply: status_for_binding::apply },
];

/// A field of a schema, if both are there.
fn field<'a>(model: &'a mut Model, schema: &str, field: &str) -> Option<&'a mut Field> {
    match &mut model.types.get_mut(schema)?.schema.shape {
        Shape::Object(object) => object.fields.iter_mut().find(|known| known.name == field),
        _ => None,
    }
}

/// Applies the fix-ups for a minor.
///
/// # Errors
///
/// If one of them finds nothing to mend.
pub fn apply(model: &mut Model, minor: Minor) -> Result<(), Error> {
    apply_all(ALL, model, minor)
}

/// Applies the fix-ups to the documents of a live cluster, which need not have the kinds with the faults.
pub fn apply_where_found(model: &mut Model) {
    for fixup in ALL {
        (fixup.apply)(model);
    }
}

fn apply_all(fixups: &[Fixup], model: &mut Model, minor: Minor) -> Result<(), Error> {
    for fixup in fixups.iter().filter(|fixup| fixup.minors.contains(&minor)) {
        if !(fixup.apply)(model) {
            return Err(Error::IdleFixup { name: fixup.name, minor });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Fixup = Fixup { name: "idle", minors: 34..=36, apply: |_| false };

    #[test]
    fn a_fix_up_that_finds_nothing_is_an_error_for_its_minors_alone() {
        let error = apply_all(&[IDLE], &mut Model::default(), 36).expect_err("idle").to_string();
        assert!(error.contains("`idle`") && error.contains("1.36") && error.contains("remove"), "{error}");
        apply_all(&[IDLE], &mut Model::default(), 37).expect("not for this minor");
    }
}
