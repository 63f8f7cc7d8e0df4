//! Texts such as logs: whole, as lines, as bytes, and gone on with when the connection breaks. The server is a script.
#![allow(missing_docs)]

mod support;

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use http::{Request, Response};
use http_body::Frame;
use http_body_util::StreamBody;
use kubewright_runtime::api::Handle;
use kubewright_runtime::log::{FollowEvent, Instance, LineEnd};
use kubewright_runtime::request::TextRequest;
use kubewright_runtime::transport::{Body, BoxError};
use kubewright_runtime::{Client, Resource as _};
use support::{Log, Widget, refusal, scripted};
use tokio::io::AsyncReadExt as _;
use tokio::time::Instant;

fn log(client: &Client) -> TextRequest<Widget> {
    Handle::<Widget>::namespaced(client, Widget::RESOURCE, "shop").text_sub("w", "log")
}

/// A body that comes in these pieces, and then breaks off or ends.
fn body(pieces: &[&[u8]], breaks: bool) -> Response<Body> {
    let mut frames: Vec<Result<Frame<Bytes>, BoxError>> =
        pieces.iter().map(|piece| Ok(Frame::data(Bytes::copy_from_slice(piece)))).collect();
    if breaks {
        frames.push(Err(io::Error::from(io::ErrorKind::ConnectionReset).into()));
    }
    Response::new(Body::wrap(StreamBody::new(stream::iter(frames))))
}

fn text(text: &str) -> Response<Body> {
    body(&[text.as_bytes()], false)
}

fn broken(text: &str) -> Response<Body> {
    body(&[text.as_bytes()], true)
}

#[tokio::test]
async fn a_text_is_read_whole_as_text_or_as_it_is() {
    let raw = b"caf\xe9 \xff\n";
    let (client, _) = scripted([body(&[raw], false), body(&[raw], false), body(&[&raw[..4], &raw[4..]], false)]);
    assert_eq!(log(&client).await.expect("text"), "caf\u{fffd} \u{fffd}\n");
    assert_eq!(log(&client).bytes().await.expect("bytes"), &raw[..]);
    let mut read = Vec::new();
    log(&client).reader().await.expect("a reader").read_to_end(&mut read).await.expect("read");
    assert_eq!(read, raw);
}

#[tokio::test]
async fn a_text_that_breaks_off_is_an_error_that_names_the_request() {
    let (client, _) = scripted([broken("a\nb"), broken("a\nb"), broken("a\nb"), refusal(404, "NotFound")]);
    let error = log(&client).await.expect_err("broken off");
    assert!(error.is_connection() && error.to_string().contains("/widgets/w/log"), "{error}");

    let mut lines = log(&client).lines().await.expect("lines");
    assert_eq!(lines.next().await.expect("a line").expect("whole").to_string(), "a");
    let error = lines.next().await.expect("an end").expect_err("broken off");
    assert!(error.is_connection() && error.to_string().contains("/widgets/w/log"), "{error}");
    assert!(lines.next().await.is_none());

    let mut reader = log(&client).reader().await.expect("a reader");
    let error = reader.read_to_end(&mut Vec::new()).await.expect_err("broken off");
    let error = error.downcast::<kubewright_runtime::Error>().expect("the client's error");
    assert!(error.is_connection(), "{error}");

    assert!(log(&client).lines().await.expect_err("none").is_not_found());
}

#[tokio::test]
async fn lines_have_their_times_where_they_were_asked_for() {
    let stamped = "2026-01-01T00:00:00.000000001Z a b\n2026-01-01T00:00:00.000000002Z \n";
    let (client, seen) = scripted([text(stamped), text(stamped)]);
    let lines: Vec<_> =
        log(&client).query("timestamps", "true").lines().await.expect("open").try_collect().await.expect("lines");
    assert_eq!(lines.iter().map(ToString::to_string).collect::<Vec<_>>(), ["a b", ""]);
    let times: Vec<_> = lines.iter().map(|line| line.time.expect("a time").subsec_nanos()).collect();
    assert_eq!(times, [1, 2]);
    let lines: Vec<_> = log(&client).lines().await.expect("open").try_collect().await.expect("lines");
    assert!(lines[0].time.is_none() && lines[0].text().starts_with("2026-"));
    assert!(seen.lock().expect("ok")[0].target.ends_with("/widgets/w/log?timestamps=true"));
}

