//! What is checked of a site before it is stored, and what is filled in.

use kubewright_controller::webhook::{AdmissionRequest, Decision, Denial, Mutation, Webhooks};

use crate::site::Site;

/// The paths of the webhooks.
pub const DEFAULT: &str = "/default-sites";
pub const VALIDATE: &str = "/validate-sites";

/// The webhooks.
pub fn all() -> Webhooks {
    Webhooks::new()
        .mutating(DEFAULT, |request: AdmissionRequest<Site>| async move {
            let name = request.name().to_owned();
            match request.object {
                Some(mut site) if site.spec.title.is_empty() => {
                    site.spec.title = name;
                    Mutation::to(site)
                }
                _ => Mutation::unchanged(),
            }
        })
        .validating(VALIDATE, |request: AdmissionRequest<Site>| async move {
            match request.object {
                Some(site) if site.spec.text.contains('<') => {
                    Decision::deny(Denial::new("the text is not HTML").cause("spec.text", "must not contain <"))
                }
                _ => Decision::allow(),
            }
        })
}
