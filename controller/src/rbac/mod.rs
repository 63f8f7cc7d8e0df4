//! RBAC rules of a program, computed from what it declares to do.
//!
//! [`Rules`] collects the operations; [`Rules::manifests`] turns them into a service account, roles and bindings with the
//! fewest rules that grant exactly these.
//!
//! ```
//! use kubewright::apps::v1::Deployment;
//! use kubewright::core::v1::ConfigMap;
//! use kubewright_controller::rbac::Rules;
//!
//! let rules = Rules::new().watches::<Deployment>().status::<Deployment>().watches::<ConfigMap>().applies::<ConfigMap>();
//! let manifests = rules.manifests("shop-operator", "shop-system");
//! let role = manifests.cluster_role.expect("it watches all namespaces");
//! assert_eq!(role.rules.len(), 3);
//! ```
//!
//! A test compares the declared rules with those that the program's requests [need](Rules::needed_for):
//!
//! ```
//! use http::{Method, Uri};
//! use kubewright::core::v1::ConfigMap;
//! use kubewright_controller::rbac::Rules;
//!
//! let declared = Rules::new().watches::<ConfigMap>();
//! let sent = [(Method::PATCH, Uri::from_static("/api/v1/namespaces/shop/configmaps/prices"))];
//! let missing = declared.missing(&Rules::needed_for(sent.iter().map(|(method, uri)| (method, uri))));
//! assert_eq!(missing.to_string(), "patch configmaps prices\n");
//! ```
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/rbac/>

mod manifests;
mod needed;
mod policy;
mod rules;
#[cfg(test)]
mod tests;
mod verb;

pub use manifests::Manifests;
pub use rules::Rules;
pub use verb::Verb;
