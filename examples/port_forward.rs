//! A local port that leads to a port of a pod, until Ctrl-C.
//!
//! ```sh
//! cargo run -p kubewright-examples --example port_forward -- shop web-0 8080
//! cargo run -p kubewright-examples --example port_forward -- shop web-0 8080 127.0.0.1:8080
//! ```

use std::error::Error;

use kubewright::prelude::*;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (namespace, pod, port, address) = match arguments.as_slice() {
        [namespace, pod, port] => (namespace, pod, port, "127.0.0.1:0"),
        [namespace, pod, port, address] => (namespace, pod, port, address.as_str()),
        _ => return Err("say which port: port_forward NAMESPACE POD PORT [LOCAL-ADDRESS]".into()),
    };
    let port: u16 = port.parse()?;

    let client = Client::try_default().await?;
    let forward = client
        .core_v1()
        .pods(namespace)
        .port_forward(pod, port)
        .on_event(|event| println!("{event}"))
        .listen(address)
        .await?;
    println!("{} leads to port {port} of {pod}; Ctrl-C ends it", forward.local_addr());
    tokio::signal::ctrl_c().await?;
    Ok(())
}
