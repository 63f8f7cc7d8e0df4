//! Conversion webhooks: objects of a kind in another of its versions.
//!
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#webhook-conversion>

use serde_json::{Value, json};

use super::call;
use super::memory::Memory;
use super::question::{Question, Reply};
use super::reviews::ReviewVersion;
use crate::quoted::quoted;
use crate::server::Server;
use crate::status::Status;

/// The group of the reviews that are sent.
const REVIEWS: &str = "apiextensions.k8s.io";

/// How many seconds a conversion has.
const TIMEOUT: u64 = 30;

/// The webhook of a definition whose versions differ.
#[derive(Debug)]
pub(crate) struct ConversionWebhook {
    /// `clientConfig`
    client: Value,
    /// The version of the reviews that it is sent; `None` if it reads none that is known.
    review_version: Option<ReviewVersion>,
}

impl ConversionWebhook {
    /// That of a definition's `spec.conversion`, if it names one.
    pub fn of(conversion: &Value) -> Option<Self> {
        let webhook = &conversion["webhook"];
        let versions = webhook["conversionReviewVersions"].as_array().into_iter().flatten();
        (conversion["strategy"] == "Webhook").then(|| Self {
            client: webhook["clientConfig"].clone(),
            review_version: ReviewVersion::first_of(versions.filter_map(Value::as_str)),
        })
    }

    /// Objects in a version, by what a request knows of it.
    pub fn convert(&self, memory: &Memory, objects: Vec<Value>, version: &str) -> Result<Vec<Value>, Status> {
        let Some(question) = self.question(&objects, version)? else { return Ok(in_version(objects, version)) };
        match memory.ask(vec![question])?.first() {
            Some(reply) => self.read(objects, version, reply),
            None => Err(Status::internal("a conversion webhook was not asked")),
        }
    }

    /// The same at once, without a request.
    pub async fn convert_now(&self, server: &Server, objects: Vec<Value>, version: &str) -> Result<Vec<Value>, Status> {
        let Some(question) = self.question(&objects, version)? else { return Ok(in_version(objects, version)) };
        match call::ask(server, vec![question]).await.first() {
            Some((_, reply)) => self.read(objects, version, reply),
            None => Err(Status::internal("a conversion webhook was not asked")),
        }
    }

    /// The question about those that are of another version; `None` if there are none.
    fn question(&self, objects: &[Value], version: &str) -> Result<Option<Question>, Status> {
        let others: Vec<&Value> = objects.iter().filter(|object| is_converted(object, version)).collect();
        if others.is_empty() {
            return Ok(None);
        }
        let Some(review_version) = self.review_version else {
            return Err(Status::unexplained("no supported conversion review versions"));
        };
        let request = json!({ "desiredAPIVersion": version, "objects": others });
        let review =
            json!({ "kind": "ConversionReview", "apiVersion": review_version.of_group(REVIEWS), "request": request });
        Ok(Some(Question { client: self.client.clone(), timeout: TIMEOUT, review, round: 0 }))
    }

    fn read(&self, objects: Vec<Value>, version: &str, reply: &Reply) -> Result<Vec<Value>, Status> {
        let first = objects.iter().find(|object| is_converted(object, version)).cloned().unwrap_or_default();
        let text = |name: &str| first[name].as_str().unwrap_or_default().to_owned();
        let what = format!("conversion webhook for {}, Kind={}", text("apiVersion"), text("kind"));
        let failed = |why: String| Status::unexplained(format!("{what} failed: {why}"));
        let objects_of = |review| objects_of(review, self.review_version, &reply.uid);
        let converted = reply.review.clone().and_then(objects_of).map_err(failed)?;
        let expected = objects.iter().filter(|object| is_converted(object, version)).count();
        if converted.len() != expected {
            let returned = converted.len();
            return Err(Status::unexplained(format!("{what} returned {returned} objects, expected {expected}")));
        }
        let mut converted = converted.into_iter().enumerate();
        let mut all = Vec::new();
        for object in objects {
            if !is_converted(&object, version) {
                all.extend(in_version(vec![object], version));
                continue;
            }
            let Some((index, new)) = converted.next() else { break };
            let invalid = |why: String| {
                let place = if expected == 1 {
                    "invalid object".to_owned()
                } else {
                    format!("invalid converted object at index {index}")
                };
                Status::unexplained(format!("{what} returned {place}: {why}"))
            };
            all.push(checked(&object, new, version).map_err(invalid)?);
        }
        Ok(all)
    }
}

/// Whether an object is to be converted: not one in which nothing is set.
fn is_converted(object: &Value, version: &str) -> bool {
    let is_empty = object.as_object().is_none_or(|fields| {
        fields.iter().all(|(name, value)| match name.as_str() {
            "apiVersion" | "kind" => true,
            "metadata" => value.as_object().is_some_and(serde_json::Map::is_empty),
            _ => false,
        })
    });
    object["apiVersion"] != version && !is_empty
}

fn in_version(mut objects: Vec<Value>, version: &str) -> Vec<Value> {
    for object in objects.iter_mut().filter(|object| object.is_object()) {
        object["apiVersion"] = json!(version);
    }
    objects
}

