//! Bodies of requests, read within their bounds of size, memory and time.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use poem::http::header::CONTENT_LENGTH;
use poem::{Body, Request};
use tokio::time::{Instant, timeout_at};

use crate::api::Failure;
use crate::limits::{Budgets, Charge, Client, Exhausted, RateClass, takes_photo};

/// How much memory is taken for a body before it arrives, in bytes.
const FIRST: usize = 16 << 10;
/// When a client whose share of the memory is taken is to come back.
const WAIT: Duration = Duration::from_secs(2);

/// The bytes of a request's body, for the check of signatures.
#[derive(Clone)]
pub struct RawBody(pub Bytes);

/// Reads the body of a request, and puts it back as bytes. The charge is what it takes of the memory for bodies.
///
/// # Errors
/// 400 for a body that breaks off, 408 for one that arrives too slowly, 413 for one that is too large, 429 and 503
/// where the client's share of the memory, or all of it, is taken.
pub(crate) async fn read(
    request: &mut Request,
    class: Option<RateClass>,
    client: Option<Client>,
    budgets: &Budgets,
) -> Result<Charge, Failure> {
    let upload = takes_photo(request.method(), request.uri().path());
    let limit = budgets.limits().body_of(class, upload);
    let mut charge = budgets.memory(upload, client);
    if content_length(request).is_some_and(|length| length > limit as u64) {
        return Err(too_large(limit));
    }
    let bytes = collect(request.take_body(), limit, budgets, &mut charge).await?;
    request.extensions_mut().insert(RawBody(bytes.clone()));
    request.set_body(Body::from_bytes(bytes));
    Ok(charge)
}

/// The length in bytes that the request states for its body.
pub(crate) fn content_length(request: &Request) -> Option<u64> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn collect(body: Body, limit: usize, budgets: &Budgets, charge: &mut Charge) -> Result<Bytes, Failure> {
    if body.is_empty() {
        return Ok(Bytes::new());
    }
    let limits = budgets.limits();
    let begin = Instant::now();
    let mut bytes = BytesMut::new();
    let mut chunks = std::pin::pin!(body.into_bytes_stream());
    loop {
        // By then as many bytes must have come as the least rate asks for.
        let earned = Duration::from_secs_f64(bytes.len() as f64 / limits.body_rate.max(1) as f64);
        let patience = (limits.body_grace + earned).min(limits.body_time);
        let next = timeout_at(begin + patience, chunks.next()).await;
        let next = next.map_err(|_| {
            budgets.rejected("slow-body");
            Failure::too_slow()
        })?;
        let Some(chunk) = next else { return Ok(bytes.freeze()) };
        let chunk = chunk.map_err(|_| Failure::bad_request("the body broke off: send it again"))?;
        if bytes.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        charge.grow(chunk.len()).map_err(|exhausted| {
            budgets.rejected("body-memory");
            match exhausted {
                Exhausted::Total => Failure::unavailable("too many uploads at once: try again in a moment"),
                Exhausted::Share => {
                    Failure::too_many_requests("too many uploads at once from your address", WAIT)
                }
            }
        })?;
        if bytes.is_empty() {
            bytes.reserve(chunk.len().max(FIRST));
        }
        bytes.extend_from_slice(&chunk);
    }
}

fn too_large(limit: usize) -> Failure {
    Failure::too_large(format!("the body is larger than {limit} bytes: send less"))
}
