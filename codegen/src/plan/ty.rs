//! The Rust types of fields.

use super::ModulePath;

/// The types of the runtime that stand for one value, as far as built-in kinds have them.
pub const LEAVES: [&str; 10] = [
    "ByteString",
    "CompactString",
    "Duration",
    "FieldsV1",
    "IntOrString",
    "MicroTime",
    "Number",
    "Quantity",
    "RawJson",
    "Time",
];

/// The Rust type of a field.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ty {
    /// A type of the runtime that stands for one value: `CompactString`, `Time`, `RawJson`.
    Leaf(&'static str),
    /// A primitive type: `bool`, `i32`, `i64`, `f64`.
    Primitive(&'static str),
    /// A generated struct.
    Message(TypePath),
    /// A generated enum.
    Enum(TypePath),
    /// `Vec`.
    List(Box<Ty>),
    /// `Map`.
    Map(Box<Ty>),
    /// `Option`.
    Option(Box<Ty>),
    /// `Box`.
    Box(Box<Ty>),
    /// `Nullable`.
    Nullable(Box<Ty>),
    /// A type of the user's, as it is spelled in the program: serde reads and writes it.
    User(String),
}

/// A generated type, wherever it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypePath {
    /// Where it lives.
    pub module_path: ModulePath,
    /// Its name in Rust.
    pub name: String,
}

impl Ty {
    /// Text.
    pub const STRING: Self = Self::Leaf("CompactString");
    /// Any JSON.
    pub const JSON: Self = Self::Leaf("RawJson");

    /// The same, in an `Option`; messages are boxed, so that absent ones cost a pointer.
    pub fn optional(self) -> Self {
        Self::Option(Box::new(self.boxed()))
    }

    /// The same, as one that may be null.
    pub fn nullable(self) -> Self {
        Self::Nullable(Box::new(self.boxed()))
    }

    fn boxed(self) -> Self {
        if matches!(self, Self::Message(_)) { Self::Box(Box::new(self)) } else { self }
    }

    /// Whether it is an `Option`.
    pub fn is_optional(&self) -> bool {
        matches!(self, Self::Option(_))
    }

    /// Whether it is a type of the user's, or an `Option` of one.
    pub fn is_of_user(&self) -> bool {
        match self {
            Self::User(_) => true,
            Self::Option(inner) => inner.is_of_user(),
            _ => false,
        }
    }

    /// The message in it: alone, or in lists, maps, options and boxes.
    pub fn message(&self) -> Option<&TypePath> {
        match self {
            Self::Message(path) => Some(path),
            Self::List(inner) | Self::Map(inner) | Self::Option(inner) | Self::Box(inner) | Self::Nullable(inner) => {
                inner.message()
            }
            Self::Leaf(_) | Self::Primitive(_) | Self::Enum(_) | Self::User(_) => None,
        }
    }

    /// Every generated type in it.
    pub fn generated(&self) -> Option<&TypePath> {
        match self {
            Self::Message(path) | Self::Enum(path) => Some(path),
            Self::List(inner) | Self::Map(inner) | Self::Option(inner) | Self::Box(inner) | Self::Nullable(inner) => {
                inner.generated()
            }
            Self::Leaf(_) | Self::Primitive(_) | Self::User(_) => None,
        }
    }

    /// The message that stands in the field itself, without a pointer in between.
    pub fn inline(&self) -> Option<&TypePath> {
        match self {
            Self::Message(path) => Some(path),
            _ => None,
        }
    }
}
