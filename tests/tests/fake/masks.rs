//! What differs from run to run, and what stands for it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Whether an address is one that a server chose.
fn is_allocated(text: &str) -> bool {
    text.starts_with("10.0.") && !text.starts_with("10.0.0.")
}

/// The values that differ from run to run, by what stands for them: `{rv1}` for the first version that an answer had, `{uid1}`,
/// `{name1}`, `{list1}` for the version of a list. In requests `{rv-0}` stands for the newest that is known, `{rv-1}` for the one
/// before. What is not known stands for nothing.
#[derive(Default)]
pub struct Masks {
    known: BTreeMap<String, String>,
    counts: BTreeMap<&'static str, usize>,
    /// Whether messages are compared word by word: no more than one mistake is found by Go's maps, which have no order.
    is_exact: bool,
}

impl Masks {
    /// Without any known value.
    pub fn new(is_exact: bool) -> Self {
        Self { is_exact, ..Self::default() }
    }

    fn of(&mut self, sort: &'static str, value: &str) -> String {
        if let Some((mask, _)) = self.known.iter().find(|(mask, known)| mask[1..].starts_with(sort) && *known == value)
        {
            return mask.clone();
        }
        let count = self.counts.entry(sort).or_default();
        *count += 1;
        let mask = format!("{{{sort}{count}}}");
        self.known.insert(mask.clone(), value.to_owned());
        mask
    }

    /// A number that no one had before.
    pub fn next(&mut self, sort: &'static str) -> usize {
        let count = self.counts.entry(sort).or_default();
        *count += 1;
        *count
    }

