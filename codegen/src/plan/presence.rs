//! How a field tells absent, null and zero apart.

use super::Ty;
use crate::model::{Field, Origin};

/// The Rust type of a field whose value has this type.
///
/// Of Go's types a field is plain where the documents require it, or mark that it is stored by value: with its zero value
/// as default. Lists and maps are plain too, since a server that is written in Go takes absent for empty.
///
/// A custom resource is kept as it was sent, so there an absent value differs from a zero, an absent list from an empty
/// one, and a `null` from both. What has a default is put there if it is absent, required or not, and stays as it is even
/// if the default changes. So a field is plain only if it must be there: required, without a default, and in every minor
/// that has its type (`everywhere`), since a server that lacks the field is not to be sent it.
pub fn of(field: &Field, ty: Ty, origin: Origin, everywhere: bool) -> Ty {
    let collection = matches!(ty, Ty::List(_) | Ty::Map(_));
    match origin {
        Origin::Go if field.is_plain() || collection => ty,
        Origin::Go => ty.optional(),
        Origin::Custom => {
            let must_be_there = field.required && everywhere && field.schema.default.is_none();
            // What a type of the user's makes of null is its own matter: the text that was read is kept.
            if ty.is_of_user() {
                return if must_be_there && !field.schema.nullable { ty } else { ty.optional() };
            }
            let ty = if field.schema.nullable { ty.nullable() } else { ty };
            if must_be_there { ty } else { ty.optional() }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        model::Schema,
        plan::{ModulePath, TypePath},
    };

    fn message() -> Ty {
        Ty::Message(TypePath { module_path: ModulePath::Meta, name: "M".into() })
    }

    fn list() -> Ty {
        Ty::List(Box::new(Ty::STRING))
    }

    fn presence(ty: Ty, origin: Origin, required: bool, default: Option<Value>, nullable: bool) -> Ty {
        let schema = Schema { default, nullable, ..Default::default() };
        of(&Field { name: "x".into(), required, schema, availability: Default::default() }, ty, origin, true)
    }

    #[test]
    fn required_and_zero_by_default_are_plain_in_go() {
        for zero in [json!(""), json!({}), json!(0), json!(0.0), json!(false), json!([])] {
            assert_eq!(presence(message(), Origin::Go, false, Some(zero), false), message());
        }
        assert_eq!(presence(Ty::STRING, Origin::Go, true, Some(json!("TCP")), false), Ty::STRING);
        for origin in [Origin::Go, Origin::Custom] {
            assert_eq!(presence(Ty::STRING, origin, true, None, false), Ty::STRING);
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
    fn what_is_required_in_some_minors_alone_is_optional_in_custom_resources() {
        let field =
            Field { name: "x".into(), required: true, schema: Schema::default(), availability: Default::default() };
        assert_eq!(of(&field, Ty::STRING, Origin::Custom, false), Ty::Option(Box::new(Ty::STRING)));
        assert_eq!(of(&field, Ty::STRING, Origin::Go, false), Ty::STRING);
    }

    #[test]
    fn what_has_a_default_is_optional_in_custom_resources_whatever_it_is() {
        let optional = Ty::Option(Box::new(Ty::STRING));
        for default in [json!("TCP"), json!(""), json!(0), json!(false)] {
            for required in [true, false] {
                assert_eq!(presence(Ty::STRING, Origin::Custom, required, Some(default.clone()), false), optional);
            }
        }
        let boxed = Ty::Option(Box::new(Ty::Box(Box::new(message()))));
        assert_eq!(presence(message(), Origin::Custom, false, Some(json!({})), false), boxed);
        assert_eq!(presence(list(), Origin::Custom, true, Some(json!([])), false), Ty::Option(Box::new(list())));
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
        for required in [true, false] {
            let ty = presence(Ty::STRING, Origin::Custom, required, Some(json!("")), true);
            assert_eq!(ty, Ty::Option(Box::new(nullable.clone())));
        }
        assert_eq!(presence(Ty::STRING, Origin::Go, true, None, true), Ty::STRING);
    }
}
