//! Programs that people would write with kubewright: see the examples of this package.
