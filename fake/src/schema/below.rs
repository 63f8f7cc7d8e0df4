//! What there may be somewhere inside a value, by its schema: a walk over an object passes by all in which it has nothing to do.

use super::places::{Others, Place, Places};

/// What there may be at a place or anywhere below it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Below {
    /// Fields that have defaults.
    pub defaults: bool,
    /// Scalars that have a form: quantities, times, and data in base64.
    pub forms: bool,
}

impl Below {
    fn and(self, other: Self) -> Self {
        Self { defaults: self.defaults || other.defaults, forms: self.forms || other.forms }
    }

    /// Finds it for all places, from those inside to those around them, until references in a circle add nothing.
    pub fn find(places: &mut Places) {
        loop {
            let mut is_changed = false;
            for number in 0..places.len() {
                let Some(place) = places.get(number) else { break };
                let found = Self::of(place, places);
                if found != place.below {
                    is_changed = true;
                    places.set_below(number, found);
                }
            }
            if !is_changed {
                return;
            }
        }
    }

    fn of(place: &Place, places: &Places) -> Self {
        let at = |number: u32| places.get(number).map(|place| place.below).unwrap_or_default();
        let own = Self { defaults: place.facts.has_default, forms: place.facts.has_form };
        let of_others = place.others.and_then(|others| match others {
            Others::Of(number) => Some(number),
            Others::Undescribed | Others::None => None,
        });
        let fields = place.properties.iter().flat_map(|properties| properties.iter().map(|(_, number)| number));
        fields.chain(place.items).chain(of_others).chain(place.resolved).map(at).fold(own, Self::and)
    }
}
