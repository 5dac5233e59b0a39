//! `vitrina serve`: the server, with the worker inside.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use poem::listener::{Listener as _, TcpAcceptor, TcpListener};
use tokio::signal::unix::{SignalKind, signal};
use vitrina::Registry;
use vitrina_core::keys::check_origin;
use vitrina_core::queue::{QueueOptions, Stop, WorkerOptions};
use vitrina_core::{KeyStore, Worker};

use super::builder;
use super::follow::follow_in_background;
use crate::access::{Access, AdminKey, WebhookAccess};
use crate::api::{Backend, ModelState, optional_secret};
use crate::cli::ServeOptions;
use crate::events::EventCounts;
use crate::imports::Imports;
use crate::limits::Budgets;
use crate::metrics::Metrics;
use crate::telemetry::MeasuredTasks;
use crate::tls::Listener;
use crate::{connections, demo, http};

/// How often keys are read: a revoked one is refused after this time.
const KEYS: Duration = Duration::from_secs(2);
/// How often counts of events are written: what a killed server loses.
const EVENTS: Duration = Duration::from_secs(30);
/// How long the server waits for its index to catch up before it serves what is indexed so far.
const CATCHING_UP: Duration = Duration::from_millis(500);
/// How long requests may go on after the signal to stop and the queue is empty.
const GRACE: Duration = Duration::from_secs(5);
/// How long closing the catalogue may take, so that its file holds everything that was written.
const CLOSING: Duration = Duration::from_secs(5);

/// Serves until SIGTERM or SIGINT; then takes no new photos, finishes those it has, and returns. URLs of the options are opened by
/// `registry`, so that a program with backends of its own is a server of three lines.
///
/// # Errors
/// A wrong configuration, an address that is taken, a catalogue that does not answer.
pub async fn serve(options: ServeOptions, registry: Registry) -> Result<()> {
    let queue = QueueOptions::default()
        .capacity(options.queue_capacity)
        .keep_results(Duration::from_secs(options.keep_results));
    let webhook_secret = optional_secret(options.webhook_secret.as_deref())?;
    // A Redis is there to be shared; workers elsewhere take its photos.
    let shared = |url: &str| url.starts_with("redis:") || url.starts_with("rediss:");
    let in_process = !options.queue.as_deref().is_some_and(shared);
    let access = access(&options, webhook_secret.is_some(), in_process)?;
    let tcp = listen(options.listen).await?;
    let acceptor = match (&options.tls_cert, &options.tls_key) {
        (Some(cert), Some(key)) => Listener::secure(tcp, cert, key)?,
        _ => Listener::plain(tcp),
    };
    let elsewhere = options.no_worker || !in_process;
    let mut builder = builder(&options.shop)?
        .catch_up_in_background()
        .registry(registry)
        .queue_options(queue)
        .photo_limits(options.limits.limits().photo);
    if let Some(url) = &options.queue {
        builder = builder.queue(url);
    }
    if let Some(url) = &options.photos {
        builder = builder.photos(url);
    }
    let shop = builder.open().await?;
    if let Ok(refreshed) = tokio::time::timeout(CATCHING_UP, shop.refresh()).await {
        refreshed?;
    } else {
        tracing::info!("the index is being built: `/ready` says when it has caught up with the catalogue");
    }
    let classifier = shop.classifier().as_ref().ok().cloned();
    let filled = demo::fill(&shop, options.demo).await?;
    if filled > 0 {
        tracing::info!(products = filled, "filled the catalogue with the demo products");
    }
    access.keys.refresh(&**shop.keys()).await?;
    let access = Arc::new(access);
    let draining = Arc::new(AtomicBool::new(false));
    let metrics = Arc::new(Metrics::default());
    let budgets = Arc::new(Budgets::new(options.limits.limits(), metrics.clone()));
    let events = Arc::new(EventCounts::kept_in(options.shop.data_dir.join("events")));
    let imports = Arc::new(Imports::new(options.shop.data_dir.join("imports")));
    let backend = Backend {
        shop: shop.clone(),
        access: access.clone(),
        model: match (shop.classifier(), elsewhere) {
            (_, true) => ModelState::Elsewhere,
            (Ok(classifier), false) => ModelState::Inside(classifier.space().to_string()),
            (Err(reason), false) => ModelState::Missing(reason.clone()),
        },
        budgets: budgets.clone(),
        webhook_secret,
        events: events.clone(),
        imports: imports.clone(),
        metrics,
        draining: draining.clone(),
    };

    let stop = Stop::new();
    follow_in_background(&options, &shop, imports, stop.clone()).await?;
    tokio::spawn(keep_keys(access, shop.keys().clone()));
    tokio::spawn(keep_events(events.clone()));
    let embedding = classifier.is_some().then(|| shop.embed_in_background());
    let worker = classifier.filter(|_| !elsewhere).map(|classifier| {
        let settings = WorkerOptions::default().drain(true);
        let worker = Worker::new(shop.service().queue().clone(), classifier, settings)
            .observed_by(Arc::new(MeasuredTasks));
        let stop = stop.clone();
        tokio::spawn(async move { worker.run(&stop).await })
    });

    if let Some(address) = options.metrics_listen {
        let listener = Listener::plain(listen(address).await?);
        tracing::info!(url = listener.url(), "metrics and readiness are served apart");
        let operations = http::operations(backend.clone());
        tokio::spawn(connections::serve(
            listener,
            operations,
            budgets.clone(),
            std::future::pending(),
            GRACE,
        ));
    }
    announce(&acceptor);
    let reported = async move {
        asked_to_stop().await;
        tracing::info!("stopping: finishing what was accepted");
        draining.store(true, Ordering::Relaxed);
        stop.stop();
        if let Some(worker) = worker {
            let _ = worker.await;
        }
    };
    connections::serve(acceptor, http::app(backend), budgets, reported, GRACE).await;
    drop(embedding);
    events.save();
    match tokio::time::timeout(CLOSING, shop.close()).await {
        Ok(closed) => closed?,
        Err(_) => tracing::warn!("the catalogue is still in use and is left open"),
    }
    Ok(())
}

