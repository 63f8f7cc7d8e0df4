//! What generated handles stand on for changes that are read, made and written back.

use super::{Handle, Object};
use crate::request::{Change, ModifyRequest};

impl<K: Object> Handle<K> {
    /// Reads an object, changes it and writes it back.
    pub fn modify<'a, R: Change>(
        &self,
        name: &str,
        mut change: impl FnMut(&mut K) -> R + Send + 'a,
    ) -> ModifyRequest<'a, K> {
        ModifyRequest::new(self, name, None, Box::new(move |object| change(object).into_result()))
    }

    /// Reads an object, changes it and writes a subresource back that shows the whole object.
    pub fn modify_sub<'a, R: Change>(
        &self,
        name: &str,
        subresource: &str,
        mut change: impl FnMut(&mut K) -> R + Send + 'a,
    ) -> ModifyRequest<'a, K> {
        ModifyRequest::new(self, name, Some(subresource), Box::new(move |object| change(object).into_result()))
    }
}
