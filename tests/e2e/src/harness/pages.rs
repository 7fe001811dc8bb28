//! A server as GitHub Pages is one: it lets browsers keep every file for ten minutes, knows nothing but the files of
//! the present deployment, and sends no header that would protect the page.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::scripted::{content_type, read_request};

/// A server on a free port of this machine, which ends with this value.
pub(crate) struct Pages {
    pub(crate) port: u16,
    /// Where the page is, with a slash at the end.
    pub(crate) address: String,
    site: Arc<Site>,
    listener: JoinHandle<()>,
}

/// What is served.
struct Site {
    /// What paths begin with, without a slash at the end.
    base: &'static str,
    folder: Mutex<PathBuf>,
    /// How the names of files begin that browsers may not keep.
    not_kept: Vec<&'static str>,
    /// Path and status, in the order in which the answers were sent.
    requests: Mutex<Vec<(String, u16)>>,
}

impl Pages {
    pub(crate) async fn start(folder: &Path) -> Self {
        Self::start_with(folder, "", &[]).await
    }

    /// Below a path, as a repository's page is. Files whose names begin with one of `not_kept` are never in the
    /// browser's cache, as if they had been dropped from there when it was full.
    pub(crate) async fn start_with(folder: &Path, base: &'static str, not_kept: &[&'static str]) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let site = Arc::new(Site {
            base,
            folder: Mutex::new(folder.to_owned()),
            not_kept: not_kept.to_vec(),
            requests: Mutex::default(),
        });
        let served = Arc::clone(&site);
        let listener = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let site = Arc::clone(&served);
                // A connection that breaks is the browser's affair.
                tokio::spawn(async move { site.answer(stream).await });
            }
        });
        Self { port, address: format!("http://127.0.0.1:{port}{base}/"), site, listener }
    }

    /// Puts another folder in the place of the present one.
    pub(crate) fn deploy(&self, folder: &Path) {
        *self.site.folder.lock().expect("the folder") = folder.to_owned();
    }

    /// Path and status of all requests so far, but for the icon that browsers ask for by themselves.
    pub(crate) fn requests(&self) -> Vec<(String, u16)> {
        let requests = self.site.requests.lock().expect("the requests").clone();
        requests.into_iter().filter(|(path, _)| path != "/favicon.ico").collect()
    }

    /// How often the page itself was asked for.
    pub(crate) fn visits(&self) -> usize {
        let page = format!("{}/", self.site.base);
        self.requests().iter().filter(|(path, _)| *path == page).count()
    }

    /// Ends it at once, as a network that goes away does.
    pub(crate) async fn end(&mut self) {
        self.listener.abort();
        // Aborted, which is what was asked for.
        let _ = (&mut self.listener).await;
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

impl Site {
    async fn answer(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let Some(path) = read_request(&mut stream).await? else { return Ok(()) };
        let path = path.split('?').next().unwrap_or_default();
        let name = match path.strip_prefix(self.base).and_then(|path| path.strip_prefix('/')) {
            Some("") => Some("index.html"),
            name => name,
        };
        let folder = self.folder.lock().expect("the folder").clone();
        let file = name.and_then(|name| Some((name, std::fs::read(folder.join(name)).ok()?)));
        let (status, name, body) = match file {
            Some((name, body)) => (200, name, body),
            None => (404, "404.html", std::fs::read(folder.join("404.html")).unwrap_or_default()),
        };
        self.requests.lock().expect("the requests").push((path.to_owned(), status));
        let is_kept = !self.not_kept.iter().any(|start| name.starts_with(start));
        let head = format!(
            "HTTP/1.1 {status} Pages\r\nContent-Type: {}\r\nCache-Control: {}\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n",
            content_type(name),
            if is_kept { "max-age=600" } else { "no-store" },
            body.len()
        );
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(&body).await?;
        stream.shutdown().await
    }
}
