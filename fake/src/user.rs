//! Users of a fake cluster.

use std::fmt;
use std::sync::Arc;

use crate::access::User;
use crate::cluster::{FakeCluster, FakeService};
use crate::server::Server;

/// A user of a [`FakeCluster`], who may do what the roles and bindings in it grant, and nothing else.
///
/// Each request is authorized as by the [RBAC authorizer](https://kubernetes.io/docs/reference/access-authn-authz/rbac/) of a real API
/// server, by the roles and bindings at that moment. A request that is not allowed is answered with 403, with a real
/// server's message.
///
/// ```
/// use kubewright::prelude::*;
/// use kubewright_fake::FakeCluster;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let cluster = FakeCluster::builder().build()?;
/// let jane = cluster.as_user("jane").groups(["shop-team"]).client();
/// let refused = jane.core_v1().secrets("shop").list().await.expect_err("no role allows it");
/// assert!(refused.is_forbidden());
/// assert!(refused.to_string().contains("User \"jane\" cannot list resource \"secrets\""), "{refused}");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct FakeUser {
    server: Arc<Server>,
    user: User,
    /// The default namespace of clients.
    namespace: String,
}

impl FakeCluster {
    /// A user of that name, in the group `system:authenticated`. No such user has to be there: a name is all that
    /// bindings know.
    pub fn as_user(&self, name: &str) -> FakeUser {
        self.user(User::authenticated(name), "default")
    }

    /// A service account, as a pod of it is: the user `system:serviceaccount:NAMESPACE:NAME`, in the groups of all service accounts
    /// and of those of the namespace, which is the default one of its clients. The `ServiceAccount` itself need not be there.
    ///
    /// <https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/>
    pub fn as_service_account(&self, namespace: &str, name: &str) -> FakeUser {
        self.user(User::service_account(namespace, name), namespace)
    }

    /// Whoever sends no credentials: the user `system:anonymous` in the group `system:unauthenticated`.
    ///
    /// <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-requests>
    pub fn as_anonymous(&self) -> FakeUser {
        self.user(User::anonymous(), "default")
    }

    fn user(&self, user: User, namespace: &str) -> FakeUser {
        FakeUser { server: self.server().clone(), user, namespace: namespace.to_owned() }
    }
}

impl FakeUser {
    /// Puts the user into groups, beside those it is in already. Members of `system:masters` may do everything.
    pub fn groups<I>(mut self, groups: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        for group in groups {
            self.user.join(group.into());
        }
        self
    }

    /// Sets the user's UID [default: none].
    pub fn uid(mut self, uid: &str) -> Self {
        uid.clone_into(&mut self.user.uid);
        self
    }

    /// Adds a value to one of the user's extra fields, such as `authentication.kubernetes.io/node-name`.
    ///
    /// <https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/self-subject-review-v1/>
    pub fn extra(mut self, key: &str, value: &str) -> Self {
        self.user.extra.entry(key.to_owned()).or_default().push(value.to_owned());
        self
    }

    /// The API for this user, as a [`tower::Service`].
    pub fn service(&self) -> FakeService {
        FakeService::new(self.server.clone(), self.user.clone())
    }

    /// A client whose requests are this user's. Its default namespace is `default`, and that of a service account its own.
    #[cfg(feature = "client")]
    pub fn client(&self) -> kubewright::Client {
        self.service().into_client(&self.namespace)
    }

    #[cfg(feature = "listen")]
    pub(crate) fn identity(&self) -> (&User, &str) {
        (&self.user, &self.namespace)
    }
}

impl fmt::Debug for FakeUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let User { name, groups, .. } = &self.user;
        f.debug_struct("FakeUser")
            .field("name", name)
            .field("groups", groups)
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}
