//! What is there in some of the merged minors alone: features that turn it on, and marks on what is gone.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::{Options, Target, documents::Minor, model::Availability, plan::Plan};

/// The feature of a minor: `v1_36`.
pub fn feature(minor: Minor) -> String {
    format!("v1_{minor}")
}

/// Makes the attributes.
#[derive(Clone, Copy, Debug)]
pub struct Gates {
    /// The oldest minor, where several were merged.
    oldest: Option<Minor>,
    /// Whether the crate has features for them. The runtime, which every tree stands on, has all its types at any time.
    features: bool,
}

impl Gates {
    /// The gates of a plan.
    pub fn new(plan: &Plan, options: &Options) -> Self {
        let oldest = plan.minors.first().copied().filter(|_| plan.minors.len() > 1);
        Self { oldest, features: options.target != Target::Meta }
    }

    /// The minor whose feature turns something on that is part of something else, if that does not need it already.
    pub fn since(&self, availability: Availability, whole: Availability) -> Option<Minor> {
        let oldest = self.oldest.filter(|_| self.features)?;
        Some(availability.since).filter(|since| *since > oldest && *since > whole.since)
    }

    /// The minor that has something no more, if that is not said of what it is part of already.
    fn until(&self, availability: Availability, whole: Availability) -> Option<Minor> {
        availability.until.filter(|until| self.features && whole.until.is_none_or(|whole| *until < whole))
    }

    /// The attribute that turns something on.
    pub fn cfg(&self, availability: Availability, whole: Availability) -> TokenStream {
        self.since(availability, whole).map(cfg).unwrap_or_default()
    }

    /// The attribute that marks what is gone.
    pub fn deprecated(&self, availability: Availability, whole: Availability) -> TokenStream {
        let Some(until) = self.until(availability, whole) else { return TokenStream::new() };
        let (feature, note) = (feature(until), note(until));
        quote!(#[cfg_attr(feature = #feature, deprecated(note = #note))])
    }

    /// Both.
    pub fn attributes(&self, availability: Availability, whole: Availability) -> TokenStream {
        let (cfg, deprecated) = (self.cfg(availability, whole), self.deprecated(availability, whole));
        quote!(#cfg #deprecated)
    }

    /// The attribute that turns something on, as text on a line of its own.
    pub fn cfg_line(&self, availability: Availability, whole: Availability, indent: &str) -> String {
        self.since(availability, whole).map(|since| format!("{indent}{}\n", cfg_text(since))).unwrap_or_default()
    }

    /// The attribute that marks what is gone, as text on a line of its own.
    pub fn deprecated_line(&self, availability: Availability, whole: Availability, indent: &str) -> String {
        let line = |until| {
            format!("{indent}#[cfg_attr(feature = {:?}, deprecated(note = {:?}))]\n", feature(until), note(until))
        };
        self.until(availability, whole).map(line).unwrap_or_default()
    }

    /// For the client at run time: which servers have something, unless they are those that have what it is part of.
    pub fn served(&self, ty: &TokenStream, availability: Availability, whole: Availability) -> Option<TokenStream> {
        let (since, until) = self.span(availability, whole)?;
        let [since, until] = [since, until].map(|minor| minor.map(Literal::u32_unsuffixed));
        let since = since.map_or_else(|| quote!(#ty::ALWAYS), |since| quote!(#ty::since(#since)));
        Some(until.map_or_else(|| since.clone(), |until| quote!(#since.until(#until))))
    }

    /// For people: since when there is something, and until when, as far as it differs from what it is part of.
    pub fn told(&self, availability: Availability, whole: Availability) -> Option<String> {
        Some(match self.span(availability, whole)? {
            (Some(since), Some(until)) => format!("Since Kubernetes 1.{since}, removed in 1.{until}."),
            (Some(since), None) => format!("Since Kubernetes 1.{since}."),
            (None, Some(until)) => format!("Removed in Kubernetes 1.{until}."),
            (None, None) => return None,
        })
    }

    /// From which minor on there is something, and from which on no more, as far as it differs from what it is part of.
    fn span(&self, availability: Availability, whole: Availability) -> Option<(Option<Minor>, Option<Minor>)> {
        let oldest = self.oldest?;
        let since = Some(availability.since).filter(|since| *since > oldest && *since > whole.since);
        let until = availability.until.filter(|until| whole.until.is_none_or(|whole| *until < whole));
        (since.is_some() || until.is_some()).then_some((since, until))
    }
}

/// The attribute of a minor's feature.
pub fn cfg(since: Minor) -> TokenStream {
    let feature = feature(since);
    quote!(#[cfg(feature = #feature)])
}

/// The same as text.
pub fn cfg_text(since: Minor) -> String {
    format!("#[cfg(feature = {:?})]", feature(since))
}

fn note(until: Minor) -> String {
    format!("removed in Kubernetes 1.{until}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALWAYS: Availability = Availability { since: 0, until: None };
    const GATES: Gates = Gates { oldest: Some(34), features: true };

    #[test]
    fn only_what_is_newer_than_its_whole_has_a_gate() {
        let availability = Availability { since: 36, until: None };
        assert_eq!(GATES.since(availability, ALWAYS), Some(36));
        assert_eq!(GATES.since(availability, availability), None);
        assert_eq!(GATES.since(Availability { since: 34, until: None }, ALWAYS), None);
        assert_eq!(Gates { oldest: None, ..GATES }.since(availability, ALWAYS), None, "one minor alone");
        assert_eq!(Gates { features: false, ..GATES }.since(availability, ALWAYS), None, "the runtime");
    }

    #[test]
    fn what_is_gone_is_marked_once() {
        let availability = Availability { since: 0, until: Some(36) };
        assert_eq!(
            GATES.deprecated_line(availability, ALWAYS, ""),
            "#[cfg_attr(feature = \"v1_36\", deprecated(note = \"removed in Kubernetes 1.36\"))]\n"
        );
        assert_eq!(GATES.deprecated_line(availability, availability, ""), "");
    }

    #[test]
    fn docs_name_both_the_first_and_the_last_minor() {
        let told = |since, until| GATES.told(Availability { since, until }, ALWAYS);
        assert_eq!(told(0, None), None);
        assert_eq!(told(35, None).as_deref(), Some("Since Kubernetes 1.35."));
        assert_eq!(told(0, Some(36)).as_deref(), Some("Removed in Kubernetes 1.36."));
        assert_eq!(told(35, Some(36)).as_deref(), Some("Since Kubernetes 1.35, removed in 1.36."));
    }
}