/// Who may call what, as the flags say; what is off is logged, with the way to turn it on.
fn access(options: &ServeOptions, signed: bool, in_process: bool) -> Result<Access> {
    let key = options.admin_key.as_deref().filter(|key| !key.is_empty());
    let webhook = match (signed, options.webhook_unsigned) {
        (true, true) => {
            bail!("--webhook-unsigned and --webhook-secret exclude each other: leave one of them out")
        }
        (true, false) => WebhookAccess::Signed,
        (false, true) => WebhookAccess::Unsigned,
        (false, false) if in_process => WebhookAccess::Local,
        (false, false) => WebhookAccess::Off,
    };
    match webhook {
        WebhookAccess::Signed => {}
        WebhookAccess::Unsigned => {
            tracing::warn!("the webhook takes unsigned results from everybody who reaches this server")
        }
        WebhookAccess::Local => tracing::info!(
            "the webhook takes unsigned calls from this machine alone: there is no webhook secret"
        ),
        WebhookAccess::Off => {
            tracing::warn!("the webhook is off: workers that use it need --webhook-secret here and there")
        }
    }
    options.cors_origins.iter().try_for_each(|origin| check_origin(origin))?;
    Ok(Access {
        admin_key: key.map(AdminKey::new).transpose()?,
        require_key: options.require_key,
        origins: options.cors_origins.clone(),
        webhook,
        ..Access::default()
    })
}

/// Writes counts of events from time to time.
async fn keep_events(events: Arc<EventCounts>) {
    loop {
        tokio::time::sleep(EVENTS).await;
        let events = events.clone();
        // A panic would be in the log, and the next round writes again.
        let _ = tokio::task::spawn_blocking(move || events.save()).await;
    }
}

/// Takes keys over that are created or revoked while the server runs.
async fn keep_keys(access: Arc<Access>, store: Arc<dyn KeyStore>) {
    loop {
        tokio::time::sleep(KEYS).await;
        if let Err(error) = access.keys.refresh(&*store).await {
            tracing::debug!(error = %error.chain(), "the keys stay as they were");
        }
    }
}

pub(super) async fn asked_to_stop() {
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

/// Takes an address, before anything that lasts is begun.
pub(super) async fn listen(address: SocketAddr) -> Result<TcpAcceptor> {
    let acceptor = TcpListener::bind(address).into_acceptor().await;
    acceptor.with_context(|| format!("the address {address} cannot be listened on"))
}

/// Scripts read the first line; nobody needs to.
pub(super) fn announce(listener: &Listener) {
    let url = listener.url();
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "listening on {url}\ndocumentation at {url}/docs");
    let _ = out.flush();
}