/// The objects of a review.
fn objects_of(mut review: Value, version: Option<ReviewVersion>, uid: &str) -> Result<Vec<Value>, String> {
    let is_checked = version != Some(ReviewVersion::V1Beta1);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (version, kind) = (text(&review["apiVersion"]), text(&review["kind"]));
    let expected = ReviewVersion::V1.of_group(REVIEWS);
    if is_checked && (version != expected || kind != "ConversionReview") {
        return Err(format!(
            "expected webhook response of {expected}, Kind=ConversionReview, got {version}, Kind={kind}"
        ));
    }
    let response = &mut review["response"];
    if !response.is_object() {
        return Err("no response provided".to_owned());
    }
    if is_checked && response["uid"] != uid {
        return Err(format!("expected response.uid={}, got {}", quoted(uid), quoted(&text(&response["uid"]))));
    }
    let (status, message) = (text(&response["result"]["status"]), text(&response["result"]["message"]));
    match (status.as_str(), message) {
        ("Success", _) => {}
        (status, message) if message.is_empty() => {
            return Err(format!("response.result.status was '{status}', not 'Success'"));
        }
        (_, message) => return Err(message),
    }
    match response["convertedObjects"].take() {
        Value::Array(objects) => Ok(objects),
        _ => Ok(Vec::new()),
    }
}

/// Checks a converted object, which has the metadata of before, but for labels and annotations.
fn checked(old: &Value, mut new: Value, version: &str) -> Result<Value, String> {
    let given = new["apiVersion"].as_str().unwrap_or_default();
    if given != version {
        return Err(format!("invalid groupVersion (expected {version}, received {given})"));
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (is, was) = (text(&new["kind"]), text(&old["kind"]));
    if is != was {
        return Err(format!("invalid kind (expected {was}, received {is})"));
    }
    for (name, shown) in [("name", "name"), ("namespace", "namespace"), ("uid", "UID")] {
        let (was, is) = (text(&old["metadata"][name]), text(&new["metadata"][name]));
        if was != is {
            return Err(format!("must have the same {shown}: {was} != {is}"));
        }
    }
    if !new["metadata"].is_object() {
        return Err("missing metadata in converted object".to_owned());
    }
    let mut metadata = old["metadata"].clone();
    for name in ["labels", "annotations"] {
        let Value::Object(fields) = &mut metadata else { break };
        match new["metadata"].get(name).filter(|value| !value.is_null()) {
            Some(Value::Object(texts)) if texts.values().all(Value::is_string) => {
                fields.insert(name.to_owned(), Value::Object(texts.clone()));
            }
            Some(_) => return Err(format!("metadata.{name} must be texts in converted object")),
            None => {
                fields.remove(name);
            }
        }
    }
    new["metadata"] = metadata;
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn webhook() -> ConversionWebhook {
        let webhook = json!({ "clientConfig": {}, "conversionReviewVersions": ["v2", "v1"] });
        ConversionWebhook::of(&json!({ "strategy": "Webhook", "webhook": webhook })).expect("a webhook")
    }

    fn object(version: &str, name: &str) -> Value {
        json!({ "apiVersion": version, "kind": "Ferry", "metadata": { "name": name, "uid": name }, "spec": {} })
    }

    fn answered(response: Value) -> Result<Vec<Value>, Status> {
        let review =
            json!({ "apiVersion": "apiextensions.k8s.io/v1", "kind": "ConversionReview", "response": response });
        let reply = Reply { uid: "1".to_owned(), review: Ok(review) };
        webhook().read(vec![object("a/v1", "x"), object("a/v2", "y"), object("a/v1", "z")], "a/v2", &reply)
    }

    #[test]
    fn those_of_another_version_are_asked_about_and_take_their_places() {
        let objects = [object("a/v1", "x"), object("a/v2", "y"), object("a/v1", "z")];
        let question = webhook().question(&objects, "a/v2").expect("a question").expect("a question");
        assert_eq!(question.review["request"]["objects"], json!([objects[0], objects[2]]));
        let mut first = object("a/v2", "x");
        first["metadata"] = json!({ "name": "x", "uid": "x", "labels": { "a": "b" }, "generation": 7 });
        let converted = json!([first, object("a/v2", "z")]);
        let all = answered(json!({ "uid": "1", "result": { "status": "Success" }, "convertedObjects": converted }));
        let all = all.expect("three");
        let names: Vec<&Value> = all.iter().map(|object| &object["metadata"]["name"]).collect();
        assert_eq!(names, ["x", "y", "z"]);
        assert_eq!(all[0]["metadata"], json!({ "name": "x", "uid": "x", "labels": { "a": "b" } }));
        assert!(webhook().question(&[object("a/v2", "y")], "a/v2").expect("none").is_none());
    }

    #[test]
    fn what_can_not_be_used_says_why() {
        let success = json!({ "status": "Success" });
        let changed = |name: &str| json!([object("a/v2", name), object("a/v2", "z")]);
        for (response, why) in [
            (json!({ "uid": "2" }), "failed: expected response.uid=\"1\", got \"2\""),
            (json!({ "uid": "1", "result": { "status": "Failure", "message": "no" } }), "Kind=Ferry failed: no"),
            (json!({ "uid": "1", "result": success, "convertedObjects": [] }), "returned 0 objects, expected 2"),
            (
                json!({ "uid": "1", "result": success, "convertedObjects": changed("other") }),
                "returned invalid converted object at index 0: must have the same name: x != other",
            ),
        ] {
            let status = answered(response).expect_err(why);
            assert!(status.message.ends_with(why), "{}", status.message);
        }
    }
}
