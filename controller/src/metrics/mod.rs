//! Metrics of queues and controllers, in the [text format] that Prometheus scrapes.
//!
//! Names, labels and buckets are those of controller-runtime, so that existing dashboards and alerts work. The numbers are
//! atomic counters that cost nothing to keep; they can also be read one by one.
//!
//! [text format]: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format

mod exposition;
mod histogram;

pub use exposition::{Exposition, Kind};
pub use histogram::{Histogram, HistogramSnapshot};
