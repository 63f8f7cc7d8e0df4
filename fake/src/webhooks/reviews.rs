//! The versions of reviews: the first of those that a webhook reads.
//!
//! In `v1beta1` neither the uid nor the version of an answer is checked, and a patch is one whatever its type.

/// A version of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReviewVersion {
    V1,
    V1Beta1,
}

impl ReviewVersion {
    /// The first that is known.
    pub fn first_of<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        names.into_iter().find_map(|name| [Self::V1, Self::V1Beta1].into_iter().find(|known| known.name() == name))
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V1Beta1 => "v1beta1",
        }
    }

    /// The version of a review's group.
    pub fn of_group(self, group: &str) -> String {
        format!("{group}/{}", self.name())
    }
}
