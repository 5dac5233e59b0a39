//! The queue's steps, each one atomic: Lua scripts that the server keeps by their hash.

use redis::{Cmd, ErrorKind, FromRedisValue, Script, ServerErrorKind};
use vitrina_core::Result;

use crate::error::translate;
use crate::link::Link;

/// The scripts of a queue and the keys they work on.
pub(crate) struct Scripts {
    /// What all keys begin with: `{vitrina}:`.
    base: String,
    pub(crate) submit: Step,
    pub(crate) claim: Step,
    pub(crate) extend: Step,
    pub(crate) complete: Step,
    pub(crate) fail: Step,
    pub(crate) state: Step,
    pub(crate) depth: Step,
}

/// One script.
pub(crate) struct Step {
    code: String,
    hash: String,
}

macro_rules! step {
    ($name:literal) => {
        Step::new(concat!(include_str!("lua/shared.lua"), include_str!(concat!("lua/", $name, ".lua"))))
    };
}

impl Step {
    fn new(code: &str) -> Self {
        Self { code: code.to_owned(), hash: Script::new(code).get_hash().to_owned() }
    }
}

impl Scripts {
    pub(crate) fn new(prefix: &str) -> Self {
        Self {
            base: format!("{{{prefix}}}:"),
            submit: step!("submit"),
            claim: step!("claim"),
            extend: step!("extend"),
            complete: step!("complete"),
            fail: step!("fail"),
            state: step!("state"),
            depth: step!("depth"),
        }
    }

    /// The name of a key or a channel of the queue.
    pub(crate) fn key(&self, name: &str) -> String {
        format!("{}{name}", self.base)
    }

    /// Runs a script; `arguments` adds its arguments. The server is sent its code when it does not know it.
    pub(crate) async fn run<T: FromRedisValue>(
        &self,
        link: &Link,
        step: &Step,
        arguments: impl Fn(&mut Cmd),
    ) -> Result<T> {
        let known = self.command("EVALSHA", &step.hash, &arguments);
        match link.send(&known).await? {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                let whole = self.command("EVAL", &step.code, &arguments);
                link.send(&whole).await?.map_err(translate)
            }
            answer => answer.map_err(translate),
        }
    }

    fn command(&self, verb: &str, script: &str, arguments: impl Fn(&mut Cmd)) -> Cmd {
        let mut command = redis::cmd(verb);
        command.arg(script).arg(4);
        for name in ["stream", "leases", "meta", "dead"] {
            command.arg(self.key(name));
        }
        command.arg(&self.base);
        arguments(&mut command);
        command
    }
}
