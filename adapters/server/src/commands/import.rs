//! `vitrina import`: products from files, feeds and live shops into the catalogue.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use vitrina::{FetchedPhotos, Shop};
use vitrina_core::queue::Stop;
use vitrina_import::fetch::{FetchLog, FetchPolicy, HostList, PhotoFetcher};
use vitrina_import::run::{FollowOptions, ImportRun, Opener, Progress, RunLog, SourceSpec, follow};
use vitrina_import::{DatabaseOptions, FileOptions, Mapping};

use super::export::open_export;
use super::serve::asked_to_stop;
use super::{builder, say};
use crate::cli::{ImportOptions, ImportsOptions, SourceOptions};
use crate::day::Day;
use crate::demo;

/// Imports a source and reports what came of it.
///
/// # Errors
/// Those of the source and of the shop; what was written before stays, and the import can be repeated.
pub async fn import(options: Box<ImportOptions>) -> Result<()> {
    let mut builder = builder(&options.shop)?;
    if let Some(url) = &options.photo_store {
        builder = builder.photos(url);
    }
    let shop = builder.open().await?;
    if let Some(export) = options.file.as_ref().and_then(|file| open_export(Path::new(file))) {
        if options.dry_run || options.prune || options.follow {
            bail!("an export of vitrina is brought back whole: leave out --dry-run, --prune and --follow");
        }
        make_room(&shop, &options).await?;
        let report = shop.restore(export).await?;
        let (written, unchanged, categories) = (report.written, report.unchanged, report.categories);
        say(&format!(
            "restored {written} products and {categories} categories; {unchanged} were there already"
        ));
        return afterwards(&shop, None).await;
    }
    let state = options.shop.data_dir.join("imports");
    let log = Arc::new(FetchLog::open(state.join("photos.jsonl"))?);
    let runs = RunLog::new(state.join("runs.jsonl"));
    let spec = spec(&options)?;
    let photos = photos(&options, &spec, log.clone())?;
    let target = shop.import_target().photo_folder(options.photos.clone()).fetched(log);
    let settings = vitrina_import::run::ImportOptions::default()
        .dry_run(options.dry_run)
        .prune(options.prune, options.max_removals / 100.0);
    // A single import compares everything, whether or not the source has changed; and the demo stays until the source has been opened.
    let fresh = tempfile::tempdir()?;
    if options.follow {
        if options.replace_demo {
            opener(spec.clone(), &options.source, fresh.path())?.open(None).await?;
        }
        let mut opener = opener(spec, &options.source, &state)?;
        make_room(&shop, &options).await?;
        let mut following = FollowOptions::new(Duration::from_secs(options.interval), settings);
        following.full_every = options.full_every;
        let stop = Stop::new();
        let stopping = stop.clone();
        tokio::spawn(async move {
            asked_to_stop().await;
            stopping.stop();
        });
        let (shop, photos) = (&shop, photos.as_ref());
        follow(&mut opener, &target, &following, &runs, &stop, |run| async move {
            say(&sentence(&run));
            if let Err(error) = afterwards(shop, photos).await {
                tracing::warn!("{error:#}");
            }
        })
        .await;
        return Ok(());
    }
    let Some(mut source) = opener(spec, &options.source, fresh.path())?.open(None).await? else {
        bail!("the source cannot be opened");
    };
    tracing::info!(source = source.description(), "importing");
    let mut report: Box<dyn Write + Send> = match &options.report {
        Some(path) => Box::new(BufWriter::new(
            File::create(path).with_context(|| format!("the report {} cannot be written", path.display()))?,
        )),
        None => Box::new(std::io::sink()),
    };
    make_room(&shop, &options).await?;
    let bar = bar();
    let run =
        vitrina_import::run::import(&mut *source, &target, &settings, &mut report, &|done| show(&bar, done))
            .await;
    bar.finish_and_clear();
    print(&run, options.report.as_deref());
    if !options.dry_run {
        runs.record(&run)?;
        shop.refresh().await?;
        afterwards(&shop, photos.as_ref()).await?;
    }
    match run.error {
        Some(error) => bail!("{error}"),
        None if run.products() == 0 && run.refused > 0 => {
            bail!("no product came in: all {} were refused", run.refused)
        }
        None => Ok(()),
    }
}

/// Removes the demo from a shop that holds it, where the flags say so; a dry run writes nothing.
async fn make_room(shop: &Shop, options: &ImportOptions) -> Result<()> {
    if options.dry_run {
        return Ok(());
    }
    let removed = demo::give_way(shop, options.replace_demo).await?;
    if removed > 0 {
        say(&format!("removed {removed} demo products"));
    }
    Ok(())
}

/// Lists the last imports.
///
/// # Errors
/// When their log cannot be read.
pub fn imports(options: &ImportsOptions) -> Result<()> {
    let runs = RunLog::new(options.data_dir.join("imports/runs.jsonl")).last(options.limit)?;
    if options.json {
        for run in runs {
            say(&serde_json::to_string(&run)?);
        }
        return Ok(());
    }
    if runs.is_empty() {
        say("nothing was imported yet: vitrina import FILE|URL");
    }
    for run in runs {
        say(&format!("{}  {:>7.1} s  {}  {}", utc(run.started_at), run.seconds, sentence(&run), run.source));
    }
    Ok(())
}

