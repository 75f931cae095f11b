//! Traces for a collector of OpenTelemetry.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;

use crate::city::{City, assert_success, command};

/// A collector that takes what it is sent: the first line of each request, and its body.
fn collector() -> (String, mpsc::Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut reader = BufReader::new(stream.expect("a connection"));
            loop {
                let mut lines = Vec::new();
                loop {
                    let mut line = String::new();
                    let read = reader.read_line(&mut line).expect("a line");
                    if read == 0 || line == "\r\n" {
                        break;
                    }
                    lines.push(line.trim().to_ascii_lowercase());
                }
                let Some(first) = lines.first().cloned() else { break };
                let length = lines.iter().find_map(|line| line.strip_prefix("content-length: "));
                let length = length.map_or(0, |length| length.parse().expect("a number"));
                let mut body = vec![0; length];
                reader.read_exact(&mut body).expect("the body");
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                reader.get_mut().write_all(answer).expect("an answer");
                if sender.send((first, body)).is_err() {
                    return;
                }
            }
        }
    });
    (format!("http://{address}"), receiver)
}

#[test]
fn the_steps_of_a_run_are_told_to_a_collector_and_nothing_of_a_person() {
    let city = City::new(300, 1);
    let (address, received) = collector();
    let args = city.run_args("data", "2024-01");
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut run = command(&args);
    run.args(["--log", "trace"]).env("OTEL_EXPORTER_OTLP_ENDPOINT", &address);
    let run = run.output().expect("the program starts");
    assert_success(&run);
    // Standard output has the report and nothing that a library thinks worth showing.
    let report: serde_json::Value = serde_json::from_slice(&run.stdout).expect("one document");
    assert!(report["list"].is_object(), "{report}");
    let sent: Vec<(String, Vec<u8>)> = received.try_iter().collect();
    assert!(!sent.is_empty());
    assert!(sent.iter().all(|(first, _)| first == "post /v1/traces http/1.1"), "{sent:?}");
    let told: Vec<u8> = sent.into_iter().flat_map(|(_, body)| body).collect();
    let told = String::from_utf8_lossy(&told);
    for name in ["huimin", "ingest", "link", "decide", "list", "publish"] {
        assert!(told.contains(name), "no span `{name}`");
    }
    // Identity numbers have 17 digits and one more; ids of traces are no text.
    let longest = told.split(|one: char| !one.is_ascii_digit()).map(str::len).max();
    assert!(longest.is_some_and(|longest| longest < 11), "{longest:?} digits in a row");
}

#[test]
fn a_collector_that_is_not_there_stops_nothing_and_what_is_no_address_is_refused() {
    let city = City::new(300, 1);
    let args = city.run_args("data", "2024-01");
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let run = command(&args).args(["--otlp-endpoint", "http://127.0.0.1:9"]).output();
    assert_success(&run.expect("the program starts"));
    let refused = command(&args).args(["--otlp-endpoint", "collector"]).output();
    let refused = refused.expect("the program starts");
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8_lossy(&refused.stdout).into_owned()
        + &String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("--otlp-endpoint `collector` is no address"), "{said}");
}
