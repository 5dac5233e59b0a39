//! Finding and loading ONNX Runtime's shared library, once a process.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ort::environment::Environment;
use ort::logging::LogLevel;
use vitrina_core::{Error, Result};

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
/// executable (there, in `lib` or in `../lib`), in the active Python environment (`VIRTUAL_ENV`), or in the environment
/// `.venv` of the checkout that the executable was built in.
///
/// Never in a folder that merely holds the current directory: whoever may write there would run code in this process.
///
/// # Errors
/// [`Invalid`](vitrina_core::ErrorKind::Invalid) when it is named and not there, or nowhere to be found.
pub fn find_library(explicit: Option<&Path>) -> Result<PathBuf> {
    let variable = |name: &str| env::var_os(name).filter(|path| !path.is_empty()).map(PathBuf::from);
    if let Some(path) = explicit.map(Path::to_path_buf).or_else(|| variable(LIBRARY_VARIABLE)) {
        if !path.is_file() {
            let path = path.display();
            return Err(Error::invalid(format!(
                "there is no ONNX Runtime library at {path}: correct the path"
            )));
        }
        return Ok(absolute(&path));
    }
    let executable = env::current_exe().ok().map(|path| absolute(&path));
    let found = installed(executable.as_deref(), variable("VIRTUAL_ENV").as_deref());
    found.map(|path| absolute(&path)).ok_or_else(|| {
        Error::invalid(format!(
            "ONNX Runtime was not found: run `make build`, or name its shared library in {LIBRARY_VARIABLE} \
             (the Python package `onnxruntime` holds it in its folder `capi`)"
        ))
    })
}

/// The library that belongs to an executable or to a Python environment.
fn installed(executable: Option<&Path>, environment: Option<&Path>) -> Option<PathBuf> {
    let beside = executable.and_then(Path::parent).into_iter().flat_map(|folder| {
        [folder.to_path_buf(), folder.join("lib"), folder.join("../lib")]
            .into_iter()
            .find_map(|folder| library_in(&folder))
    });
    let of_checkout = executable.and_then(checkout).map(|checkout| checkout.join(".venv"));
    let environments = environment.map(Path::to_path_buf).into_iter().chain(of_checkout);
    beside.chain(environments.filter_map(|environment| library_in_environment(&environment))).next()
}

/// The checkout that an executable was built in, below its folder `target`.
fn checkout(executable: &Path) -> Option<&Path> {
    let target =
        executable.ancestors().find(|folder| folder.file_name().is_some_and(|name| name == "target"))?;
    target.parent().filter(|checkout| checkout.join("Cargo.toml").is_file())
}

/// Links resolved, so that two spellings of one file compare equal and the loader gets no relative path.
fn absolute(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

fn library_in_environment(folder: &Path) -> Option<PathBuf> {
    let unix = entries(&folder.join("lib")).into_iter().filter(|path| file_name(path).starts_with("python3"));
    unix.chain([folder.join("Lib")])
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
    fn the_library_is_found_where_the_executable_or_the_environment_says() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path();
        let capi = folder.join(".venv/lib/python3.12/site-packages/onnxruntime/capi");
        fs::create_dir_all(&capi).unwrap();
        for name in ["libonnxruntime_providers_shared.so", "libonnxruntime.so.1.32.0", "__init__.py"] {
            fs::write(capi.join(name), "").unwrap();
        }
        let library = Some(capi.join("libonnxruntime.so.1.32.0"));
        let (built, copied) = (folder.join("target/release/vitrina"), folder.join("bin/vitrina"));
        assert_eq!(installed(Some(&built), None), None, "no checkout");
        assert_eq!(installed(Some(&copied), None), None, "an environment above is nobody's");
        assert_eq!(installed(Some(&copied), Some(&folder.join(".venv"))), library);
        fs::write(folder.join("Cargo.toml"), "").unwrap();
        assert_eq!(installed(Some(&built), None), library);
        assert_eq!(installed(Some(&copied), None), None);
        let beside = folder.join("lib/libonnxruntime.so");
        fs::create_dir_all(folder.join("bin")).unwrap();
        fs::create_dir_all(folder.join("lib")).unwrap();
        fs::write(&beside, "").unwrap();
        assert_eq!(installed(Some(&copied), None).map(|path| absolute(&path)), Some(absolute(&beside)));
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
