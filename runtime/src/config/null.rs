//! `null` in places where the type has a default.

use serde::{Deserialize, Deserializer};

/// Reads `null` as the default: `clusters: null` is what kubectl writes for no clusters.
pub(super) fn as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}
