//! How a field tells absent, null and zero apart.

use super::Ty;
use crate::model::{Field, Origin};

/// The Rust type of a field whose value has this type.
///
/// A field is plain where the documents require it, or mark that it is stored by value: with its zero value as default.
/// Go's lists and maps are plain too, since a server that is written in Go takes absent for empty. A custom resource is
/// kept as it was sent, so there an absent list differs from an empty one, and a `null` from both.
pub fn of(field: &Field, ty: Ty, origin: Origin) -> Ty {
    let plain = field.is_plain();
    let collection = matches!(ty, Ty::List(_) | Ty::Map(_));
    match origin {
        Origin::Go if plain || collection => ty,
        Origin::Custom if field.schema.nullable && field.required => ty.nullable(),
        Origin::Custom if field.schema.nullable => ty.nullable().optional(),
        Origin::Custom if plain => ty,
        Origin::Go | Origin::Custom => ty.optional(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        model::Schema,
        plan::{Home, TypePath},
    };

    fn message() -> Ty {
        Ty::Message(TypePath { home: Home::Meta, name: "M".into() })
    }

    fn list() -> Ty {
        Ty::List(Box::new(Ty::STRING))
    }

    fn presence(ty: Ty, origin: Origin, required: bool, default: Option<Value>, nullable: bool) -> Ty {
        let schema = Schema { default, nullable, ..Default::default() };
        of(&Field { name: "x".into(), required, schema, life: Default::default() }, ty, origin)
    }

    #[test]
    fn required_and_zero_by_default_are_plain() {
        for origin in [Origin::Go, Origin::Custom] {
            assert_eq!(presence(Ty::STRING, origin, true, None, false), Ty::STRING);
            for zero in [json!(""), json!({}), json!(0), json!(0.0), json!(false), json!([])] {
                assert_eq!(presence(message(), origin, false, Some(zero), false), message());
            }
            assert_eq!(
                presence(Ty::STRING, origin, false, Some(json!("TCP")), false),
                Ty::Option(Box::new(Ty::STRING))
            );
            assert_eq!(
                presence(message(), origin, false, None, false),
                Ty::Option(Box::new(Ty::Box(Box::new(message()))))
            );
        }
    }

    #[test]
    fn collections_tell_absent_from_empty_in_custom_resources_alone() {
        assert_eq!(presence(list(), Origin::Go, false, None, false), list());
        assert_eq!(presence(list(), Origin::Custom, false, None, false), Ty::Option(Box::new(list())));
        assert_eq!(presence(list(), Origin::Custom, true, None, false), list());
    }

    #[test]
    fn null_is_a_value_where_custom_resources_say_so() {
        let nullable = Ty::Nullable(Box::new(Ty::STRING));
        assert_eq!(presence(Ty::STRING, Origin::Custom, true, None, true), nullable);
        assert_eq!(presence(Ty::STRING, Origin::Custom, false, None, true), Ty::Option(Box::new(nullable.clone())));
        assert_eq!(presence(Ty::STRING, Origin::Custom, false, Some(json!("")), true), Ty::Option(Box::new(nullable)));
        assert_eq!(presence(Ty::STRING, Origin::Go, true, None, true), Ty::STRING);
    }
}
