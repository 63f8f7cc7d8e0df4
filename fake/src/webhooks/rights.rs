//! What the rights of a user are found in.

use crate::access::{Attributes, User};
use crate::store::Store;

/// What `authorizer` decides by.
pub(crate) struct Rights<'a> {
    pub store: &'a Store,
    pub minor: u32,
    pub user: &'a User,
    /// `authorizer.requestResource`
    pub requested: Attributes,
}
