//! The `vitrina` command.

use std::process::ExitCode;

use clap::Parser;
use vitrina_server::cli::{Cli, Command, secrets_from_files};
use vitrina_server::commands;
use vitrina_server::telemetry::Telemetry;

fn main() -> ExitCode {
    stay_private();
    let secrets = read_secrets();
    let cli = Cli::parse();
    if matches!(cli.command, Command::Serve(_) | Command::Worker(_)) {
        return_freed_memory();
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("no thread can be started: {error}");
            return ExitCode::FAILURE;
        }
    };
    let (service, otlp) = cli.command.telemetry();
    let telemetry = {
        let _runtime = runtime.enter();
        Telemetry::start(service, otlp)
    };
    let _telemetry = match secrets.and(telemetry) {
        Ok(telemetry) => telemetry,
        Err(error) => return failed(&error),
    };
    let done = runtime.block_on(async {
        match cli.command {
            Command::Serve(options) => commands::serve(*options, vitrina::Registry::default()).await,
            Command::Worker(options) => commands::worker(options).await,
            Command::Import(options) => commands::import(options).await,
            Command::Export(options) => commands::export(options).await,
            Command::Imports(options) => commands::imports(&options),
            Command::CleanPhotos(options) => commands::clean_photos(options).await,
            Command::Backup(options) => commands::backup(options).await,
            Command::Key(command) => commands::key(command).await,
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

/// Makes the C library return the memory of photos to the system, whichever thread decoded them: two arenas, where there are
/// eight for each core by default, and large buffers mapped each for itself (mallopt(3)). A server of the demo takes 144 MB instead of
/// 183 so, and 182 instead of 272 after a flood of large photos.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code)]
fn return_freed_memory() {
    const LARGE: libc::c_int = 4 << 20;
    // SAFETY: no other thread runs yet that could allocate meanwhile.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 2);
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE);
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn return_freed_memory() {}

/// Puts what the variables `…_FILE` name where the flags look for it.
#[allow(unsafe_code)]
fn read_secrets() -> anyhow::Result<()> {
    for (name, secret) in secrets_from_files(|name| std::env::var_os(name))? {
        // SAFETY: no other thread runs yet that could read the environment meanwhile.
        unsafe { std::env::set_var(name, secret) };
    }
    Ok(())
}

fn failed(error: &anyhow::Error) -> ExitCode {
    tracing::error!("{error:#}");
    ExitCode::FAILURE
}
