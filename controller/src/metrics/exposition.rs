//! The text format of Prometheus.

use std::fmt::{self, Write as _};

use super::HistogramSnapshot;

/// Kind of a metric.
///
/// <https://prometheus.io/docs/concepts/metric_types/>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number that only grows.
    Counter,
    /// A number that also falls.
    Gauge,
    /// A distribution.
    Histogram,
}

/// Collects metrics of several controllers and formats them; its `Display` is the body of a scrape. Values with the same
/// name are written together, as the format requires.
///
/// The content type of a response with it is [`CONTENT_TYPE`](Self::CONTENT_TYPE).
#[derive(Clone, Debug, Default)]
pub struct Exposition {
    families: Vec<Family>,
}

#[derive(Clone, Debug)]
struct Family {
    name: &'static str,
    help: &'static str,
    kind: Kind,
    samples: String,
}

impl Exposition {
    /// The media type of the text format.
    pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

    /// Creates an empty collection.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a number.
    pub fn number(
        &mut self,
        kind: Kind,
        name: &'static str,
        help: &'static str,
        labels: &[(&str, &str)],
        value: impl fmt::Display,
    ) {
        let samples = &mut self.family(name, help, kind).samples;
        write_sample(samples, name, "", labels, None, value);
    }

    /// Adds a distribution of durations, in seconds.
    pub fn histogram(
        &mut self,
        name: &'static str,
        help: &'static str,
        labels: &[(&str, &str)],
        snapshot: &HistogramSnapshot,
    ) {
        let samples = &mut self.family(name, help, Kind::Histogram).samples;
        for (bound, count) in &snapshot.buckets {
            let bound = if bound.is_finite() { bound.to_string() } else { "+Inf".to_owned() };
            write_sample(samples, name, "_bucket", labels, Some(&bound), count);
        }
        write_sample(samples, name, "_sum", labels, None, snapshot.sum.as_secs_f64());
        write_sample(samples, name, "_count", labels, None, snapshot.count());
    }

    fn family(&mut self, name: &'static str, help: &'static str, kind: Kind) -> &mut Family {
        let index = self.families.iter().position(|family| family.name == name).unwrap_or_else(|| {
            self.families.push(Family { name, help, kind, samples: String::new() });
            self.families.len() - 1
        });
        &mut self.families[index]
    }
}

impl fmt::Display for Exposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Family { name, help, kind, samples } in &self.families {
            let kind = match kind {
                Kind::Counter => "counter",
                Kind::Gauge => "gauge",
                Kind::Histogram => "histogram",
            };
            write!(f, "# HELP {name} {help}\n# TYPE {name} {kind}\n{samples}")?;
        }
        Ok(())
    }
}

fn write_sample(
    text: &mut String,
    name: &str,
    suffix: &str,
    labels: &[(&str, &str)],
    bound: Option<&str>,
    value: impl fmt::Display,
) {
    let labels = labels.iter().copied().chain(bound.map(|bound| ("le", bound)));
    let mut separator = '{';
    text.push_str(name);
    text.push_str(suffix);
    for (label, value) in labels {
        text.push(separator);
        separator = ',';
        text.push_str(label);
        text.push_str("=\"");
        for letter in value.chars() {
            match letter {
                '\\' => text.push_str("\\\\"),
                '"' => text.push_str("\\\""),
                '\n' => text.push_str("\\n"),
                other => text.push(other),
            }
        }
        text.push('"');
    }
    if separator == ',' {
        text.push('}');
    }
    // Writing to a string can't fail.
    let _ = writeln!(text, " {value}");
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::metrics::Histogram;

    #[test]
    fn values_of_one_name_stand_together_and_labels_are_escaped() {
        let mut exposition = Exposition::new();
        for controller in ["a", "b\"\\\n"] {
            exposition.number(Kind::Counter, "adds_total", "Number of adds", &[("controller", controller)], 3);
            exposition.number(Kind::Gauge, "depth", "Depth", &[], 1.5);
        }
        assert_eq!(
            exposition.to_string(),
            "# HELP adds_total Number of adds\n# TYPE adds_total counter\n\
             adds_total{controller=\"a\"} 3\nadds_total{controller=\"b\\\"\\\\\\n\"} 3\n\
             # HELP depth Depth\n# TYPE depth gauge\ndepth 1.5\ndepth 1.5\n"
        );
    }

    #[test]
    fn a_histogram_is_written_with_its_bounds_sum_and_count() {
        let histogram = Histogram::new(&[0.5]);
        histogram.observe(Duration::from_millis(250));
        histogram.observe(Duration::from_secs(2));
        let mut exposition = Exposition::new();
        exposition.histogram("work_seconds", "Work", &[("name", "q")], &histogram.snapshot());
        let text = exposition.to_string();
        let samples: Vec<_> = text.lines().skip(2).collect();
        assert_eq!(
            samples,
            [
                "work_seconds_bucket{name=\"q\",le=\"0.5\"} 1",
                "work_seconds_bucket{name=\"q\",le=\"+Inf\"} 2",
                "work_seconds_sum{name=\"q\"} 2.25",
                "work_seconds_count{name=\"q\"} 2",
            ]
        );
    }
}
