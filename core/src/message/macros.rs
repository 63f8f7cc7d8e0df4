//! Implementations shared by all generated messages and enums.

/// Implements, for a generated type with a table, [`Field`](crate::message::Field), `PartialEq`, `Debug`, `From` into an
/// optional field, and the serde traits, each a one-line call of the engine that walks the table.
#[macro_export]
macro_rules! message {
    ($($ty:ident),* $(,)?) => {$(
        impl $crate::message::Field for $ty {
            #[inline]
            fn as_slot(&mut self) -> $crate::message::Slot<'_> {
                $crate::message::Slot::Message(self)
            }

            #[inline]
            fn as_value(&self) -> $crate::message::Value<'_> {
                $crate::message::Value::Message(self)
            }
        }

        // What an optional field holds, without `Some(Box::new(…))` around each level.
        impl ::core::convert::From<$ty> for ::core::option::Option<::std::boxed::Box<$ty>> {
            fn from(message: $ty) -> Self {
                ::core::option::Option::Some(::std::boxed::Box::new(message))
            }
        }

        impl ::core::cmp::PartialEq for $ty {
            fn eq(&self, other: &Self) -> bool {
                $crate::reflect::equal(self, other)
            }
        }

        impl ::core::fmt::Debug for $ty {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                $crate::reflect::debug(self, f)
            }
        }

        impl $crate::serde::Serialize for $ty {
            fn serialize<S: $crate::serde::Serializer>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error> {
                $crate::reflect::serialize(self, serializer)
            }
        }

        impl<'de> $crate::serde::Deserialize<'de> for $ty {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(deserializer: D) -> ::core::result::Result<Self, D::Error> {
                $crate::reflect::deserialize(deserializer)
            }
        }

        $crate::schema_of_message!($ty);
    )*};
}

/// The schema of a type that has a table; nothing without the core's feature `schemars`.
#[cfg(feature = "schemars")]
#[doc(hidden)]
#[macro_export]
macro_rules! schema_of_message {
    ($ty:ident) => {
        impl $crate::schemars::JsonSchema for $ty {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($ty).into()
            }

            fn json_schema(_: &mut $crate::schemars::SchemaGenerator) -> $crate::schemars::Schema {
                $crate::reflect::schema(&mut <$ty as ::core::default::Default>::default())
            }
        }
    };
}

/// The schema of a type that has a table; nothing without the core's feature `schemars`.
#[cfg(not(feature = "schemars"))]
#[doc(hidden)]
#[macro_export]
macro_rules! schema_of_message {
    ($ty:ident) => {};
}

/// The schema of an open enum; nothing without the core's feature `schemars`.
#[cfg(feature = "schemars")]
#[doc(hidden)]
#[macro_export]
macro_rules! schema_of_enum {
    ($ty:ident) => {
        impl $crate::schemars::JsonSchema for $ty {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($ty).into()
            }

            fn json_schema(generator: &mut $crate::schemars::SchemaGenerator) -> $crate::schemars::Schema {
                <str as $crate::schemars::JsonSchema>::json_schema(generator)
            }
        }
    };
}

/// The schema of an open enum; nothing without the core's feature `schemars`.
#[cfg(not(feature = "schemars"))]
#[doc(hidden)]
#[macro_export]
macro_rules! schema_of_enum {
    ($ty:ident) => {};
}

/// Defines an open string enum: the documented values, and `Other` for any further ones.
///
/// A value that requires a feature of the crate is followed by the feature's name: `Never = "Never" if "v1_36"`.
/// Without the feature it is one of the others. Values are compared by their text, so that `Other("Never")` equals
/// `Never`. To match on one that may have no variant, match on its `as_str()`: another crate of the program may enable
/// the feature.
///
/// ```
/// kubewright_core::open_enum! {
///     /// When the kubelet pulls an image.
///     pub enum PullPolicy {
///         /// Before every start.
///         Always = "Always",
///         /// Never.
///         Never = "Never",
///     }
/// }
/// assert_eq!(PullPolicy::from("Always"), PullPolicy::Always);
/// assert_eq!(PullPolicy::from("Sometimes").as_str(), "Sometimes");
/// ```
#[macro_export]
macro_rules! open_enum {
    ($(#[$meta:meta])* pub enum $name:ident {
        $($(#[$vmeta:meta])* $variant:ident = $text:literal $(if $feature:tt)?),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$vmeta])* $(#[cfg(feature = $feature)])? $variant,)*
            /// An undocumented value, or the empty string of an unset field.
            Other($crate::CompactString),
        }

        impl $name {
            /// Returns the value as the server writes it.
            pub fn as_str(&self) -> &str {
                match self {
                    $($(#[cfg(feature = $feature)])? Self::$variant => $text,)*
                    Self::Other(text) => text,
                }
            }
        }

        // By their text, so that a value is equal whether or not a feature has a variant for it.
        impl ::core::cmp::PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.as_str() == other.as_str()
            }
        }

        impl ::core::cmp::Eq for $name {}

        impl ::core::cmp::PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> ::core::option::Option<::core::cmp::Ordering> {
                ::core::option::Option::Some(self.cmp(other))
            }
        }

        impl ::core::cmp::Ord for $name {
            fn cmp(&self, other: &Self) -> ::core::cmp::Ordering {
                self.as_str().cmp(other.as_str())
            }
        }

        impl ::core::hash::Hash for $name {
            fn hash<H: ::core::hash::Hasher>(&self, state: &mut H) {
                ::core::hash::Hash::hash(self.as_str(), state);
            }
        }

        impl ::core::default::Default for $name {
            fn default() -> Self {
                Self::Other($crate::CompactString::const_new(""))
            }
        }

        impl ::core::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($(#[cfg(feature = $feature)])? $text => Self::$variant,)*
                    _ => Self::Other(text.into()),
                }
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl ::core::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl ::core::cmp::PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl ::core::cmp::PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        impl $crate::message::OpenEnum for $name {
            fn as_str(&self) -> &str {
                self.as_str()
            }

            fn set(&mut self, text: &str) {
                *self = text.into();
            }
        }

        impl $crate::message::Field for $name {
            #[inline]
            fn as_slot(&mut self) -> $crate::message::Slot<'_> {
                $crate::message::Slot::Enum(self)
            }

            #[inline]
            fn as_value(&self) -> $crate::message::Value<'_> {
                $crate::message::Value::Enum(self)
            }

            fn is_set(&self) -> bool {
                !self.as_str().is_empty()
            }
        }

        impl $crate::serde::Serialize for $name {
            fn serialize<S: $crate::serde::Serializer>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(deserializer: D) -> ::core::result::Result<Self, D::Error> {
                let text = <$crate::CompactString as $crate::serde::Deserialize<'de>>::deserialize(deserializer)?;
                ::core::result::Result::Ok(text.as_str().into())
            }
        }

        $crate::schema_of_enum!($name);
    };
}

