//! Selectors by labels.

use std::fmt;
use std::str::FromStr;

use compact_str::CompactString;

use super::{SelectorError, parse, validate};
use crate::meta::v1::LabelSelector;
use crate::types::Map;

/// A label selector: requirements that must all be met. The default has none, and selects everything.
///
/// ```
/// use kubewright_core::selector::Selector;
/// use kubewright_core::types::Map;
///
/// let selector: Selector = "app=web,tier in (front, edge),!canary".parse()?;
/// assert!(selector.matches(&Map::from([("app", "web"), ("tier", "edge")])));
/// assert!(!selector.matches(&Map::from([("app", "web")])));
/// # Ok::<(), kubewright_core::selector::SelectorError>(())
/// ```
///
/// Parsed from text, or converted from a [`LabelSelector`] as Deployments, Services and policies have it. Its text is
/// Go's canonical form: requirements sorted by key, values sorted.
///
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Selector {
    /// Sorted by key.
    requirements: Vec<Requirement>,
}

/// One requirement of a [`Selector`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Requirement {
    key: CompactString,
    operator: Operator,
    /// Sorted, without duplicates.
    values: Vec<CompactString>,
}

/// How a [`Requirement`] compares a label with its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operator {
    /// The label has one of the values: `key in (a,b)`.
    In,
    /// The label is absent, or has none of the values: `key notin (a,b)`.
    NotIn,
    /// The label has the value: `key=a`.
    Equals,
    /// Same as [`Equals`](Self::Equals), written `key==a`.
    DoubleEquals,
    /// The label is absent, or has another value: `key!=a`.
    NotEquals,
    /// The label is present: `key`.
    Exists,
    /// The label is absent: `!key`.
    DoesNotExist,
    /// The label is a greater integer: `key>5`.
    GreaterThan,
    /// The label is a smaller integer: `key<5`.
    LessThan,
}

impl Selector {
    /// Creates a selector from requirements.
    pub fn new(requirements: impl IntoIterator<Item = Requirement>) -> Self {
        let mut requirements: Vec<_> = requirements.into_iter().collect();
        requirements.sort_by(|a, b| a.key.cmp(&b.key));
        Self { requirements }
    }

    /// Returns the requirements, sorted by key.
    pub fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }

    /// Whether the selector has no requirements, and selects everything.
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }

    /// Whether an object with these labels is selected.
    pub fn matches(&self, labels: &Map<CompactString>) -> bool {
        self.requirements.iter().all(|requirement| requirement.matches(labels))
    }
}

impl Requirement {
    /// Creates a requirement.
    ///
    /// # Errors
    /// If the key or a value is not valid for a label, or the number of values does not fit the operator: any but zero
    /// for [`In`](Operator::In) and [`NotIn`](Operator::NotIn), none for [`Exists`](Operator::Exists) and
    /// [`DoesNotExist`](Operator::DoesNotExist), one for the others, an integer of 64 bits to compare with.
    pub fn new<V: Into<CompactString>>(
        key: impl Into<CompactString>,
        operator: Operator,
        values: impl IntoIterator<Item = V>,
    ) -> Result<Self, SelectorError> {
        let key = key.into();
        let mut values: Vec<CompactString> = values.into_iter().map(Into::into).collect();
        values.sort();
        values.dedup();
        validate::key(&key)?;
        let fits = match operator {
            Operator::In | Operator::NotIn => !values.is_empty(),
            Operator::Exists | Operator::DoesNotExist => values.is_empty(),
            _ => values.len() == 1,
        };
        if !fits {
            let count = values.len();
            return Err(SelectorError::new(format!("{count} values of {key:?} do not fit the operator {operator:?}")));
        }
        if matches!(operator, Operator::GreaterThan | Operator::LessThan)
            && let Some(value) = values.iter().find(|value| integer(value).is_none())
        {
            return Err(SelectorError::new(format!("the value {value:?} of {key:?} must be an integer")));
        }
        values.iter().try_for_each(|value| validate::value(value))?;
        Ok(Self { key, operator, values })
    }

    /// Returns the label's key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Returns the operator.
    pub fn operator(&self) -> Operator {
        self.operator
    }

    /// Returns the values, sorted.
    pub fn values(&self) -> &[CompactString] {
        &self.values
    }

    /// Whether an object with these labels meets the requirement.
    pub fn matches(&self, labels: &Map<CompactString>) -> bool {
        let label = labels.get(&self.key);
        let is_among = |label: &CompactString| self.values.contains(label);
        let compares = |compare: fn(&i64, &i64) -> bool| {
            let label = label.and_then(|label| integer(label));
            let value = self.values.first().and_then(|value| integer(value));
            label.zip(value).is_some_and(|(label, value)| compare(&label, &value))
        };
        match self.operator {
            Operator::In | Operator::Equals | Operator::DoubleEquals => label.is_some_and(is_among),
            Operator::NotIn | Operator::NotEquals => !label.is_some_and(is_among),
            Operator::Exists => label.is_some(),
            Operator::DoesNotExist => label.is_none(),
            Operator::GreaterThan => compares(i64::gt),
            Operator::LessThan => compares(i64::lt),
        }
    }
}

fn integer(text: &str) -> Option<i64> {
    text.parse().ok()
}

impl FromStr for Selector {
    type Err = SelectorError;

    /// Parses the syntax of `kubectl get -l` and of the query parameter `labelSelector`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let requirements = parse::requirements(text).map_err(|error| error.in_text("label selector", text))?;
        Ok(Self::new(requirements))
    }
}

impl TryFrom<&LabelSelector> for Selector {
    type Error = SelectorError;

    /// Converts a selector as objects have it. An empty one selects everything; what an absent one selects differs by
    /// field.
    ///
    /// <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements>
    fn try_from(selector: &LabelSelector) -> Result<Self, Self::Error> {
        let labels = selector.match_labels.iter();
        let labels = labels.map(|(key, value)| Requirement::new(key.as_str(), Operator::Equals, [value.as_str()]));
        let expressions = selector.match_expressions.iter().map(|expression| {
            let operator = match &*expression.operator {
                "In" => Operator::In,
                "NotIn" => Operator::NotIn,
                "Exists" => Operator::Exists,
                "DoesNotExist" => Operator::DoesNotExist,
                other => return Err(SelectorError::new(format!("{other:?} is not a valid label selector operator"))),
            };
            Requirement::new(expression.key.as_str(), operator, expression.values.iter().map(CompactString::as_str))
        });
        Ok(Self::new(labels.chain(expressions).collect::<Result<Vec<_>, _>>()?))
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.requirements.iter().enumerate().try_for_each(|(index, requirement)| {
            let comma = if index > 0 { "," } else { "" };
            write!(f, "{comma}{requirement}")
        })
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (key, values) = (&self.key, self.values.join(","));
        match self.operator {
            Operator::In => write!(f, "{key} in ({values})"),
            Operator::NotIn => write!(f, "{key} notin ({values})"),
            Operator::Equals => write!(f, "{key}={values}"),
            Operator::DoubleEquals => write!(f, "{key}=={values}"),
            Operator::NotEquals => write!(f, "{key}!={values}"),
            Operator::Exists => write!(f, "{key}"),
            Operator::DoesNotExist => write!(f, "!{key}"),
            Operator::GreaterThan => write!(f, "{key}>{values}"),
            Operator::LessThan => write!(f, "{key}<{values}"),
        }
    }
}
