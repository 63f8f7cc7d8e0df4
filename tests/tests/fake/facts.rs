//! The measured facts about a real server, by their numbers in the list of them, and what checks each against the fake: a scenario,
//! a test, or a reason why none can.

use std::collections::BTreeSet;

use Checked::{ByScenario, ByTest, Never, NotDone};

/// What checks a fact.
pub enum Checked {
    /// A scenario, which both servers answer.
    ByScenario(&'static str),
    /// A test: its file below `tests/tests`, and its name.
    ByTest(&'static str, &'static str),
    /// Nothing can: it is not an answer, or one that can't be had again at will.
    Never(&'static str),
    /// The fake does not do it, or not alike, which its documentation says.
    NotDone(&'static str),
}

/// A fact: its number, its title, and what checks it.
pub type Fact = (&'static str, &'static str, Checked);

const STREAMS: &str = "fake_streams/sessions.rs";
const LISTEN: &str = "fake_listen.rs";

pub const FACTS: &[Fact] = &[
    (
        "apply a",
        "a manager that applies nothing leaves no entry",
        ByScenario("an apply without data gives up what it had"),
    ),
    ("apply b", "order of applied items", ByScenario("b containers are in the order that is applied")),
    ("apply c", "keys twice", ByScenario("c containers, ports and variables that are there twice")),
    ("apply d", "defaulted keys", ByScenario("d the protocol of a port is in its key and not owned")),
    ("apply e", "null as a map", ByScenario("null and an empty map are owned as such")),
    ("apply f", "an empty map", ByScenario("f an empty map that is owned is in the way of its keys")),
    ("apply g", "equal values of two", ByScenario("g one value of two managers is owned by both")),
    ("apply h", "update and apply by one name", ByScenario("h created, replaced and applied by one name")),
    ("apply i", "missing names, versions, uids", ByScenario("i a stale version and another uid on a present object")),
    ("apply j", "managers in the body", ByScenario("an apply has to say who applies what")),
    ("apply k", "names of managers, force", ByScenario("k a name of a manager that is too long")),
    ("apply l", "other names and kinds", ByScenario("l an apply without a name, or of another kind or version")),
    ("apply m", "nothing changed", ByScenario("m a new manager of equal fields has no time")),
    ("apply n", "force", ByScenario("n force takes a field, and the last one takes the entry")),
    ("apply o", "subresources", ByScenario("o replicas that a scale owns")),
    ("apply p", "ancient changes", ByScenario("the eleventh manager joins the oldest")),
    ("patch a", "strategic patches of custom resources", ByScenario("custom resources are defaulted and pruned")),
    ("patch b", "null in a merge patch", ByScenario("merge patches of a map")),
    ("patch c", "an item that is deleted", ByScenario("c a container is deleted by a patch")),
    ("patch d", "lists that are replaced", ByScenario("d containers are replaced by a patch")),
    ("patch e", "merge keys of ports", ByScenario("e a port of another protocol is merged")),
    ("patch f", "orders of elements", ByScenario("f the order of containers")),
    ("patch g", "tests that fail", ByScenario("JSON patches")),
    ("patch h", "paths that are not there", ByScenario("h operations of a JSON patch that can't be done")),
    ("patch i", "too many operations", ByScenario("i more operations than a JSON patch may have")),
    (
        "patch j",
        "lists of finalizers",
        ByScenario("j finalizers are taken out, merged, and kept twice by a merge patch"),
    ),
    ("patch k", "unknown fields and keys twice", ByScenario("k keys that are there twice")),
    ("patch l", "versions in patches", ByScenario("l a version that is null or empty is none")),
    ("patch m", "empty patches", ByScenario("m patches without a body")),
    ("patch n", "media types", ByScenario("n media types of patches that are none")),
    ("list a", "Exact without a version", ByScenario("a an exact match without a version, or of zero")),
    ("list b", "Exact at zero", ByScenario("a an exact match without a version, or of zero")),
    ("list c", "initial events without a match", ByScenario("c parameters of watches that don't fit")),
    ("list d", "limits of watches", ByScenario("d a limit has no effect on a watch")),
    (
        "list e",
        "a watch from too old a version",
        Never("when a real server's cache forgets is its own; fake/tests/faults.rs has the event"),
    ),
    ("list f", "leaving a selection", ByScenario("f an object that leaves the selection and comes back")),
    ("list g", "time-outs of watches", ByScenario("g a watch with a time-out below zero")),
    ("list h", "tokens of pages", ByScenario("h tokens of pages with other selectors and limits")),
    ("list i", "how many remain", ByScenario("i how many remain is said without selectors alone")),
    (
        "list j",
        "compacted versions",
        Never("a real server compacts by its own clock; fake/tests/pages.rs has the answers"),
    ),
    ("list k", "watches of tables", ByTest("fake_tables.rs", "tables_are_those_of_a_real_server")),
    ("list l", "metadata alone", ByScenario("l metadata alone")),
    ("list m", "the end of initial events", ByScenario("m initial events of a watch and their end")),
    ("list n", "compressed watches", ByScenario("n a watch is compressed if it begins with what is there")),
    (
        "list o",
        "compressed answers",
        ByScenario("o answers are compressed if they are large, for those who say just that"),
    ),
    ("list p", "versions that are none", ByScenario("p versions that are none")),
    ("list q", "versions of the future", ByScenario("q versions of the future")),
    ("list r", "unsupported field selectors", ByScenario("r fields that can't be selected by")),
    ("list s", "names of custom resources", ByScenario("s a custom resource by its name")),
    ("list t", "malformed selectors", ByScenario("t selectors that can't be read")),
    ("list u", "deleted collections", ByScenario("u a deleted collection is the list of before")),
    ("list v", "pods without grace", ByScenario("l generations of a pod")),
    ("list w", "deleted objects", ByScenario("w what a deletion answers")),
    ("list x", "CBOR", ByScenario("x answers in CBOR are not to be had, unless something else is")),
    ("list y", "HEAD and OPTIONS", ByScenario("y HEAD and OPTIONS")),
    ("list z", "documents that are kept", ByScenario("z discovery has tags where it is aggregated")),
    ("new a", "CBOR is off", ByScenario("x answers in CBOR are not to be had, unless something else is")),
    ("new b", "shards", ByTest("fake_shards.rs", "a_selector_is_ignored_without_the_gate")),
    (
        "new c",
        "groups and versions",
        ByTest("pinned_spec.rs", "the_pinned_spec_of_each_minor_is_what_a_server_says_and_says_again"),
    ),
    ("new d", "versions that are comparable", Never("a contract of clients, not an answer")),
    ("new e", "older protocols of exec", ByTest(STREAMS, "clients_of_before_the_close_signal_are_served")),
    ("new f", "SPDY", ByTest(STREAMS, "spdy_and_requests_for_no_other_protocol_are_refused")),
    ("new g", "a default of client-go", Never("of a client")),
    ("new h", "OpenAPI v2", NotDone("the fake has OpenAPI v3 alone")),
    ("new i", "policies that are stable", ByTest("fake_policies.rs", "policies_hold_as_on_a_real_server")),
    ("new j", "resource.k8s.io", Never("a date of a release")),
    ("new k", "features of pods", Never("dates of releases")),
    ("new l", "generations of pods", ByScenario("l generations of a pod")),
    ("X1", "shared items", ByScenario("X1 a container of two managers")),
    ("X2", "updates inside of items", ByScenario("X2 variables that an update added go with the container")),
    ("X3", "what remains of an item", ByScenario("X3 a container of which another manager applies a part")),
    ("X4", "finalizers", ByScenario("X4 finalizers twice in an apply and in a creation")),
    ("X8", "no managers at all", ByScenario("X8 an object without managers is not tracked until the first apply")),
    ("X9", "cleared managers", ByScenario("X9 one empty entry clears the managers too")),
    ("X10", "secrets as text", ByScenario("X10 keys of a secret that were applied as text stay")),
    ("X11", "quantities as text", ByScenario("X11 quantities are compared as text")),
    ("X12", "YAML that is applied", ByScenario("X12 what is applied as YAML")),
    ("X13", "versions with other schemas", ByScenario("X13 a field that the version of an earlier apply lacks")),
    ("Y1", "writes of the status", ByScenario("the status of a deployment is written by itself")),
    ("Y2", "generations", ByScenario("generations of a deployment")),
    ("Y3", "replacements without a version", ByScenario("Y3 kinds that are replaced without a version, and others")),
    ("Y4", "creations by PUT", ByScenario("Y4 kinds that a PUT creates")),
    ("Y5", "bodies of creations", ByScenario("Y5 media types of creations, and documents of YAML")),
    ("Y6", "bodies of another kind", ByScenario("Y6 a view of the metadata is answered to writes")),
    ("Y7", "the last finalizer", ByScenario("Y7 the last finalizer")),
    ("Y8", "bodies of deletions", ByScenario("Y8 a body takes the place of the query")),
    ("Y9", "preconditions, propagation", ByScenario("Y9 preconditions and propagation")),
    ("Y10", "dry runs, collections by pages", ByScenario("Y10 dry runs of services, pods and generated names")),
    ("Y11", "generated names", ByScenario("Y11 generated names")),
    ("Y12", "scales", ByScenario("deployments are scaled")),
    ("Y13", "evictions", ByScenario("Y13 evictions with budgets")),
    ("Y14", "tokens and approvals", ByScenario("a token is requested")),
    ("Y15", "namespaces that end", ByScenario("Y15 what is in a namespace that is finalized lives on")),
    ("Z1", "details and encodings of errors", ByScenario("Z1 errors in protobuf for those who accept nothing else")),
    ("Z2", "warnings", ByScenario("Z2 warnings that are too long, and of letters beyond ASCII")),
    ("Z3", "logs", ByScenario("Z3 logs are not to be had as text alone")),
    ("Z4", "default managers", ByScenario("Z4 the manager is what comes first in the user agent")),
    ("Z5", "what counts as a watch", ByScenario("Z5 what counts as a watch")),
    ("W1", "objects of bookmarks", ByScenario("W1 bookmarks have the zero object of their kind")),
    ("W2", "when bookmarks come", ByTest(LISTEN, "watches_with_initial_events_are_compressed_and_others_are_not")),
    ("W3", "events of a graceful deletion", ByScenario("W3 events of a pod that ends with grace")),
    ("W4", "items of lists", ByScenario("W4 lists of custom resources")),
    ("V1", "how a definition gets served", ByTest("fake_names.rs", "names_that_are_taken_are_not_accepted")),
    ("V2", "defaults and nulls", ByScenario("V2 nulls where there is a default, and where there is none")),
    ("V3", "pruning, sets, numbers, times", ByScenario("V3 integers or texts, times and large numbers")),
    ("V4", "conversion by name alone", ByScenario("V4 a field that the stored version lacks")),
];

/// What is wrong with the list: a fact that is there twice, a check that is not there, or a reason that is not given.
pub fn mistakes(scenarios: &BTreeSet<&str>) -> Vec<String> {
    let mut mistakes = Vec::new();
    let mut ids = BTreeSet::new();
    for (id, title, checked) in FACTS {
        if !ids.insert(id) {
            mistakes.push(format!("{id} is there twice"));
        }
        match checked {
            ByScenario(name) if scenarios.contains(name) => {}
            ByScenario(name) => mistakes.push(format!("{id}, {title}: no scenario is named {name:?}")),
            ByTest(file, test) => {
                let path = format!("{}/tests/{file}", env!("CARGO_MANIFEST_DIR"));
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                if test.is_empty() || !text.contains(&format!("fn {test}(")) {
                    mistakes.push(format!("{id}, {title}: {file} has no test {test:?}"));
                }
            }
            Never(reason) | NotDone(reason) if reason.is_empty() => mistakes.push(format!("{id}, {title}: no reason")),
            Never(_) | NotDone(_) => {}
        }
    }
    mistakes
}
