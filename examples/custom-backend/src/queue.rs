//! A queue whose photos are files.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use vitrina::core::TaskQueue;
use vitrina::core::memory::MemoryQueue;
use vitrina::core::queue::{
    Claim, Completion, DeadLetter, Lease, NewTask, Outcome, QueueDepth, Retry, Stage, TaskId, TaskState,
};
use vitrina::{Error, QueueOptions, Result};

/// A [`TaskQueue`] in memory that keeps a file for each photo until its task has ended: photos survive the process, results do
/// not.
pub struct FolderQueue {
    memory: MemoryQueue,
    folder: PathBuf,
    /// The tasks of photos from before this process, by the ID that their clients know.
    restored: Mutex<HashMap<TaskId, TaskId>>,
}

impl FolderQueue {
    /// Opens the queue of a folder, which is created if it does not exist; photos that are there wait for a worker again.
    ///
    /// # Errors
    /// [`Unavailable`](vitrina::ErrorKind::Unavailable) for a folder that cannot be created or read, and
    /// [`Busy`](vitrina::ErrorKind::Busy) if it holds more than the queue may.
    pub async fn open(folder: impl AsRef<Path>, options: QueueOptions) -> Result<Self> {
        let folder = folder.as_ref().to_path_buf();
        tokio::fs::create_dir_all(&folder).await.map_err(unusable)?;
        let (memory, mut restored) = (MemoryQueue::new(options), HashMap::new());
        let mut entries = tokio::fs::read_dir(&folder).await.map_err(unusable)?;
        while let Some(entry) = entries.next_entry().await.map_err(unusable)? {
            // The name is the ID; a file that was being written has another.
            let Some(task) = entry.file_name().to_str().and_then(|name| name.parse::<TaskId>().ok()) else {
                continue;
            };
            let photo = tokio::fs::read(entry.path()).await.map_err(unusable)?;
            restored.insert(task, memory.submit(photo).await?);
        }
        Ok(Self { memory, folder, restored: Mutex::new(restored) })
    }

    /// The task in memory of the ID that a client knows.
    fn inside(&self, task: TaskId) -> TaskId {
        let restored = self.restored.lock().unwrap_or_else(PoisonError::into_inner);
        restored.get(&task).copied().unwrap_or(task)
    }

    /// The ID that a client knows of a task in memory.
    fn outside(&self, task: TaskId) -> TaskId {
        let restored = self.restored.lock().unwrap_or_else(PoisonError::into_inner);
        restored.iter().find(|(_, inside)| **inside == task).map_or(task, |(outside, _)| *outside)
    }

    fn file(&self, task: TaskId) -> PathBuf {
        self.folder.join(task.to_string())
    }

    /// Deletes the photo of a task that has ended.
    async fn forget(&self, task: TaskId) -> Result<()> {
        match tokio::fs::remove_file(self.file(self.outside(task))).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(unusable(error)),
            _ => Ok(()),
        }
    }
}

fn unusable(error: std::io::Error) -> Error {
    Error::unavailable("the folder of the queue cannot be used").with_source(error)
}

#[async_trait]
impl TaskQueue for FolderQueue {
    async fn ping(&self) -> Result<()> {
        tokio::fs::metadata(&self.folder).await.map(|_| ()).map_err(unusable)
    }

    async fn enqueue(&self, task: NewTask) -> Result<TaskId> {
        let photo = task.photo.clone();
        let id = self.memory.enqueue(task).await?;
        let (file, part) = (self.file(id), self.folder.join(format!("{id}.part")));
        tokio::fs::write(&part, photo).await.map_err(unusable)?;
        tokio::fs::rename(&part, &file).await.map_err(unusable)?;
        if matches!(self.memory.state(id).await?, TaskState::Ended(_)) {
            self.forget(id).await?; // a worker was quicker than the disk
        }
        Ok(id)
    }

    async fn claim(&self, max: usize, wait: Duration) -> Result<Vec<Claim>> {
        self.memory.claim(max, wait).await
    }

    async fn extend(&self, leases: &[Lease]) -> Result<Vec<bool>> {
        self.memory.extend(leases).await
    }

    async fn complete(&self, task: TaskId, outcome: Outcome) -> Result<Completion> {
        let task = self.inside(task);
        let completion = self.memory.complete(task, outcome).await?;
        self.forget(task).await?;
        Ok(completion)
    }

    async fn fail(&self, lease: &Lease, reason: &str) -> Result<Retry> {
        let retry = self.memory.fail(lease, reason).await?;
        if retry == Retry::DeadLettered {
            self.forget(lease.task).await?;
        }
        Ok(retry)
    }

    async fn state(&self, task: TaskId) -> Result<TaskState> {
        self.memory.state(self.inside(task)).await
    }

    async fn wait(&self, task: TaskId, stage: Stage, timeout: Duration) -> Result<TaskState> {
        self.memory.wait(self.inside(task), stage, timeout).await
    }

    async fn depth(&self) -> Result<QueueDepth> {
        self.memory.depth().await
    }

    async fn dead_letters(&self, limit: usize) -> Result<Vec<DeadLetter>> {
        self.memory.dead_letters(limit).await
    }
}
