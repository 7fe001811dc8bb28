//! Runs the command line: where its output goes, and how long it may take.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Once;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::support::{Emulator, Folder, KEY};

/// A call takes a second or two; on a machine that does much else it has taken ten.
const PATIENCE: Duration = Duration::from_secs(120);

/// Width and height of the terminal.
pub(crate) const TERMINAL: (u16, u16) = (100, 30);

/// The command line as one person has it: with a home folder of its own.
#[derive(Debug)]
pub(crate) struct Cli {
    program: PathBuf,
    home: Folder,
    host: String,
    key: String,
}

/// What a call wrote, and how it ended.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Cli {
    /// For this emulator; nothing where there is no command line, which is told once.
    pub(crate) fn of(emulator: &Emulator) -> Option<Self> {
        let Some(program) = std::env::var_os("HEROKU_CLI") else {
            static TOLD: Once = Once::new();
            // Past the test harness, which would keep it for itself.
            TOLD.call_once(|| {
                let _ = writeln!(
                    std::io::stderr(),
                    "The heroku command line was left out: HEROKU_CLI does not name it (cargo xtask test does)."
                );
            });
            return None;
        };
        let host = format!("http://{}", emulator.api);
        Some(Self { program: program.into(), home: Folder::new(), host, key: KEY.to_owned() })
    }

    /// The same with another API key.
    pub(crate) fn with_key(self, key: &str) -> Self {
        Self { key: key.to_owned(), ..self }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", self.home.path());
        command.env("TERM", "xterm-256color").env("LANG", "C.UTF-8");
        command.env("HEROKU_HOST", &self.host).env("HEROKU_API_KEY", &self.key);
        command.env("HEROKU_PARTICLEBOARD_URL", &self.host);
        command.env("DISABLE_TELEMETRY", "true").env("HEROKU_SKIP_NEW_VERSION_CHECK", "1");
        command.current_dir(self.home.path());
        command
    }

    /// Runs it in pipes to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = collect(child.stdout.take().unwrap());
        let stderr = collect(child.stderr.take().unwrap());
        let code = wait(&mut child, arguments);
        Output { code, stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() }
    }

    /// What it wrote to standard output; it has to end well.
    pub(crate) fn says(&self, arguments: &[&str]) -> String {
        let Output { code, stdout, stderr } = self.run(arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {stdout}{stderr}");
        stdout
    }

    /// Runs it in pipes until somebody has read enough.
    pub(crate) fn follow(&self, arguments: &[&str]) -> Following {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        // Ends with the output, or when nobody wants more of it.
        std::thread::spawn(move || {
            stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        Following { child, lines }
    }

    /// Runs it in a terminal to its end, and returns what the terminal got.
    pub(crate) fn in_terminal(&self, arguments: &[&str]) -> String {
        let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&terminal).unwrap();
        unlockpt(&terminal).unwrap();
        let (ws_col, ws_row) = TERMINAL;
        tcsetwinsize(&terminal, Winsize { ws_col, ws_row, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let name = PathBuf::from(ptsname(&terminal, Vec::new()).unwrap().into_string().unwrap());
        let side = File::options().read(true).write(true).open(name).unwrap();
        let mut child = self
            .command(arguments)
            .stdin(side.try_clone().unwrap())
            .stdout(side.try_clone().unwrap())
            .stderr(side)
            .spawn()
            .unwrap();
        // Ends with an error when nobody has the other side any more.
        let screen = collect(File::from(terminal));
        wait(&mut child, arguments);
        screen.join().unwrap()
    }
}

/// A call that goes on. Ended when dropped.
#[derive(Debug)]
pub(crate) struct Following {
    child: Child,
    lines: Receiver<String>,
}

impl Following {
    /// All lines up to one that ends so.
    pub(crate) fn lines_to(&self, end: &str) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        while !lines.last().is_some_and(|line| line.ends_with(end)) {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => lines.push(line),
                Err(error) => panic!("{error} after {lines:?}"),
            }
        }
        lines
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(mut from: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn wait(child: &mut Child, arguments: &[&str]) -> Option<i32> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        if Instant::now() > deadline {
            let _ = child.kill();
            panic!("it does not end: {arguments:?}");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