#[tokio::test]
async fn a_line_over_the_limit_comes_in_pieces() {
    let (client, _) = scripted([body(&[b"abc", b"defg\nh", b"i"], false)]);
    let lines = log(&client).lines().await.expect("open").max_line_bytes(5);
    let lines: Vec<_> = lines.map_ok(|line| (line.to_string(), line.end)).try_collect().await.expect("lines");
    let expected = [("abcde", LineEnd::Continues), ("fg", LineEnd::Newline), ("hi", LineEnd::EndOfText)];
    assert_eq!(lines, expected.map(|(text, end)| (text.to_owned(), end)));
}

#[tokio::test(start_paused = true)]
async fn a_log_that_is_followed_outlives_the_read_timeout_and_another_answer_does_not() {
    let inner = tower::service_fn(|_: Request<Body>| async {
        tokio::time::sleep(Duration::from_secs(100)).await;
        let late = stream::once(async {
            tokio::time::sleep(Duration::from_secs(100)).await;
            Ok::<_, BoxError>(Frame::data(Bytes::from_static(b"late\n")))
        });
        Ok::<_, BoxError>(Response::new(Body::wrap(StreamBody::new(late))))
    });
    let mut config = kubewright_runtime::Config::new("http://localhost".parse().expect("an address"));
    config.read_timeout = Some(Duration::from_secs(10));
    let stack = kubewright_runtime::transport::stack(&config, inner).expect("layers");
    let client = Client::from_service(stack, "default");
    let error = log(&client).lines().await.expect_err("silent");
    assert!(error.is_timeout(), "{error:?}");
    let lines: Vec<_> = log(&client).query("follow", "true").lines().await.expect("open").collect().await;
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].as_ref().expect("no timeout").to_string(), "late");
}

/// A server that always answers in the same way.
fn always(answer: impl Fn() -> Response<Body> + Send + Sync + 'static) -> Client {
    let answer = Arc::new(answer);
    let service = tower::service_fn(move |_: Request<Body>| {
        let answer = answer();
        async { Ok::<_, BoxError>(answer) }
    });
    Client::from_service(service, "default")
}

/// Lines with their times.
const LINES: [&str; 6] = [
    "2026-01-01T00:00:01.000000001Z one\n",
    "2026-01-01T00:00:01.000000001Z one\n",
    "2026-01-01T00:00:01.000000001Z \u{20ac}\n",
    "2026-01-01T00:00:02.500000000Z three\n",
    "2026-01-01T00:00:02.400000000Z four\n",
    "2026-01-01T00:00:04.000000000Z five\n",
];
const TEXTS: [&str; 6] = ["one", "one", "\u{20ac}", "three", "four", "five"];

/// One word for an event.
fn word(event: Result<FollowEvent, kubewright_runtime::Error>) -> String {
    match event {
        Ok(FollowEvent::Line(line)) => line.to_string(),
        Ok(FollowEvent::Gap { after }) => format!("gap after {:?}", after.map(|time| time.to_string())),
        Ok(FollowEvent::Retrying { .. }) => "retry".to_owned(),
        Ok(other) => format!("{other:?}"),
        Err(error) => format!("error: {error}"),
    }
}

/// What becomes of the writer: each time it is asked, the next.
fn instances(states: impl IntoIterator<Item = Instance>) -> impl Fn() -> Instance + Send + 'static {
    let states = Mutex::new(states.into_iter().collect::<std::collections::VecDeque<_>>());
    move || {
        let mut states = states.lock().expect("ok");
        let next = states.front().copied().expect("a state");
        if states.len() > 1 {
            states.pop_front();
        }
        next
    }
}

