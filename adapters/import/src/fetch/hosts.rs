//! The hosts that may be asked.

use vitrina_core::{Error, Result};

/// A list of hosts: exact names, `*.example.com` for all below one, `*` for every public host.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostList(Vec<String>);

impl HostList {
    /// Reads a list.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) naming what is no host.
    pub fn new<S: AsRef<str>>(hosts: impl IntoIterator<Item = S>) -> Result<Self> {
        let read = |host: S| {
            let host = host.as_ref().trim().to_ascii_lowercase();
            let name = host.strip_prefix("*.").unwrap_or(&host);
            let is_name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']' | '_');
            if host == "*" || !name.is_empty() && name.chars().all(is_name) {
                return Ok(host);
            }
            Err(Error::invalid(format!("`{host}` is no host: write cdn.example.com, *.example.com or *")))
        };
        hosts.into_iter().map(read).collect::<Result<_>>().map(Self)
    }

    /// Returns the host of a URL with those of the same site: `www.tienda.es` allows `tienda.es` and all below it.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) for what is no `http(s)` URL.
    pub fn of_site(url: &str) -> Result<Self> {
        let parsed = url::Url::parse(url).ok();
        let host = parsed.as_ref().and_then(url::Url::host_str);
        let host =
            host.ok_or_else(|| Error::invalid(format!("`{url}` is no URL: write https://HOST/PATH")))?;
        let site = host.strip_prefix("www.").unwrap_or(host);
        Ok(Self(vec![site.to_owned(), format!("*.{site}")]))
    }

    /// Adds the hosts of another list.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Returns true if a host is in the list.
    pub fn allows(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        self.0.iter().any(|allowed| match allowed.strip_prefix('*') {
            Some(below) => host.ends_with(below),
            None => host == *allowed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stars_and_sites() {
        let list = HostList::new(["CDN.example.com", "*.imgix.net"]).unwrap();
        assert!(list.allows("cdn.example.com") && list.allows("a.imgix.net"));
        assert!(!list.allows("example.com") && !list.allows("imgix.net") && !list.allows("evilimgix.net"));
        let site = HostList::of_site("https://www.tienda.es/feed.xml").unwrap();
        assert!(site.allows("tienda.es") && site.allows("cdn.tienda.es") && !site.allows("mitienda.es"));
        assert!(HostList::new(["a b"]).is_err());
        assert!(HostList::new(["*"]).unwrap().allows("anything.example"));
    }
}
