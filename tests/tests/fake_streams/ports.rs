//! Ports that a handler of the test listens on.

use std::io;

use kubewright_fake::FakeCluster;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{cluster, connect, listening, pods};

/// A cluster whose pods answer at two ports: what is sent, in capital letters, and who they are.
fn with_ports() -> FakeCluster {
    let cluster = cluster();
    cluster.on_port_forward(|mut call| async move {
        match call.port {
            80 => {
                let mut text = Vec::new();
                call.stream.read_to_end(&mut text).await?;
                call.stream.write_all(&text.to_ascii_uppercase()).await
            }
            81 => call.stream.write_all(format!("{}/{}", call.namespace, call.pod).as_bytes()).await,
            port => {
                Err(io::Error::new(io::ErrorKind::ConnectionRefused, format!("dial tcp4 127.0.0.1:{port}: refused")))
            }
        }
    });
    cluster
}

#[tokio::test]
async fn a_connection_carries_data_in_both_directions() {
    let cluster = with_ports();
    let (_listener, over_a_port) = listening(&cluster).await;
    for pods in [pods(&cluster), over_a_port] {
        let mut stream = pods.port_forward("web", 80).connect().await.expect("a connection");
        assert!(stream.half_closes());
        let sent = "hello ".repeat(200_000);
        stream.write_all(sent.as_bytes()).await.expect("written");
        stream.shutdown().await.expect("ended");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("read");
        assert!(answer == sent.to_uppercase());
        let mut stream = pods.port_forward("pair", 81).connect().await.expect("a connection");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("read");
        assert_eq!(answer, "shop/pair");
    }
}

#[tokio::test]
async fn a_port_on_which_nothing_listens_is_an_error_of_the_connection() {
    let cluster = with_ports();
    let mut stream = pods(&cluster).port_forward("web", 82).connect().await.expect("a connection");
    let error = stream.read_to_end(&mut Vec::new()).await.expect_err("it is refused");
    let text = error.to_string();
    assert!(text.contains("error forwarding port 82 to pod web, uid ") && text.contains(":82: refused"), "{text}");
}

#[tokio::test]
async fn a_local_port_has_as_many_connections_as_are_opened() {
    let cluster = with_ports();
    let forward = pods(&cluster).port_forward("web", 80).listen("127.0.0.1:0").await.expect("a listener");
    let mut streams = Vec::new();
    for name in ["one", "two", "three"] {
        let mut stream = TcpStream::connect(forward.local_addr()).await.expect("a connection");
        stream.write_all(name.as_bytes()).await.expect("written");
        streams.push((name, stream));
    }
    for (name, mut stream) in streams.into_iter().rev() {
        stream.shutdown().await.expect("ended");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("read");
        assert_eq!(answer, name.to_uppercase());
    }
}

#[tokio::test]
async fn a_half_that_the_handler_ends_is_ended_while_it_reads_on() {
    let cluster = cluster();
    let (sender, mut received) = tokio::sync::mpsc::channel(1);
    cluster.on_port_forward(move |mut call| {
        let sender = sender.clone();
        async move {
            call.stream.write_all(b"hello").await?;
            call.stream.shutdown().await?;
            let mut text = String::new();
            call.stream.read_to_string(&mut text).await?;
            sender.send(text).await.map_err(io::Error::other)
        }
    });
    let mut stream = pods(&cluster).port_forward("web", 80).connect().await.expect("a connection");
    let mut text = [0; 5];
    stream.read_exact(&mut text).await.expect("read");
    assert_eq!(&text, b"hello");
    stream.write_all(b"later").await.expect("written");
    stream.shutdown().await.expect("ended");
    assert_eq!(received.recv().await.as_deref(), Some("later"));
}

#[tokio::test]
async fn refusals_name_what_is_missing() {
    let cluster = cluster();
    let pods = pods(&cluster);
    let error = pods.port_forward("web", 80).connect().await.expect_err("no handler");
    assert!(error.to_string().contains("FakeCluster::on_port_forward"), "{error}");
    let error = pods.port_forward("absent", 80).connect().await.expect_err("no pod");
    assert!(error.is_not_found(), "{error}");
    cluster.on_port_forward(|_| async { Ok(()) });
    let error = connect(&cluster, "portforward", "v4.channel.k8s.io", &[("ports", "80")]).await;
    let error = error.expect_err("another protocol");
    assert!(error.to_string().contains("v4.channel.k8s.io"), "{error}");
}