fn targets(log: &Log) -> Vec<String> {
    let log = log.lock().expect("ok");
    log.iter().map(|seen| seen.target.split_once("/log?").expect("a query").1.to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn wherever_the_connection_breaks_each_line_comes_once() {
    let whole = LINES.concat();
    for at in 0..=whole.len() {
        // From the second before that of the newest whole line on, everything comes again.
        let before = LINES.iter().scan(0, |end, line| {
            *end += line.len();
            Some(*end)
        });
        let newest = match before.filter(|end| *end <= at).count() {
            0 => 0,
            1..=3 => 1,
            4..=5 => 2,
            _ => 4,
        };
        let rest: String =
            LINES.iter().filter(|line| line[18..19].parse::<i32>().expect("a second") >= newest - 1).copied().collect();
        let first = body(&[&whole.as_bytes()[..at]], true);
        let (client, seen) = scripted([first, text(&rest)]);
        let words: Vec<_> = log(&client).follow_lines(|| Instance::Running).map(word).collect().await;
        let words: Vec<_> = words.iter().filter(|word| *word != "retry").collect();
        assert_eq!(words, TEXTS.iter().collect::<Vec<_>>(), "broken off at {at}: {:?}", targets(&seen));
        let expected = if newest == 0 {
            "timestamps=true".to_owned()
        } else {
            let second = newest - 1;
            format!("timestamps=true&sinceTime=2026-01-01T00%3A00%3A0{second}Z").replace("%3A", ":")
        };
        assert_eq!(targets(&seen)[1], expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_log_is_followed_until_its_writer_has_stopped_and_then_read_to_its_end() {
    let (client, seen) = scripted([
        text(&LINES[..2].concat()),
        text(&LINES[..3].concat()),
        broken(&LINES[2..4].concat()),
        text(&(LINES.concat() + "2026-01-01T00:00:05Z no line end")),
    ]);
    let instance = instances([Instance::Running, Instance::Running, Instance::Running, Instance::Stopped]);
    let request = log(&client).query("follow", "true").query("tailLines", "2").query("container", "app");
    let words: Vec<_> = request.follow_lines(instance).map(word).collect().await;
    assert_eq!(words, ["one", "one", "\u{20ac}", "three", "retry", "four", "five", "no line end"]);
    let targets = targets(&seen);
    assert_eq!(targets[0], "follow=true&tailLines=2&container=app&timestamps=true");
    assert_eq!(targets[1], "follow=true&container=app&timestamps=true&sinceTime=2026-01-01T00:00:00Z");
    assert_eq!(targets[3], "container=app&timestamps=true&sinceTime=2026-01-01T00:00:01Z");
}

#[tokio::test(start_paused = true)]
async fn the_rest_of_a_run_is_read_when_another_has_begun() {
    let (client, seen) = scripted([broken(LINES[0]), text(&LINES[..3].concat())]);
    let request = log(&client).query("follow", "true");
    let words: Vec<_> = request.follow_lines(|| Instance::Replaced).map(word).collect().await;
    assert_eq!(words, ["one", "retry", "one", "\u{20ac}"]);
    assert!(targets(&seen)[1].ends_with("&previous=true") && !targets(&seen)[1].contains("follow"));

    // It may have been deleted already.
    let (client, _) = scripted([broken(LINES[0]), refusal(400, "BadRequest")]);
    let request = log(&client).query("follow", "true");
    let words: Vec<_> = request.follow_lines(|| Instance::Replaced).map(word).collect().await;
    assert_eq!(words, ["one", "retry", r#"gap after Some("2026-01-01T00:00:01.000000001Z")"#]);
}

#[tokio::test(start_paused = true)]
async fn a_writer_that_is_gone_ends_its_log_and_only_what_may_be_missing_is_told() {
    for (first, second, expected) in [
        (text(LINES[3]), None, vec!["three"]),
        (broken(LINES[3]), None, vec!["three", "retry", "gap"]),
        // A server that shuts down ends a text as well: what was written since is gone.
        (text(LINES[3]), Some(refusal(404, "NotFound")), vec!["three", "gap"]),
        (broken(LINES[3]), Some(refusal(404, "NotFound")), vec!["three", "retry", "gap"]),
    ] {
        let instance = if second.is_some() { Instance::Running } else { Instance::Gone };
        let (client, _) = scripted([Some(first), second].into_iter().flatten());
        let events = log(&client).query("follow", "true").follow_lines(move || instance);
        let words: Vec<_> = events.map(word).collect().await;
        let words: Vec<_> = words.iter().map(|word| word.split(' ').next().expect("a word")).collect();
        assert_eq!(words, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_text_is_that_of_the_log_only_if_nothing_more_comes_when_it_is_asked_for_again() {
    let gap = r#"gap after Some("2026-01-01T00:00:01.000000001Z")"#;
    let (running, gone) = (Instance::Running, Instance::Gone);
    for (answers, states, expected) in [
        // Each state is looked at when a text ends, and before the log is asked for again.
        (vec![LINES[0]], vec![running, gone], vec!["one", gap]),
        (vec![LINES[0], LINES[0]], vec![running, running, running, gone], vec!["one"]),
        (vec![LINES[0], LINES[0]], vec![running, running, gone], vec!["one"]),
        // The log has been rotated.
        (vec![LINES[0], ""], vec![running, running, gone], vec!["one", gap]),
        (vec![LINES[0], LINES[3]], vec![running, running, gone], vec!["one", gap]),
    ] {
        let (client, _) = scripted(answers.iter().map(|answer| text(answer)));
        let request = log(&client).query("follow", "true");
        let words: Vec<_> = request.follow_lines(instances(states)).map(word).collect().await;
        assert_eq!(words, expected, "{answers:?}");
    }
    // There may be a line that came since, and then the server that has it is gone.
    let more = LINES[0].to_owned() + LINES[3];
    let (client, _) = scripted([text(LINES[0]), text(&more)]);
    let request = log(&client).query("follow", "true");
    let words: Vec<_> = request.follow_lines(instances([running, running, running, gone])).map(word).collect().await;
    assert_eq!(words, ["one", "three", r#"gap after Some("2026-01-01T00:00:02.500000000Z")"#]);
    // Nothing is followed, and the log was rotated while there was no connection.
    let (client, _) = scripted([broken(LINES[0]), text("")]);
    let words: Vec<_> = log(&client).follow_lines(|| Instance::Running).map(word).collect().await;
    assert_eq!(words, ["one", "retry", gap]);
}

#[tokio::test(start_paused = true)]
async fn lines_that_may_be_missing_are_told() {
    // The log was rotated while there was no connection: what was given last is not in it.
    let (client, _) = scripted([broken(LINES[0]), text(&LINES[3..].concat())]);
    let words: Vec<_> = log(&client).follow_lines(|| Instance::Running).map(word).collect().await;
    assert_eq!(words, ["one", "retry", r#"gap after Some("2026-01-01T00:00:01.000000001Z")"#, "three", "four", "five"]);
    // Of the newest lines only were asked for, and they are others by now.
    let (client, _) = scripted([broken(""), text(LINES[3])]);
    let request = log(&client).query("tailLines", "1");
    let words: Vec<_> = request.follow_lines(|| Instance::Running).map(word).collect().await;
    assert_eq!(words, ["retry", "gap after None", "three"]);
    // With nothing in between, nothing can be missing.
    let (client, seen) = scripted([broken(""), text(LINES[3])]);
    let request = log(&client).query("sinceSeconds", "60");
    let words: Vec<_> = request.follow_lines(|| Instance::Running).map(word).collect().await;
    assert_eq!(words, ["retry", "three"]);
    assert_eq!(targets(&seen)[1], "timestamps=true&sinceSeconds=60");
}

#[tokio::test(start_paused = true)]
async fn what_the_kubelet_says_is_given_once_and_the_end_of_a_long_line_not_again() {
    let said = "unable to retrieve container logs for containerd://x\n";
    let (client, _) = scripted([
        text(LINES[0]),
        text(&format!("{}{said}", LINES[0])),
        text(said),
        text(&format!("the end of a long line\n{}{}", LINES[0], LINES[3])),
        text(LINES[3]),
    ]);
    let instance = instances([Instance::Running; 6].into_iter().chain([Instance::Stopped]));
    let words: Vec<_> = log(&client).query("follow", "true").follow_lines(instance).map(word).collect().await;
    assert_eq!(words, ["one", said.trim_end(), "three"]);
}

#[tokio::test(start_paused = true)]
async fn a_log_that_does_not_come_is_an_error_after_a_bounded_number_of_attempts() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let service = tower::service_fn(move |_: Request<Body>| {
        count.fetch_add(1, Ordering::SeqCst);
        async { Err::<Response<Body>, _>(io::Error::from(io::ErrorKind::ConnectionRefused)) }
    });
    let client = Client::from_service(service, "default");
    let events = log(&client).query("follow", "true").follow_lines(|| Instance::Running).max_attempts(4);
    let words: Vec<_> = events.map(word).collect().await;
    assert_eq!(words[..3], ["retry", "retry", "retry"]);
    assert!(words[3].starts_with("error: ") && words.len() == 4, "{words:?}");
    assert_eq!(asked.load(Ordering::SeqCst), 4);
}

#[tokio::test(start_paused = true)]
async fn a_log_of_which_nothing_new_comes_is_asked_for_less_and_less_often_and_given_up() {
    // Before each connection breaks, the same line comes again, and the same words of the kubelet.
    let client = always(|| broken(&format!("{}the kubelet's words\n", LINES[0])));
    let events = log(&client).query("follow", "true").follow_lines(|| Instance::Running).max_attempts(4);
    let words: Vec<_> = events.map(word).take(20).collect().await;
    assert_eq!(words[..5], ["one", "the kubelet's words", "retry", "retry", "retry"]);
    assert!(words[5].starts_with("error: ") && words.len() == 6, "{words:?}");

    // A text that ends as it should is no failure, but nothing to ask for ten times a second either.
    let client = always(|| text(LINES[0]));
    let instance = instances([Instance::Running; 20].into_iter().chain([Instance::Stopped]));
    let start = Instant::now();
    let words: Vec<_> = log(&client).query("follow", "true").follow_lines(instance).map(word).collect().await;
    assert_eq!(words, ["one"]);
    assert!(start.elapsed() > Duration::from_secs(10), "by the paused clock, {:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn new_lines_and_long_connections_are_a_new_start() {
    let count = AtomicUsize::new(0);
    let client = always(move || {
        // From a second before the newest line on, as it is asked for.
        let newest = count.fetch_add(1, Ordering::SeqCst);
        let seconds = newest.max(2) - 1..=newest + 1;
        broken(&seconds.map(|second| format!("2026-01-01T00:00:{second:02}.5Z new\n")).collect::<String>())
    });
    let events = log(&client).query("follow", "true").follow_lines(|| Instance::Running).max_attempts(2);
    let words: Vec<_> = events.map(word).take(10).collect().await;
    assert_eq!(words.concat(), "newretry".repeat(5));

    // Nothing is written, and something between here and there cuts what is silent for so long.
    let silent = || {
        let late = stream::once(async {
            tokio::time::sleep(Duration::from_secs(60)).await;
            Err::<Frame<Bytes>, BoxError>(io::Error::from(io::ErrorKind::ConnectionReset).into())
        });
        Response::new(Body::wrap(StreamBody::new(late)))
    };
    let events = log(&always(silent)).query("follow", "true").follow_lines(|| Instance::Running).max_attempts(2);
    let words: Vec<_> = events.map(word).take(9).collect().await;
    assert_eq!(words, ["retry"; 9]);
}

#[tokio::test]
async fn a_refusal_is_an_error_at_once() {
    for (code, reason) in [(404, "NotFound"), (403, "Forbidden"), (400, "BadRequest")] {
        let (client, _) = scripted([refusal(code, reason)]);
        let words: Vec<_> = log(&client).follow_lines(|| Instance::Running).map(word).collect().await;
        assert!(words.len() == 1 && words[0].contains(reason), "{words:?}");
    }
}

#[tokio::test]
async fn a_limit_in_bytes_ends_a_log() {
    let (client, _) = scripted([text("2026-01-01T00:00:01.000000001Z on"), broken(LINES[0])]);
    let request = log(&client).query("follow", "true").query("limitBytes", "33");
    let words: Vec<_> = request.follow_lines(|| Instance::Running).map(word).collect().await;
    assert_eq!(words, ["on"]);
    let request = log(&client).query("follow", "true").query("limitBytes", "33");
    let words: Vec<_> = request.follow_lines(|| Instance::Running).map(word).collect().await;
    assert!(words.len() == 2 && words[1].starts_with("error"), "{words:?}");
}
