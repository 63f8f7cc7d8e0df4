//! `null` in places where the type has a default.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

/// Reads `null` as the default: `clusters: null` is what kubectl writes for no clusters.
pub(super) fn as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// Reads a list, whose items may be `null` too, as Go does.
pub(super) fn as_default_items<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    let items: Option<Vec<Option<T>>> = Option::deserialize(deserializer)?;
    Ok(items.into_iter().flatten().map(Option::unwrap_or_default).collect())
}

/// Reads a map, whose values may be `null` too, as Go does.
pub(super) fn as_default_values<'de, D, T>(deserializer: D) -> Result<BTreeMap<String, T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    let entries: Option<BTreeMap<String, Option<T>>> = Option::deserialize(deserializer)?;
    Ok(entries.into_iter().flatten().map(|(name, value)| (name, value.unwrap_or_default())).collect())
}
