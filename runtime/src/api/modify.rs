//! Support for generated handles: read, change and replace.

use super::{Handle, Object};
use crate::request::{Change, ModifyRequest};

impl<K: Object> Handle<K> {
    /// Reads the named object, changes it and replaces it, retrying on conflict.
    pub fn modify<'a, R: Change>(
        &self,
        name: &str,
        mut change: impl FnMut(&mut K) -> R + Send + 'a,
    ) -> ModifyRequest<'a, K> {
        ModifyRequest::new(self, name, None, Box::new(move |object| change(object).into_result()))
    }

    /// Reads the named object, changes it and replaces a subresource that has the whole object, retrying on conflict.
    pub fn modify_sub<'a, R: Change>(
        &self,
        name: &str,
        subresource: &str,
        mut change: impl FnMut(&mut K) -> R + Send + 'a,
    ) -> ModifyRequest<'a, K> {
        ModifyRequest::new(self, name, Some(subresource), Box::new(move |object| change(object).into_result()))
    }
}
