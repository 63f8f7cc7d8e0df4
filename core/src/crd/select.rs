//! Field selectors of custom resources.

use std::fmt;

use crate::selector::FieldTerm;

/// A field that field selectors may name (`selectableFields` of a CustomResourceDefinition).
///
/// ```
/// use kubewright_core::crd::SelectableField;
///
/// const COLOR: SelectableField = SelectableField::new("spec.color");
/// assert_eq!(COLOR.is("blue"), "spec.color=blue");
/// assert_eq!(COLOR.is_not("a,b"), r"spec.color!=a\,b");
/// ```
///
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SelectableField {
    name: &'static str,
}

impl SelectableField {
    /// Creates a field from its name in selectors: the path without the point in front.
    pub const fn new(name: &'static str) -> Self {
        Self { name }
    }

    /// Returns its name, such as `spec.color`.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// Returns the selector of objects whose field has this value. An absent field has the empty value.
    pub fn is(self, value: impl fmt::Display) -> String {
        FieldTerm::new(self.name, true, value.to_string()).to_string()
    }

    /// Returns the selector of objects whose field has another value.
    pub fn is_not(self, value: impl fmt::Display) -> String {
        FieldTerm::new(self.name, false, value.to_string()).to_string()
    }
}

/// Formats as its name.
impl fmt::Display for SelectableField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
