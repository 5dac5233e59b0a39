//! Searching by a photo: submit it, then wait for its result.

use std::convert::Infallible;
use std::time::Duration;

use futures_util::stream::once;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::multipart::{Form, Part};
use reqwest::{Body, RequestBuilder};
use tokio::time::{Instant, sleep, timeout_at};

use crate::answer::{ImageAnswer, Progress};
use crate::http::{Answer, deadline, send};
use crate::{Client, ClientError, ClientErrorKind, PhotoSearch, Result, wire};

/// The longest time that one request is asked to be held open.
const HOLD: Duration = Duration::from_secs(10);

/// The same where someone watches the progress, which a held request does not tell.
const HOLD_WATCHED: Duration = Duration::from_secs(1);

/// The pause between two polls of a server that holds no request open and names no pause; it grows to the second.
const PAUSE: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(2));

/// No photo is asked for more often than this, whatever the server says.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);

/// How long a server that broke an upload off may take to say why, before it gets the photo once more.
const HEAR_OUT: Duration = Duration::from_secs(1);

enum Polled {
    Pending { progress: Progress, retry_after: Option<Duration>, applied: bool },
    Completed(ImageAnswer),
}

impl Client {
    /// Hands a photo in; answers the task under which its [`result`](Self::result) will be.
    ///
    /// # Errors
    /// Those of any request; [`TooLarge`](ClientErrorKind::TooLarge), [`UnsupportedPhoto`](ClientErrorKind::UnsupportedPhoto),
    /// [`Busy`](ClientErrorKind::Busy) while the queue is full.
    pub async fn submit_image(&self, photo: impl Into<Vec<u8>>) -> Result<String> {
        self.submit(&photo.into(), deadline(self.timeout())).await
    }

    /// A task's result as `search` narrows it, or `None` while it is pending; a server that can hold the request open does
    /// so for up to `wait`, in whole seconds.
    ///
    /// One task can be asked for in many ways: the photo is not classified anew.
    ///
    /// # Errors
    /// Those of any request; [`NotFound`](ClientErrorKind::NotFound), [`Expired`](ClientErrorKind::Expired),
    /// [`Unreadable`](ClientErrorKind::Unreadable), [`Invalid`](ClientErrorKind::Invalid) for a filter that the server
    /// refuses.
    pub async fn result(
        &self,
        task: &str,
        search: &PhotoSearch,
        wait: Duration,
    ) -> Result<Option<ImageAnswer>> {
        let until = deadline(wait.saturating_add(self.timeout()));
        match self.poll(task, search, wait, until).await? {
            Polled::Pending { .. } => Ok(None),
            Polled::Completed(answer) => Ok(Some(answer)),
        }
    }

    /// Products by a photo, as `search` narrows them: hands it in and waits for the result, `timeout` at most in all.
    ///
    /// `progress` hears how far the photo has come, each stage once. A server that is busy is asked again after the
    /// pause that it names, as long as the time allows.
    ///
    /// # Errors
    /// Those of [`submit_image`](Self::submit_image) and [`result`](Self::result); [`Timeout`](ClientErrorKind::Timeout)
    /// when the time is over, which the task survives.
    pub async fn search_image(
        &self,
        photo: impl Into<Vec<u8>>,
        search: &PhotoSearch,
        timeout: Duration,
        mut progress: impl FnMut(Progress),
    ) -> Result<ImageAnswer> {
        self.search(photo.into(), search, timeout, HOLD_WATCHED, &mut progress).await
    }

    /// As [`search_image`](Self::search_image) with nobody watching, which takes fewer requests.
    ///
    /// # Errors
    /// The same.
    pub async fn search_image_quietly(
        &self,
        photo: impl Into<Vec<u8>>,
        search: &PhotoSearch,
        timeout: Duration,
    ) -> Result<ImageAnswer> {
        self.search(photo.into(), search, timeout, HOLD, &mut |_| {}).await
    }

    async fn search(
        &self,
        photo: Vec<u8>,
        search: &PhotoSearch,
        timeout: Duration,
        hold: Duration,
        progress: &mut impl FnMut(Progress),
    ) -> Result<ImageAnswer> {
        let until = deadline(timeout);
        let task = loop {
            match self.submit(&photo, until).await {
                Ok(task) => break task,
                Err(error) => pause_if_busy(error, until).await?,
            }
        };
        drop(photo);
        progress(Progress::Queued);
        match timeout_at(until, self.wait_for(&task, search, until, hold, progress)).await {
            Ok(Err(error)) if error.kind() != ClientErrorKind::Timeout => Err(error),
            Ok(Ok(answer)) => Ok(answer),
            _ => Err(ClientError::timeout(format!(
                "the photo was taken in as task {task}, but its result did not come within {} s: ask for it later, or \
                 allow more time",
                timeout.as_secs_f32()
            ))),
        }
    }

