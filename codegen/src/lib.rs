//! kubewright generator.
