//! `vitrina backup`: a copy of the embedded shop while it is in use.

use std::fs::{self, File};
use std::path::Path;

use anyhow::{Context, Result, bail};
use vitrina_sql::SqliteCatalog;

use super::say;
use crate::cli::BackupOptions;

/// Copies the catalogue, then its photos, to a new folder that can be used as a data folder.
///
/// Photos are only ever added, so the copy holds every photo that the catalogue's copy names. The folder gets its name once
/// all of it is on disk.
///
/// # Errors
/// A folder that exists, a data folder without a catalogue, a disk that is full.
pub async fn backup(options: BackupOptions) -> Result<()> {
    let (data, target) = (&options.data_dir, &options.target);
    let database = data.join("catalog.sqlite");
    if !database.is_file() {
        let data = data.display();
        bail!(
            "there is no catalog.sqlite in {data}: name the data folder with --data-dir (a catalogue on MariaDB is backed up by mariadb-dump, see docs/deploy.md)"
        );
    }
    if target.exists() {
        bail!("{} exists: name a new folder for each backup", target.display());
    }
    let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent).with_context(|| format!("{} cannot be made", parent.display()))?;
    // In the same folder, so that the finished backup only has to be renamed; it goes where this fails.
    let part = tempfile::Builder::new().prefix(".vitrina-backup-").tempdir_in(parent)?;
    let catalog = SqliteCatalog::open(&database.display().to_string()).await?;
    let copy = part.path().join("catalog.sqlite");
    catalog.backup(&copy).await?;
    File::open(&copy)?.sync_all()?;
    let photos = copy_photos(&data.join("photos"), &part.path().join("photos"))?;
    File::open(part.path())?.sync_all()?;
    fs::rename(part.path(), target).with_context(|| format!("{} cannot be made", target.display()))?;
    // There is nothing left to remove.
    let _ = part.keep();
    File::open(parent)?.sync_all()?;
    say(&format!("backed up the catalogue and {photos} photos to {}", target.display()));
    Ok(())
}

/// Copies the files of a folder, without those that are still being written, and returns how many.
fn copy_photos(from: &Path, to: &Path) -> Result<usize> {
    fs::create_dir(to)?;
    if !from.is_dir() {
        return Ok(0);
    }
    let mut copied = 0;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if !entry.file_type()?.is_file() || entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let target = to.join(entry.file_name());
        fs::copy(entry.path(), &target)
            .with_context(|| format!("the photo {} cannot be copied", entry.path().display()))?;
        File::open(&target)?.sync_all()?;
        copied += 1;
    }
    File::open(to)?.sync_all()?;
    Ok(copied)
}
