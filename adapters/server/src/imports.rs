//! Imports that this server runs, and those that were recorded.

use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use futures_util::FutureExt;
use vitrina::Shop;
use vitrina_core::catalog::RequestKey;
use vitrina_core::product::Timestamp;
use vitrina_core::{Error, ProductSource, Result};
use vitrina_import::fetch::FetchLog;
use vitrina_import::run::{ImportOptions, ImportRun, Progress, RunLog, import};
use vitrina_import::{FileOptions, FileSource};

use crate::demo;

/// What messages call an uploaded file.
const NAME: &str = "the file";
/// How an export of a shop describes itself as a source.
const EXPORT: &str = "an export of vitrina";

/// The imports of a server; one runs at a time.
pub struct Imports {
    log: RunLog,
    fetched: Arc<FetchLog>,
    running: Mutex<Option<Running>>,
}

/// A file to import, and how.
#[derive(Debug)]
pub struct Upload {
    /// The file's bytes.
    pub file: Vec<u8>,
    /// How it is read.
    pub read: FileOptions,
    /// How it is imported.
    pub options: ImportOptions,
    /// What becomes of the demo products of a shop that holds them: removed first, or kept. `None` refuses the import.
    pub replace_demo: Option<bool>,
    /// The request that brings it, where it is carried out once.
    pub request: Option<RequestKey>,
}

/// An import that is going on.
#[derive(Debug, Clone, PartialEq)]
pub struct Running {
    /// What is read, as the source describes itself.
    pub source: String,
    /// How far it is.
    pub progress: Progress,
}

/// What an uploaded file holds.
enum Contents {
    /// Products in any format.
    Products(FileSource),
    /// An export, which is brought back whole.
    Export(Vec<u8>),
}

impl Contents {
    async fn of(file: Vec<u8>, read: FileOptions, options: &ImportOptions) -> Result<Self> {
        if !vitrina::is_export(&file) {
            return FileSource::of_bytes(file, NAME, read).await.map(Self::Products);
        }
        if options.prune {
            return Err(Error::invalid("an export of vitrina is brought back whole: leave out `prune`"));
        }
        Ok(Self::Export(file))
    }

    fn description(&self) -> String {
        match self {
            Self::Products(source) => source.description(),
            Self::Export(_) => EXPORT.to_owned(),
        }
    }
}

/// The right to import, which ends when this is dropped: also when an import panics.
struct Turn(Arc<Imports>);

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.running().take();
    }
}

impl Imports {
    /// Creates the imports whose logs are in this folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        Self {
            log: RunLog::new(folder.join("runs.jsonl")),
            fetched: Arc::new(FetchLog::unread(folder.join("photos.jsonl"))),
            running: Mutex::new(None),
        }
    }

    /// Returns the log of runs.
    pub fn log(&self) -> &RunLog {
        &self.log
    }

    /// Returns the log of fetched photos, as it is on disk now.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn fetched(&self) -> Result<Arc<FetchLog>> {
        self.fetched.reload()?;
        Ok(self.fetched.clone())
    }

    /// Returns the import that is going on.
    pub fn current(&self) -> Option<Running> {
        self.running().clone()
    }

    /// Checks that no import is going on.
    ///
    /// # Errors
    /// [`Busy`](vitrina_core::ErrorKind::Busy) while one is.
    pub fn check_idle(&self) -> Result<()> {
        if self.running().is_some() { Err(busy()) } else { Ok(()) }
    }

    /// Begins to import a file in the background, and returns how it describes itself. A repeated request begins nothing.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) when it is no file of products, [`Busy`](vitrina_core::ErrorKind::Busy)
    /// while another import runs, [`Conflict`](vitrina_core::ErrorKind::Conflict) for a shop that holds the demo where nothing says what
    /// becomes of it,
    /// and what a [request that is carried out once](Shop::carry_out) refuses.
    pub async fn begin(self: &Arc<Self>, shop: Shop, upload: Upload) -> Result<String> {
        let Upload { file, read, options, replace_demo, request } = upload;
        let running = request.as_ref().map(|request| shop.carry_out(request)).transpose()?;
        if let Some(running) = &running
            && running.written().await?.is_some()
        {
            return Ok(Contents::of(file, read, &options).await?.description());
        }
        let turn = self.turn()?;
        let imports = self.clone();
        let reloaded = tokio::task::spawn_blocking(move || imports.fetched.reload()).await;
        reloaded.map_err(|error| Error::internal("reading the log broke off").with_source(error))??;
        let contents = Contents::of(file, read, &options).await?;
        let description = contents.description();
        if replace_demo != Some(false) {
            demo::give_way(&shop, replace_demo == Some(true)).await?;
        }
        if let Some(running) = &running
            && !running.record().await?
        {
            // Another server began it meanwhile.
            return Ok(description);
        }
        drop(running);
        if let Some(running) = &mut *self.running() {
            running.source.clone_from(&description);
        }
        let source = description.clone();
        tokio::spawn(async move {
            let Turn(imports) = &turn;
            let is_export = matches!(contents, Contents::Export(_));
            let run = AssertUnwindSafe(imports.run(&shop, contents, &options)).catch_unwind().await;
            let run = run.unwrap_or_else(|_| {
                let mut run = begun(source);
                run.error = Some("the import broke off: the log of the server says why".into());
                run
            });
            if !run.dry_run
                && let Err(error) = imports.log.record(&run)
            {
                tracing::warn!(error = %error.chain(), "an import is not recorded");
            }
            drop(turn);
            // The photos of an export are in the store, unlike those of files, which are fetched.
            if is_export
                && shop.classifier().is_ok()
                && let Err(error) = shop.embed_missing().await
            {
                tracing::warn!(error = %error.chain(), "not all photos of an export could be embedded");
            }
        });
        Ok(description)
    }

    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(self: &Arc<Self>) -> Result<Turn> {
        let mut running = self.running();
        if running.is_some() {
            return Err(busy());
        }
        *running = Some(Running { source: "an uploaded file".into(), progress: Progress::default() });
        Ok(Turn(self.clone()))
    }

    async fn run(&self, shop: &Shop, contents: Contents, options: &ImportOptions) -> ImportRun {
        let show = |progress| {
            if let Some(running) = &mut *self.running() {
                running.progress = progress;
            }
        };
        let run = match contents {
            Contents::Products(mut source) => {
                let target = shop.import_target().fetched(self.fetched.clone());
                import(&mut source, &target, options, &mut std::io::sink(), &show).await
            }
            Contents::Export(lines) => restore(shop, &lines).await,
        };
        if let Err(error) = shop.refresh().await {
            tracing::warn!(error = %error.chain(), "searches do not see an import yet");
        }
        tracing::info!(source = run.source, summary = run.summary(), error = run.error, "imported a file");
        run
    }
}

/// Brings an export back, and returns that as a run.
async fn restore(shop: &Shop, lines: &[u8]) -> ImportRun {
    let (began, mut run) = (Instant::now(), begun(EXPORT.to_owned()));
    match shop.restore(lines).await {
        Ok(done) => {
            (run.new, run.changed, run.unchanged) = (done.new, done.written - done.new, done.unchanged);
        }
        Err(error) => run.error = Some(error.to_string()),
    }
    run.seconds = began.elapsed().as_secs_f64();
    run
}

/// A run that begins now.
fn begun(source: String) -> ImportRun {
    let mut run = ImportRun::default();
    run.source = source;
    run.started_at = Timestamp::now().0;
    run
}

fn busy() -> Error {
    Error::busy("another import runs: GET /imports shows how far it is")
}
