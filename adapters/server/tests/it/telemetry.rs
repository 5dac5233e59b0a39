//! What operators see: names of requests, stages of the work, budgets, and traces that go through every process.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use poem::listener::{Acceptor, Listener, TcpListener};
use poem::web::Data;
use poem::{EndpointExt, Route, Server, handler, post};
use prost::Message;
use serde_json::json;
use tokio::sync::Notify;
use tokio::time::timeout;
use vitrina_testing::RedisServer;

use crate::process::{Process, folder, http, photo};
use crate::setup::{SECRET, shop};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// Longer than anything takes that does not hang.
const LONG: Duration = Duration::from_secs(60);

/// A collector of traces: the names of the spans that came, each with its service and trace.
#[derive(Clone, Default)]
struct Collector {
    spans: Arc<Mutex<BTreeSet<(String, String, String)>>>,
    arrivals: Arc<Notify>,
}

#[handler]
async fn collect(body: Vec<u8>, collector: Data<&Collector>) {
    let request = ExportTraceServiceRequest::decode(body.as_slice()).unwrap();
    for resource in request.resource_spans {
        let attributes = resource.resource.unwrap().attributes;
        let service = attributes.iter().find(|attribute| attribute.key == "service.name").unwrap();
        let service = format!("{:?}", service.value);
        let service = ["vitrina-server", "vitrina-worker"].into_iter().find(|name| service.contains(name));
        for span in resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            let trace: String = span.trace_id.iter().map(|byte| format!("{byte:02x}")).collect();
            collector.spans.lock().unwrap().insert((service.unwrap().to_owned(), trace, span.name));
        }
    }
    collector.arrivals.notify_waiters();
}

impl Collector {
    /// Serves, and returns the endpoint.
    async fn serve(&self) -> String {
        let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await.unwrap();
        let address = acceptor.local_addr()[0].as_socket_addr().unwrap().to_string();
        let app = Route::new().at("/v1/traces", post(collect)).data(self.clone());
        tokio::spawn(Server::new_with_acceptor(acceptor).run(app));
        format!("http://{address}")
    }

    /// Waits until these spans of the trace have come.
    async fn expect(&self, wanted: &[(&str, &str)]) {
        let all_there = async {
            loop {
                let arrivals = self.arrivals.notified();
                let there = |(service, name): &(&str, &str)| {
                    let spans = self.spans.lock().unwrap();
                    spans.contains(&((*service).into(), TRACE.into(), (*name).into()))
                };
                if wanted.iter().all(there) {
                    return;
                }
                arrivals.await;
            }
        };
        if timeout(LONG, all_there).await.is_err() {
            panic!("not all of {wanted:?} came: {:?}", self.spans.lock().unwrap());
        }
    }
}

#[tokio::test]
async fn a_search_goes_on_with_the_trace_of_its_client() {
    let (collector, folder) = (Collector::default(), folder());
    let endpoint = collector.serve().await;
    let server = Process::serve(folder.path(), &["--demo", "--no-worker", "--otlp-endpoint", &endpoint]);
    let search = http().post(server.url("/search/text")).header("traceparent", PARENT);
    let answer = search.json(&json!({"query": "zapatos"})).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let timing = answer.headers()["server-timing"].to_str().unwrap();
    for stage in ["index;dur=", "catalogue;dur=", "total;dur="] {
        assert!(timing.contains(stage), "{timing}");
    }
    server.terminate();
    let server_spans = ["POST /search/text", "index", "catalogue"].map(|name| ("vitrina-server", name));
    collector.expect(&server_spans).await;
}

#[tokio::test]
async fn the_trace_of_a_photo_goes_through_queue_worker_and_webhook() {
    let Some(redis) = RedisServer::start(&[]) else { return };
    let (collector, folder, queue) = (Collector::default(), folder(), redis.url());
    let endpoint = collector.serve().await;
    let traced = ["--queue", &queue, "--webhook-secret", SECRET, "--otlp-endpoint", &endpoint];
    let server = Process::serve(folder.path(), &traced);
    let hook = server.url("/webhook/task_completed");
    let mut worker = vec!["--webhook", &hook];
    worker.extend(&traced[2..]);
    let worker = Process::worker(&queue, &worker);
    let form = reqwest::multipart::Form::new()
        .part("file", reqwest::multipart::Part::bytes(photo([200, 30, 30])).file_name("photo.jpg"));
    let sent = http().post(server.url("/search/image")).header("traceparent", PARENT).multipart(form);
    let accepted: serde_json::Value = sent.send().await.unwrap().json().await.unwrap();
    assert_eq!(server.result(accepted["task_id"].as_str().unwrap()).await.0, 200);
    let figures = http().get(worker.url("/metrics")).send().await.unwrap().text().await.unwrap();
    for stage in ["queue_wait", "decode", "model"] {
        let count = format!("vitrina_stage_seconds_count{{stage=\"{stage}\"}} 1");
        assert!(figures.contains(&count), "{stage}\n{figures}");
    }
    server.terminate();
    worker.terminate();
    let server_spans = ["POST /search/image", "POST /webhook/task_completed"];
    let server_spans = server_spans.map(|name| ("vitrina-server", name));
    let worker_spans = ["task", "decode", "model"].map(|name| ("vitrina-worker", name));
    collector.expect(&[&server_spans[..], &worker_spans[..]].concat()).await;
}

#[test]
fn an_endpoint_that_is_no_url_is_refused_at_the_start() {
    let folder = folder();
    let mut command = crate::process::vitrina();
    command.arg("serve").arg("--data-dir").arg(folder.path()).args(["--otlp-endpoint", "localhost:4318"]);
    let output = command.output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("write http://HOST:4318"), "{said}");
}

#[tokio::test]
async fn every_answer_names_its_request() {
    let shop = shop().await;
    let named = shop.client.get("/products").header("X-Request-Id", "page-17.2").send().await;
    named.assert_header("x-request-id", "page-17.2");
    let mut seen = BTreeSet::new();
    let long = "x".repeat(65);
    for given in ["", "with space", "a\"b", &long] {
        for path in ["/health", "/nowhere", "/products/77"] {
            let answer = shop.client.get(path).header("X-Request-Id", given).send().await;
            let headers = answer.0.headers();
            let id = headers["x-request-id"].to_str().unwrap().to_owned();
            assert_ne!(id, given);
            assert!(headers["server-timing"].to_str().unwrap().starts_with("total;dur="));
            assert!(seen.insert(id), "an ID comes twice");
        }
    }
}

#[tokio::test]
async fn metrics_say_how_full_each_budget_is() {
    let shop = shop().await;
    let answer = shop.client.get("/metrics").send().await;
    let figures = answer.0.into_body().into_string().await.unwrap();
    for budget in [
        "connections",
        "body_memory_bytes",
        "upload_memory_bytes",
        "decoding_memory_bytes",
        "classifications",
    ] {
        assert!(figures.contains(&format!("vitrina_budget_used{{budget=\"{budget}\"}} ")), "{figures}");
        assert!(figures.contains(&format!("vitrina_budget_limit{{budget=\"{budget}\"}}")), "{figures}");
    }
}
