//! Which fields are secrets, so that `Debug` does not print them.

use crate::{error::Error, model::Model};

/// Fields of Kubernetes' own types that hold secrets, by schema and field.
///
/// Left out on purpose: a CertificateSigningRequest's fields and CA bundles (public by nature), and the many
/// `…SecretRef` fields (names of secrets, not secrets).
const RULES: &[(&str, &str)] = &[
    ("io.k8s.api.core.v1.Secret", "data"),
    ("io.k8s.api.core.v1.Secret", "stringData"),
    ("io.k8s.api.authentication.v1.TokenRequestStatus", "token"),
    ("io.k8s.api.authentication.v1.TokenReviewSpec", "token"),
];

/// Whether a field is a secret.
pub fn is_secret(schema: &str, field: &str) -> bool {
    RULES.contains(&(schema, field))
}

/// Fails if a rule matches nothing: it may have been misspelled, or the field may have moved.
pub fn check(model: &Model) -> Result<(), Error> {
    for (schema, field) in RULES {
        let found = model.types.get(*schema).is_some_and(|def| match &def.schema.shape {
            crate::model::Shape::Object(object) => object.fields.iter().any(|known| known.name == *field),
            _ => false,
        });
        if !found {
            return Err(Error::IdleSecretRule { rule: format!("{schema}.{field}") });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_without_its_field_is_an_error() {
        let error = check(&Model::default()).expect_err("no types").to_string();
        assert!(error.contains("io.k8s.api.core.v1.Secret.data"), "{error}");
    }
}