/// Implements a generated type from its table: the table, the mapping to the struct's fields, and what
/// [`message!`](crate::message!) implements. Features refer to those of the crate that contains the type.
///
/// Fields whose types stand on serde come last, after `serde`; an optional one is followed by `if Option::is_some`.
#[doc(hidden)]
#[macro_export]
macro_rules! table {
    ($ty:ident($group:literal, $version:literal, $kind:literal $(, $lists:literal)?): $($fields:tt)*) => {
        $crate::table! { @impl $ty [$($lists)?] Some($crate::message::Gvk { group: $group, version: $version, kind: $kind }); $($fields)* }
    };
    ($ty:ident: $($fields:tt)*) => {
        $crate::table! { @impl $ty [] None; $($fields)* }
    };
    (@impl $ty:ident [$($lists:literal)?] $gvk:expr;
        $($(#[$cfg:meta])? $index:literal $place:ident $key:literal { $($fact:tt)* };)*
        $(serde $at:literal $value:ident $name:literal $(if $is_some:path)? { $($of_value:tt)* };)*
    ) => {
        impl $crate::message::MessageType for $ty {
            fn table() -> &'static $crate::message::Descriptor {
                static TABLE: $crate::message::Descriptor = $crate::message::Descriptor::new(
                    stringify!($ty),
                    $gvk,
                    &[
                        $($(#[$cfg])? $crate::message::FieldDesc { key: concat!("\"", $key, "\":"), $($fact)* ..$crate::message::FIELD },)*
                        $($crate::message::FieldDesc { key: concat!("\"", $name, "\":"), $($of_value)* ..$crate::message::FIELD },)*
                    ],
                )$(.lists_are($lists))?;
                &TABLE
            }
        }

        impl $crate::message::Message for $ty {
            fn descriptor(&self) -> &'static $crate::message::Descriptor {
                <Self as $crate::message::MessageType>::table()
            }

            fn slot(&mut self, field: usize) -> $crate::message::Slot<'_> {
                match field {
                    $($(#[$cfg])? $index => $crate::message::Field::as_slot(&mut self.$place),)*
                    $($at => $crate::message::Slot::Serde($crate::message::SerdeSlot::new(&mut self.$value, &mut self.unknown_fields, $name)),)*
                    _ => $crate::message::Slot::None,
                }
            }

            fn value(&self, field: usize) -> $crate::message::Value<'_> {
                match field {
                    $($(#[$cfg])? $index => $crate::message::Field::as_value(&self.$place),)*
                    $($at $(if $is_some(&self.$value))? => $crate::message::Value::Serde($crate::message::SerdeValue::new(&self.$value, &self.unknown_fields, $name)),)*
                    _ => $crate::message::Value::Absent,
                }
            }

            fn set_fields(&self) -> u64 {
                let marks = 0;
                $($(#[$cfg])? let marks = marks | $crate::message::mark($index, $crate::message::Field::is_set(&self.$place));)*
                $(
                    let is_set = !$crate::message::is_default_value($crate::message::Message::value(self, $at));
                    $(let is_set = is_set || $is_some(&self.$value);)?
                    let marks = marks | $crate::message::mark($at, is_set);
                )*
                marks
            }

            fn unknown_fields(&self) -> &$crate::message::UnknownFields {
                &self.unknown_fields
            }

            fn unknown_fields_mut(&mut self) -> &mut $crate::message::UnknownFields {
                &mut self.unknown_fields
            }
        }

        // Else the compiler goes through all types that a type is made of, six for each `Option<Box<…>>`, and gives up at 128:
        // `cargo doc` does so for each type.
        impl ::std::panic::RefUnwindSafe for $ty {}

        $crate::message!($ty);
    };
}