    pub fn mask(&mut self, value: Value) -> Value {
        match value {
            Value::Object(mut fields) => {
                // The version of a list or a bookmark is that of the whole server, which others write to as well.
                let is_bookmark = fields.get("type").is_some_and(|kind| kind == "BOOKMARK");
                let of_server = if is_bookmark { "/object/metadata" } else { "/metadata" };
                let mut object = Value::Object(fields);
                // In the order of a map of Go.
                if object["kind"] == "ComponentStatusList"
                    && let Some(Value::Array(items)) = object.get_mut("items")
                {
                    items.sort_by_key(|item| item["metadata"]["name"].to_string());
                }
                let is_list = object["items"].is_array() || object["kind"] == "PartialObjectMetadataList";
                let is_of_server = is_bookmark || is_list;
                let version = object.pointer_mut(of_server).and_then(|metadata| metadata.get_mut("resourceVersion"));
                if let Some(version) = version.filter(|_| is_of_server) {
                    let mask = format!("{{list{}}}", self.next("list"));
                    self.known.insert(mask.clone(), version.as_str().unwrap_or_default().to_owned());
                    *version = json!(mask);
                }
                fields = object.as_object().cloned().unwrap_or_default();
                // Who has a certificate has its digest; the user of the fake has none.
                let fields = fields.into_iter().filter(|(name, value)| {
                    let id = &value["authentication.kubernetes.io/credential-id"][0];
                    name != "extra" || !id.as_str().is_some_and(|id| id.starts_with("X509"))
                });
                let masked = fields.into_iter().map(|(name, value)| {
                    let value = match (name.as_str(), &value) {
                        ("resourceVersion", Value::String(text)) if text.starts_with('{') => value,
                        ("name", Value::String(text)) if text.starts_with("gen-") => json!(self.of("name", text)),
                        // The ages in the rows of a table.
                        ("cells", Value::Array(cells)) => {
                            let is_age = |text: &str| {
                                text.strip_suffix('s').is_some_and(|seconds| seconds.parse::<u8>().is_ok())
                            };
                            let cells = cells.iter().map(|cell| match cell.as_str() {
                                Some(text) if is_age(text) => json!("{age}"),
                                _ => cell.clone(),
                            });
                            Value::Array(cells.collect())
                        }
                        // In the order of time, of which the two servers have their own.
                        ("managedFields", Value::Array(entries)) => {
                            let mut entries = entries.clone();
                            entries.sort_by_key(|entry| {
                                ["operation", "manager", "apiVersion", "subresource"]
                                    .map(|name| entry[name].to_string())
                            });
                            self.mask(Value::Array(entries))
                        }
                        // The API server adds one of its own to a set, which has no order in Go.
                        ("finalizers", Value::Array(names))
                            if names.iter().any(|name| name == "foregroundDeletion" || name == "orphan") =>
                        {
                            let mut names = names.clone();
                            names.sort_by_key(Value::to_string);
                            Value::Array(names)
                        }
                        ("resourceVersion", Value::String(text)) if !text.is_empty() => json!(self.of("rv", text)),
                        ("uid", Value::String(text)) if text.len() == 36 => json!(self.of("uid", text)),
                        (
                            "creationTimestamp"
                            | "deletionTimestamp"
                            | "time"
                            | "lastTransitionTime"
                            | "timeAdded"
                            | "lastUpdateTime"
                            | "expirationTimestamp"
                            | "lastPhaseTransitionTime",
                            Value::String(_),
                        ) => json!("{time}"),
                        // By the names of pods, when they were evicted.
                        ("disruptedPods", Value::Object(pods)) => {
                            pods.iter().map(|(name, _)| (name.clone(), json!("{time}"))).collect()
                        }
                        // What is allocated differs, but not those that were asked for: they have low numbers.
                        ("clusterIP", Value::String(text)) if is_allocated(text) => json!(self.of("ip", text)),
                        ("clusterIPs", Value::Array(list)) => list
                            .iter()
                            .map(|ip| match ip.as_str() {
                                Some(text) if is_allocated(text) => json!(self.of("ip", text)),
                                _ => ip.clone(),
                            })
                            .collect(),
                        ("nodePort", Value::Number(number)) if number.as_u64().is_some_and(|number| number > 30085) => {
                            json!(self.of("port", &number.to_string()))
                        }
                        // Signed by the one server, and by nobody for the other.
                        ("token", Value::String(text)) if text.matches('.').count() == 2 && text.len() > 20 => {
                            json!(self.of("token", text))
                        }
                        // It holds the version of the whole server too, so that each is another one.
                        ("continue", Value::String(text)) if !text.is_empty() => {
                            let mask = format!("{{continue{}}}", self.next("continue"));
                            self.known.insert(mask.clone(), text.clone());
                            json!(mask)
                        }
                        // Go's maps have no order, and so the causes that are found by them.
                        ("causes", Value::Array(causes)) => {
                            let mut causes = causes.clone();
                            causes.sort_by_key(Value::to_string);
                            self.mask(Value::Array(causes))
                        }
                        _ => self.mask(value),
                    };
                    (name, value)
                });
                Value::Object(masked.collect())
            }
            Value::Array(items) => Value::Array(items.into_iter().map(|item| self.mask(item)).collect()),
            // Versions that a message quotes in brackets.
            Value::String(text) if text.contains("ResourceVersion in ") => {
                let parts = text.split_inclusive('(').map(|part| match part.split_once(')') {
                    Some((version, rest)) if version.parse::<u64>().is_ok() => {
                        format!("{}){rest}", self.of("rv", version))
                    }
                    _ => part.to_owned(),
                });
                Value::String(parts.collect())
            }
            // The newest version of the whole server.
            Value::String(text) if text.starts_with("Timeout: Too large resource version: ") => {
                let (start, current) = text.rsplit_once(' ').unwrap_or((&text, ""));
                json!(if current.parse::<u64>().is_ok() { format!("{start} {{current}}") } else { text })
            }
            // A token has an id of its own.
            Value::String(text) if text.starts_with("JTI=") => json!("JTI={id}"),
            Value::String(text) if text.len() == 36 && text.matches('-').count() == 4 => json!(self.of("uid", &text)),
            // A generated name that a message quotes.
            Value::String(text) if text.contains("\"gen-") => {
                let parts = text.split("\"gen-").enumerate();
                let parts =
                    parts.map(|(index, part)| if index == 0 { part } else { part.get(5..).unwrap_or_default() });
                Value::String(parts.collect::<Vec<_>>().join("\"{name}"))
            }
            // Which mistakes are found before an unknown field depends on the order of Go's maps.
            Value::String(text) if !self.is_exact && text.contains("field not declared in schema") => {
                let (start, _) = text.split_once("): ").unwrap_or((&text, ""));
                Value::String(format!("{start}): field not declared in schema"))
            }
            // An object that a message quotes, with what Go's decoder says of it.
            Value::String(text)
                if !self.is_exact
                    && (text.contains("Invalid value: \"{") || text.contains("Invalid value: \"map[")) =>
            {
                let start = text.split("Invalid value: \"").next().unwrap_or_default();
                Value::String(format!("{start}Invalid value: {{object}}"))
            }
            // Causes that are found by Go's maps.
            Value::String(text) if !self.is_exact && text.contains(" is invalid: [") => {
                let (start, causes) = text.split_once('[').unwrap_or((&text, ""));
                let mut causes: Vec<&str> = causes.trim_end_matches(']').split(", ").collect();
                causes.sort_unstable();
                Value::String(format!("{start}[{}]", causes.join(", ")))
            }
            // A message that quotes a uid.
            Value::String(text) => {
                let uids: Vec<(String, String)> = self
                    .known
                    .iter()
                    .filter(|(mask, _)| mask.starts_with("{uid"))
                    .map(|(mask, known)| (mask.clone(), known.clone()))
                    .collect();
                Value::String(uids.iter().fold(text, |text, (mask, known)| text.replace(known, mask)))
            }
            other => other,
        }
    }

    /// Puts what a server gave into a later request.
    pub fn unmask(&self, value: &Value) -> Value {
        match value {
            Value::Object(fields) => {
                Value::Object(fields.iter().map(|(name, value)| (name.clone(), self.unmask(value))).collect())
            }
            Value::Array(items) => Value::Array(items.iter().map(|item| self.unmask(item)).collect()),
            Value::String(text) => Value::String(self.unmask_text(text)),
            other => other.clone(),
        }
    }

    pub fn unmask_text(&self, text: &str) -> String {
        let mut text = self.known.iter().fold(text.to_owned(), |text, (mask, known)| text.replace(mask, known));
        for (sort, count) in &self.counts {
            for back in 0..*count {
                let known = self.known.get(&format!("{{{sort}{}}}", count - back));
                text = text.replace(&format!("{{{sort}-{back}}}"), known.map_or("", String::as_str));
            }
        }
        // Those that are not known stand for nothing.
        for sort in ["rv", "uid", "list", "continue"] {
            for number in 0..4 {
                text = text.replace(&format!("{{{sort}-{number}}}"), "").replace(&format!("{{{sort}{number}}}"), "");
            }
        }
        text
    }
}
