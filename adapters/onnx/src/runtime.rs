//! Finding and loading ONNX Runtime's shared library, once a process.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ort::environment::Environment;
use ort::logging::LogLevel;
use vitrina::{Error, Result};

/// The environment variable that names ONNX Runtime's shared library.
pub const LIBRARY_VARIABLE: &str = "ORT_DYLIB_PATH";

/// What the runtime was loaded from; it stays loaded as long as the process lives.
struct Loaded {
    library: PathBuf,
    environment: Environment,
}

static LOADED: Mutex<Option<Loaded>> = Mutex::new(None);

/// The process's one environment; `library` names the shared library where the caller insists on one.
pub(crate) fn environment(library: Option<&Path>) -> Result<Environment> {
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(loaded) = &*loaded {
        return match library.map(absolute) {
            Some(wanted) if wanted != loaded.library => Err(Error::invalid(format!(
                "this process already uses ONNX Runtime from {}, it cannot load {} as well",
                loaded.library.display(),
                wanted.display()
            ))),
            _ => Ok(loaded.environment.clone()),
        };
    }
    let library = find_library(library)?;
    let environment = load(&library)?;
    tracing::info!(library = %library.display(), "loaded ONNX Runtime");
    Ok(loaded.insert(Loaded { library, environment }).environment.clone())
}

fn load(library: &Path) -> Result<Environment> {
    let builder = ort::init_from(library).map_err(|source| {
        let path = library.display();
        Error::invalid(format!(
            "{path} is not a usable ONNX Runtime: name version 1.{} or newer in {LIBRARY_VARIABLE}",
            ort::MINOR_VERSION
        ))
        .with_source(source)
    })?;
    let environment =
        builder
            .with_name("vitrina")
            .with_telemetry(false)
            .with_logger(Arc::new(log))
            .build()
            .map_err(|source| Error::internal("ONNX Runtime could not be started").with_source(source))?;
    environment.set_log_level(LogLevel::Warning);
    Ok(environment)
}

fn log(level: LogLevel, category: &str, _id: &str, location: &str, message: &str) {
    match level {
        LogLevel::Fatal | LogLevel::Error => {
            tracing::error!(target: "onnxruntime", category, location, "{message}");
        }
        LogLevel::Warning => tracing::warn!(target: "onnxruntime", category, location, "{message}"),
        _ => tracing::debug!(target: "onnxruntime", category, location, "{message}"),
    }
}

/// Where ONNX Runtime's shared library lies: `explicit`, or what `ORT_DYLIB_PATH` names, or the first found beside the
/// executable, or in the Python environment `.venv` of a folder that holds the executable or the current directory.
///
/// # Errors
/// [`Invalid`](vitrina::ErrorKind::Invalid) when it is named and not there, or nowhere to be found.
pub fn find_library(explicit: Option<&Path>) -> Result<PathBuf> {
    let named = env::var_os(LIBRARY_VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
    if let Some(path) = explicit.map(Path::to_path_buf).or(named) {
        if !path.is_file() {
            let path = path.display();
            return Err(Error::invalid(format!(
                "there is no ONNX Runtime library at {path}: correct the path"
            )));
        }
        return Ok(absolute(&path));
    }
    let executable = env::current_exe().ok().map(|path| absolute(&path));
    let beside = executable.as_deref().and_then(Path::parent).into_iter().flat_map(|folder| {
        [folder.to_path_buf(), folder.join("lib"), folder.join("../lib")]
            .into_iter()
            .find_map(|f| library_in(&f))
    });
    let directory = env::current_dir().ok();
    let ancestors =
        [executable.as_deref(), directory.as_deref()].into_iter().flatten().flat_map(Path::ancestors);
    beside.chain(ancestors.filter_map(library_in_venv)).next().map(|path| absolute(&path)).ok_or_else(|| {
        Error::invalid(format!(
            "ONNX Runtime was not found: run `make build`, or name its shared library in {LIBRARY_VARIABLE} \
             (the Python package `onnxruntime` holds it in its folder `capi`)"
        ))
    })
}

/// Links resolved, so that two spellings of one file compare equal and the loader gets no relative path.
fn absolute(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

fn library_in_venv(folder: &Path) -> Option<PathBuf> {
    let venv = folder.join(".venv");
    if !venv.is_dir() {
        return None;
    }
    let unix = entries(&venv.join("lib")).into_iter().filter(|path| file_name(path).starts_with("python3"));
    unix.chain([venv.join("Lib")])
        .find_map(|python| library_in(&python.join("site-packages").join("onnxruntime").join("capi")))
}

/// ONNX Runtime's library in `folder`; where several versions lie there, the last by name.
fn library_in(folder: &Path) -> Option<PathBuf> {
    let is_library = |path: &PathBuf| {
        let name = file_name(path);
        name.starts_with("libonnxruntime.so")
            || name == "onnxruntime.dll"
            || (name.starts_with("libonnxruntime.") && name.ends_with(".dylib"))
    };
    entries(folder).into_iter().rfind(is_library)
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> =
        folder.read_dir().into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn file_name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_library_is_found_in_a_python_environment() {
        let folder = tempfile::tempdir().unwrap();
        let capi = folder.path().join(".venv/lib/python3.12/site-packages/onnxruntime/capi");
        fs::create_dir_all(&capi).unwrap();
        assert_eq!(library_in_venv(folder.path()), None);
        for name in ["libonnxruntime_providers_shared.so", "libonnxruntime.so.1.32.0", "__init__.py"] {
            fs::write(capi.join(name), "").unwrap();
        }
        assert_eq!(library_in_venv(folder.path()), Some(capi.join("libonnxruntime.so.1.32.0")));
    }

    #[test]
    fn a_library_that_is_named_must_be_there() {
        let error = find_library(Some(Path::new("/no/such/libonnxruntime.so"))).unwrap_err();
        assert!(error.to_string().contains("/no/such/libonnxruntime.so"), "{error}");
    }

    #[test]
    fn what_is_no_library_is_refused_without_a_panic() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("libonnxruntime.so");
        fs::write(&path, "no library").unwrap();
        let error = load(&path).unwrap_err();
        assert!(error.chain().to_string().contains("ONNX Runtime"), "{}", error.chain());
    }
}
