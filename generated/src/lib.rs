//! The typed Kubernetes client.
