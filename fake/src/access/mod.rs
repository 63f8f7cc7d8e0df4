//! Who may do what: users, and what the roles and bindings in the store grant them.
//!
//! A request goes through here before its path is looked up: impersonation, then the authorizer. The default user is in
//! `system:masters`, and is never asked for a role.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/rbac/>

mod accounts;
mod attributes;
mod authorize;
mod covers;
mod default_roles;
mod escalation;
mod grants;
mod impersonate;
mod rule;
mod tokens;
mod user;

use std::sync::Arc;

use crate::api::Call;
use crate::server::Server;
use crate::status::Status;
use impersonate::{impersonate, wanted};

pub(crate) use accounts::{ISSUER, Issued};
pub(crate) use attributes::Attributes;
pub(crate) use authorize::{Authorizer, Decision, together};
pub(crate) use default_roles::store_default_roles;
pub(crate) use escalation::check_escalation;
pub(crate) use grants::grants;
pub(crate) use impersonate::{LastModes, requested_user};
pub(crate) use tokens::Tokens;
pub(crate) use user::User;

/// Lets a request in: as the user that it impersonates, if it may, and if that user may make it.
///
/// # Errors
///
/// 403 if it may not; 400 if it impersonates nobody by name.
pub(crate) fn admit(server: &Server, call: &mut Call) -> Result<(), Status> {
    let wanted = wanted(&call.headers)?;
    if wanted.is_none() && call.user.is_privileged() {
        return Ok(());
    }
    let attributes = Attributes::of(call);
    let state = &mut *server.state();
    let authorizer = Authorizer { store: &state.store, minor: server.documents.minor };
    if let Some(wanted) = wanted {
        let impersonated = impersonate(authorizer, &mut state.impersonations, (&call.user, &wanted), &attributes)?;
        call.user = Arc::new(impersonated);
    }
    authorizer.check(&call.user, &attributes)
}
