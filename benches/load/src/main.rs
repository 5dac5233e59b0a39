//! Load generator of `make bench`: sends searches or photos to a server and prints one JSON object with rates and latencies.
//!
//! Closed-loop by default: each client sends its next request when it has the answer to the last one. With `--rate` it is
//! open-loop: requests start at random times planned in advance (a Poisson process), and latencies count from the planned
//! start, so that a server that stalls pays for every request it holds up. One thread a client and blocking sockets: a search
//! costs a few hundredths of a millisecond here, so that two cores are left to the server.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::{Args, Parser, Subcommand};

mod http;
mod jobs;
mod load;

use jobs::{Photos, Searches};
use load::{Job, Plan};

#[derive(Debug, Parser)]
#[command(
    name = "vitrina-load",
    about = "Sends searches or photos to a server and prints rates and latencies as JSON"
)]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Post JSON bodies, one after the other
    Searches {
        /// The bodies, a line each; begun again when all were sent
        #[arg(long)]
        bodies: PathBuf,
        /// The path to post to
        #[arg(long, default_value = "/search/text")]
        path: String,
        /// The line to begin with
        #[arg(long, default_value_t = 0)]
        first: u64,
        #[command(flatten)]
        options: Options,
    },
    /// Upload photos and poll for their results; every upload has random bytes behind it
    Photos {
        /// The folder of the photos
        #[arg(long)]
        photos: PathBuf,
        /// How long to wait between two polls, in milliseconds
        #[arg(long, default_value_t = 10)]
        poll: u64,
        /// Hold the request open until the result is there (`Prefer: wait`), instead of polling
        #[arg(long)]
        wait: bool,
        #[command(flatten)]
        options: Options,
    },
}

#[derive(Debug, Args)]
struct Options {
    /// The server's host and port
    #[arg(long, value_name = "HOST:PORT")]
    server: String,
    /// Requests at a time; in open loop, at most
    #[arg(long, default_value_t = 1)]
    clients: usize,
    /// How long new requests are sent
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Stop after this many requests
    #[arg(long, default_value_t = u64::MAX)]
    requests: u64,
    /// Open loop: requests a second, on average
    #[arg(long)]
    rate: Option<f64>,
    /// How long a request, or a photo's result, may take before it counts as failed, in seconds
    #[arg(long, default_value_t = 60.0)]
    timeout: f64,
}

impl Options {
    fn plan(&self) -> Result<Plan> {
        ensure!((1..=4096).contains(&self.clients), "--clients is 1 to 4096");
        ensure!(self.rate.is_none_or(|rate| rate > 0.0), "--rate is above 0");
        ensure!(self.seconds > 0.0 && self.timeout > 0.0, "--seconds and --timeout are above 0");
        Ok(Plan {
            clients: self.clients,
            time: Duration::from_secs_f64(self.seconds),
            requests: self.requests,
            rate: self.rate,
            timeout: Duration::from_secs_f64(self.timeout),
        })
    }
}

fn main() -> Result<()> {
    let (job, options): (Box<dyn Job>, Options) = match Cli::parse().what {
        What::Searches { bodies, path, first, options } => {
            let text = std::fs::read_to_string(&bodies)
                .with_context(|| format!("{} cannot be read", bodies.display()))?;
            (Box::new(Searches::new(&options.server, &path, &text, first)?), options)
        }
        What::Photos { photos, poll, wait, options } => {
            let poll = Duration::from_millis(poll);
            (Box::new(Photos::read(&options.server, &photos, poll, wait)?), options)
        }
    };
    let outcome = load::run(job.as_ref(), &options.server, &options.plan()?);
    writeln!(std::io::stdout(), "{}", outcome.report()?)?;
    Ok(())
}
