//! A value that may be an explicit `null`, for the fields of custom resources where null and absent differ.

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

/// A value, or an explicit `null`.
///
/// A field that a CustomResourceDefinition marks `nullable: true` has three states, which the server distinguishes: an
/// absent field receives its default, a `null` stays a null
/// (see [Defaulting and Nullable](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#defaulting-and-nullable)).
/// Such a field is an `Option<Nullable<T>>`: `None` is absent. The default is `Null`.
///
/// In a struct that derives `Deserialize`, such a field needs
/// `#[serde(default, deserialize_with = "deserialize_present", skip_serializing_if = "Option::is_none")]`, as serde
/// itself reads a `null` into any `Option` as `None`; see [`deserialize_present`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Nullable<T> {
    /// An explicit `null`.
    #[default]
    Null,
    /// A value.
    Value(T),
}

impl<T> Nullable<T> {
    /// Whether this is `null`.
    pub const fn is_null(&self) -> bool {
        matches!(self, Nullable::Null)
    }

    /// Returns a reference to the value.
    pub const fn as_ref(&self) -> Nullable<&T> {
        match self {
            Nullable::Null => Nullable::Null,
            Nullable::Value(value) => Nullable::Value(value),
        }
    }

    /// Returns a mutable reference to the value.
    pub const fn as_mut(&mut self) -> Nullable<&mut T> {
        match self {
            Nullable::Null => Nullable::Null,
            Nullable::Value(value) => Nullable::Value(value),
        }
    }

    /// Converts into the value; `None` if this is `null`.
    pub fn into_option(self) -> Option<T> {
        match self {
            Nullable::Null => None,
            Nullable::Value(value) => Some(value),
        }
    }

    /// Applies `f` to the value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Nullable<U> {
        match self {
            Nullable::Null => Nullable::Null,
            Nullable::Value(value) => Nullable::Value(f(value)),
        }
    }
}

/// Deserializes a present field, even if it is `null`: the `deserialize_with` of an `Option<Nullable<T>>`.
pub fn deserialize_present<'de, D, T>(deserializer: D) -> Result<Option<Nullable<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Nullable::deserialize(deserializer).map(Some)
}

impl<T> From<T> for Nullable<T> {
    fn from(value: T) -> Self {
        Nullable::Value(value)
    }
}

impl<T> From<Nullable<T>> for Option<T> {
    fn from(value: Nullable<T>) -> Self {
        value.into_option()
    }
}

impl<T: Serialize> Serialize for Nullable<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Nullable::Null => serializer.serialize_unit(),
            Nullable::Value(value) => value.serialize(serializer),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Nullable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Option::<T>::deserialize(deserializer)? {
            None => Nullable::Null,
            Some(value) => Nullable::Value(value),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Spec {
        #[serde(default, deserialize_with = "deserialize_present", skip_serializing_if = "Option::is_none")]
        size: Option<Nullable<i64>>,
    }

    #[test]
    fn absent_null_and_a_value_stay_apart() {
        for (text, size) in
            [("{}", None), (r#"{"size":null}"#, Some(Nullable::Null)), (r#"{"size":3}"#, Some(Nullable::Value(3)))]
        {
            let spec: Spec = serde_json::from_str(text).expect("a spec");
            assert_eq!(spec.size, size);
            assert_eq!(serde_json::to_string(&spec).expect("plain data"), text);
        }
    }

    #[test]
    fn it_converts_from_a_value_and_into_an_option() {
        let mut size: Nullable<i64> = 3.into();
        if let Nullable::Value(size) = size.as_mut() {
            *size += 1;
        }
        assert_eq!(size.as_ref().map(|n| n + 1).into_option(), Some(5));
        assert_eq!(Option::<i64>::from(Nullable::default()), None);
        assert!(!size.is_null());
    }
}