    async fn wait_for(
        &self,
        task: &str,
        search: &PhotoSearch,
        until: Instant,
        hold: Duration,
        progress: &mut impl FnMut(Progress),
    ) -> Result<ImageAnswer> {
        let mut seen = Progress::Queued;
        let mut pause = PAUSE.0;
        loop {
            let asked = Instant::now();
            let wait = hold.min(until.saturating_duration_since(asked));
            match self.poll(task, search, wait, until).await {
                Ok(Polled::Completed(answer)) => return Ok(answer),
                Ok(Polled::Pending { progress: now, retry_after, applied }) => {
                    if now != seen {
                        seen = now;
                        progress(now);
                    }
                    // A server that held the request open has already waited for us.
                    if !applied || asked.elapsed() < wait / 2 {
                        sleep(retry_after.unwrap_or(pause).clamp(SHORTEST_PAUSE, HOLD)).await;
                        pause = (pause * 2).min(PAUSE.1);
                    }
                }
                Err(error) => pause_if_busy(error, until).await?,
            }
        }
    }

    async fn submit(&self, photo: &[u8], until: Instant) -> Result<String> {
        let url = self.url(&["search", "image"], &[])?;
        let answer = self.upload(&|| self.http().post(url.clone()), photo, until).await?;
        Ok(answer.json::<wire::Submitted>()?.task_id)
    }

    /// Sends a photo in the form that `request` takes.
    pub(crate) async fn upload(
        &self,
        request: &impl Fn() -> RequestBuilder,
        photo: &[u8],
        until: Instant,
    ) -> Result<Answer> {
        match self.upload_after(Duration::ZERO, request, photo, until).await {
            // Who refuses a photo by its length closes the connection while it is sent, and what they said may be lost
            // with it. The second time they may speak first.
            Err(error) if error.broke_off() => self.upload_after(HEAR_OUT, request, photo, until).await,
            answer => answer,
        }
    }

    async fn upload_after(
        &self,
        pause: Duration,
        request: &impl Fn() -> RequestBuilder,
        photo: &[u8],
        until: Instant,
    ) -> Result<Answer> {
        let (name, media_type) = declared(photo);
        let form = || {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(media_type))]);
            let bytes = photo.to_vec();
            let length = bytes.len() as u64;
            let part = if pause.is_zero() {
                Part::bytes(bytes)
            } else {
                let late = once(async move {
                    sleep(pause).await;
                    Ok::<_, Infallible>(bytes)
                });
                Part::stream_with_length(Body::wrap_stream(late), length)
            };
            Form::new().part("file", part.file_name(name).headers(headers))
        };
        send(self.base(), until, false, || request().multipart(form())).await?.success(false)
    }

    async fn poll(&self, task: &str, search: &PhotoSearch, wait: Duration, until: Instant) -> Result<Polled> {
        if matches!(task, "" | "." | "..") {
            return Err(ClientError::invalid(format!("`{task}` is no task id")));
        }
        let url = self.url(&["tasks", task, "result"], &search.to_pairs())?;
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let request = || match seconds {
            0 => self.http().get(url.clone()),
            _ => self.http().get(url.clone()).header("prefer", format!("wait={seconds}")),
        };
        let answer = send(self.base(), until, true, request).await?.success(true)?;
        let task: wire::Task = answer.json()?;
        let status = task.status.as_deref().unwrap_or("completed");
        match status {
            "completed" if answer.status.as_u16() != 202 => {
                Ok(Polled::Completed(task.into_answer(self.base())))
            }
            "failed" => {
                let reason =
                    task.detail.or(task.error).unwrap_or_else(|| "the photo could not be read".into());
                Err(ClientError::new(ClientErrorKind::Unreadable, "photo not readable", reason))
            }
            _ => Ok(Polled::Pending {
                progress: task.progress(),
                retry_after: answer.retry_after(),
                applied: answer.applied_wait(),
            }),
        }
    }
}

/// Waits as long as a busy server asks for; any other error, and a pause that takes too long, is handed back.
async fn pause_if_busy(error: ClientError, until: Instant) -> Result<()> {
    let asked_for = error.retry_after().filter(|_| matches!(error.status(), Some(429 | 503)));
    match asked_for.map(|pause| pause.max(SHORTEST_PAUSE)) {
        Some(pause) if deadline(pause) < until => {
            sleep(pause).await;
            Ok(())
        }
        _ => Err(error),
    }
}

/// A file name and a media type for servers that look at them; the bytes decide.
fn declared(photo: &[u8]) -> (&'static str, &'static str) {
    match photo {
        [0xff, 0xd8, 0xff, ..] => ("photo.jpg", "image/jpeg"),
        [0x89, b'P', b'N', b'G', ..] => ("photo.png", "image/png"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => ("photo.webp", "image/webp"),
        [b'G', b'I', b'F', b'8', ..] => ("photo.gif", "image/gif"),
        [b'B', b'M', ..] => ("photo.bmp", "image/bmp"),
        _ => ("photo", "application/octet-stream"),
    }
}
