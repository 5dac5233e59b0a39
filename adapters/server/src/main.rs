//! The `vitrina` command.

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;
use vitrina_server::cli::{Cli, Command};
use vitrina_server::commands;

fn main() -> ExitCode {
    stay_private();
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_env("VITRINA_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let ansi = std::io::stderr().is_terminal();
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    log.with_ansi(ansi).with_target(false).init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let done = runtime.block_on(async {
        match cli.command {
            Command::Serve(options) => commands::serve(options).await,
            Command::Worker(options) => commands::worker(options).await,
            Command::Import(options) => commands::import(options).await,
            Command::Classify(options) => commands::classify(options).await,
            Command::Eval(what) => commands::eval(what).await,
            Command::Health(options) => commands::health(options).await,
            Command::Openapi => commands::openapi(),
        }
    });
    done.map_or_else(|error| failed(&error), |()| ExitCode::SUCCESS)
}

/// ONNX Runtime's builds for Python keep a device's number and a log of events for their makers, unless this variable is
/// set; what its interface offers against that comes too late.
#[allow(unsafe_code)]
fn stay_private() {
    // SAFETY: no other thread runs yet that could read the environment meanwhile.
    unsafe { std::env::set_var("ORT_DISABLE_TELEMETRY", "1") };
}

fn failed(error: &anyhow::Error) -> ExitCode {
    tracing::error!("{error:#}");
    ExitCode::FAILURE
}