/// Fetches photos that are URLs, and embeds all that are not embedded yet.
async fn afterwards(shop: &Shop, photos: Option<&PhotoFetcher>) -> Result<()> {
    if let Some(fetcher) = photos {
        let done = shop.fetch_photos(fetcher, &|_| {}).await?;
        let FetchedPhotos { fetched, known, failed, failures, .. } = done;
        if fetched + known + failed > 0 {
            say(&format!("photos: {fetched} fetched, {known} known, {failed} failed"));
        }
        for (url, reason) in failures.iter().take(10) {
            say(&format!("  {url}: {reason}"));
        }
        return Ok(());
    }
    if shop.classifier().is_ok() {
        let embedded = shop.embed_missing().await?;
        if embedded > 0 {
            say(&format!("embedded {embedded} photos"));
        }
    }
    Ok(())
}

fn spec(options: &ImportOptions) -> Result<SourceSpec> {
    let SourceOptions { from, database, prefix, shop_id, language, country, base_url, .. } = &options.source;
    let (Some(system), Some(url)) = (from, database) else {
        return Ok(SourceSpec::parse(options.file.as_deref().unwrap_or_default()));
    };
    let mut read = DatabaseOptions::new(system.parse()?, url);
    read.prefix.clone_from(prefix);
    read.shop = *shop_id;
    read.language.clone_from(language);
    read.country.clone_from(country);
    read.base_url.clone_from(base_url);
    Ok(SourceSpec::Database(read))
}

/// An opener of a source, read as the flags say; feeds are kept in `folder` and come from their own site.
///
/// # Errors
/// Flags that cannot be used, and a folder that cannot be written.
pub(super) fn opener(spec: SourceSpec, options: &SourceOptions, folder: &Path) -> Result<Opener> {
    let mut file = FileOptions::default();
    if let Some(format) = &options.format {
        file = file.format(format.parse()?);
    }
    if let Some(mapping) = &options.mapping {
        file = file.mapping(Mapping::read(mapping)?);
    }
    if let Some(combinations) = &options.combinations {
        file = file.combinations(combinations);
    }
    let policy = match &spec {
        SourceSpec::Url(url) => {
            let mut policy = FetchPolicy::feeds(HostList::of_site(url)?);
            policy.private_addresses = options.private_addresses;
            Some(policy)
        }
        _ => None,
    };
    Ok(Opener::new(spec, file, folder, policy)?)
}

fn photos(options: &ImportOptions, spec: &SourceSpec, log: Arc<FetchLog>) -> Result<Option<PhotoFetcher>> {
    let stated = HostList::new(&options.photo_hosts)?;
    let hosts = match spec {
        SourceSpec::Url(url) => HostList::of_site(url)?.and(stated),
        _ if !options.fetch_photos => return Ok(None),
        _ if options.photo_hosts.is_empty() => {
            bail!("--fetch-photos needs the hosts that photos may come from: --photo-hosts cdn.example.com")
        }
        _ => stated,
    };
    let mut policy = FetchPolicy::photos(hosts);
    policy.private_addresses = options.source.private_addresses;
    Ok(Some(PhotoFetcher::new(policy, log)?))
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {percent:>3} %  {msg}  {eta} left");
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

fn show(bar: &ProgressBar, done: Progress) {
    bar.set_length(done.source.total.unwrap_or(done.source.done));
    bar.set_position(done.source.done);
    let seconds = bar.elapsed().as_secs_f64().max(0.001);
    bar.set_message(format!("{} products, {:.0} a second", done.products, done.products as f64 / seconds));
}

fn sentence(run: &ImportRun) -> String {
    let error = run.error.as_ref().map(|error| format!("; ended early: {error}")).unwrap_or_default();
    format!("{}{error}", run.summary())
}

fn print(run: &ImportRun, report: Option<&Path>) {
    let done = if run.dry_run { "would import" } else { "imported" };
    let rate = run.products() as f64 / run.seconds.max(0.001);
    say(&format!(
        "{done} {} products in {:.1} s ({rate:.0} a second): {}",
        run.products(),
        run.seconds,
        run.summary()
    ));
    say(&format!("source: {}", run.source));
    for note in &run.notes {
        say(&format!("note: {note}"));
    }
    let lists =
        [("new", &run.examples.new), ("changed", &run.examples.changed), ("gone", &run.examples.gone)];
    for (what, names) in lists.into_iter().filter(|(_, names)| run.dry_run && !names.is_empty()) {
        say(&format!("{what}: {}", names.join("; ")));
    }
    for problem in &run.examples.problems {
        let what = if problem.refused { "refused" } else { "left out" };
        say(&format!(
            "{what}: {}, {} `{}` {}",
            problem.position, problem.field, problem.value, problem.reason
        ));
    }
    let all = run.problems;
    if all > run.examples.problems.len() as u64 {
        match report {
            Some(path) => say(&format!("all {all} problems are in {}", path.display())),
            None => say(&format!("{all} problems in all: write them to a file with --report FILE")),
        }
    }
}

/// A moment as `2026-11-29 20:15`, in UTC.
fn utc(seconds: i64) -> String {
    let seconds = u64::try_from(seconds).unwrap_or_default();
    format!("{} {:02}:{:02}", Day::of(seconds), seconds / 3600 % 24, seconds / 60 % 60)
}
