//! Validation of derived kinds, by the schema of the definition that is made of them.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::{Schema, Validate};
use crate::crd::CustomResource;
use crate::resource::Resource;

/// The schemas of the kinds that were asked for, which are made once.
static SCHEMAS: Mutex<Option<HashMap<TypeId, &'static Schema>>> = Mutex::new(None);

impl<K: CustomResource> Validate for K {
    fn schema() -> &'static Schema {
        let mut schemas = SCHEMAS.lock().unwrap_or_else(PoisonError::into_inner);
        let schemas = schemas.get_or_insert_default();
        // One for each type of the program: as many as statics would be.
        schemas.entry(TypeId::of::<K>()).or_insert_with(|| Box::leak(Box::new(make::<K>())))
    }
}

fn make<K: CustomResource>() -> Schema {
    let version = <K as Resource>::RESOURCE.version;
    match K::crd_json() {
        Ok(crd) => Schema::of_crd(&crd, version).unwrap_or_else(|error| Schema::missing(error.to_string())),
        Err(error) => Schema::missing(error.to_string()),
    }
}
