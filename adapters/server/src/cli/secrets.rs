//! Secrets from files: for each variable that holds a secret there is one with `_FILE` behind its name.

use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// The variables that hold secrets.
const SECRETS: [&str; 4] = ["VITRINA_ADMIN_KEY", "WEBHOOK_SECRET", "DATABASE_URL", "REDIS_URL"];

/// The longest secret in bytes.
const LONGEST: u64 = 64 << 10;

/// The variables whose value a file holds, with that value: its first line. `read` reads the environment.
///
/// # Errors
/// A file that cannot be read, is empty or too large, and a variable that is set both ways.
pub fn secrets_from_files(read: impl Fn(&str) -> Option<OsString>) -> Result<Vec<(&'static str, String)>> {
    let set = |name: &str| read(name).filter(|value| !value.is_empty());
    let mut found = Vec::new();
    for name in SECRETS {
        let Some(file) = set(&format!("{name}_FILE")) else { continue };
        if set(name).is_some() {
            bail!("both {name} and {name}_FILE are set: leave one of them out");
        }
        let file = Path::new(&file);
        let shown = file.display();
        let unreadable = || format!("{shown}, which {name}_FILE names, cannot be read");
        if std::fs::metadata(file).with_context(unreadable)?.len() > LONGEST {
            bail!("{shown}, which {name}_FILE names, is too large for a secret");
        }
        let text = std::fs::read_to_string(file).with_context(unreadable)?;
        let secret = text.lines().next().unwrap_or_default().trim();
        if secret.is_empty() {
            bail!("{shown}, which {name}_FILE names, has no secret in its first line");
        }
        found.push((name, secret.to_owned()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_the_first_line_of_its_file_and_set_one_way() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        std::fs::write(&file, "a long and secret key\r\n").unwrap();
        let one = |name: &str| (name == "VITRINA_ADMIN_KEY_FILE").then(|| file.clone().into_os_string());
        let found = secrets_from_files(one).unwrap();
        assert_eq!(found, [("VITRINA_ADMIN_KEY", "a long and secret key".to_owned())]);
        let error =
            secrets_from_files(|name| name.starts_with("VITRINA_ADMIN_KEY").then(|| file.clone().into()));
        let error = error.unwrap_err().to_string();
        assert!(error.contains("leave one of them out") && !error.contains("secret key"), "{error}");
        std::fs::write(&file, "\n").unwrap();
        assert!(secrets_from_files(one).is_err());
        let missing = |name: &str| (name == "REDIS_URL_FILE").then(|| "/nowhere".into());
        assert!(format!("{:#}", secrets_from_files(missing).unwrap_err()).contains("REDIS_URL_FILE"));
        assert!(secrets_from_files(|_| None).unwrap().is_empty());
    }
}
