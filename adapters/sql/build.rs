//! Lists the migrations, so that a new file is part of the program without being named.

#![allow(clippy::print_stdout)] // which is how cargo takes instructions

use std::fmt::Write;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=migrations");
    let root = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let mut code = String::new();
    for database in ["sqlite", "mariadb"] {
        let folder = Path::new(&root).join("migrations").join(database);
        let mut files =
            fs::read_dir(&folder)?.map(|file| Ok(file?.path())).collect::<io::Result<Vec<_>>>()?;
        files.sort();
        let _ = writeln!(code, "#[cfg(feature = {database:?})]");
        let _ = writeln!(code, "pub(crate) const {}: &[(&str, &str)] = &[", database.to_uppercase());
        for file in files {
            let name = file.file_stem().unwrap_or_default();
            let _ = writeln!(code, "    ({name:?}, include_str!({file:?})),");
        }
        code.push_str("];\n");
    }
    let target = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&target).join("migrations.rs"), code)
}
