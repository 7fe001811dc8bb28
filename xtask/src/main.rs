//! The project's commands: what `cargo xtask …` accepts, and which module does it.

#[cfg(not(unix))]
compile_error!("Build inside WSL: the tools and the emulator need a Unix system.");

mod artefact;
mod bench;
mod counts;
mod files;
mod imports;
mod licences;
mod loader;
mod locations;
mod names;
mod order;
mod pack;
mod policy;
mod process;
mod serve;
mod shrink;
mod simulate;
mod sizes;
mod source;
mod test;
mod tools;
mod traps;
mod wasm;

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use lexopt::prelude::*;

use crate::tools::Tools;

const USAGE: &str = "\
Usage: cargo xtask COMMAND

  serve [--port N] [--api-port N] [--open]
                   builds the page, starts the emulator on one-off-dyno/ and serves both;
                   page on port 8080, API on port 8081 unless told otherwise, 0 is any free one;
                   --open opens the browser
  build            builds the page into dist/ and prints its sizes
  test [--fast | --browser NAME]…
                   runs every check and test; --fast leaves the browsers out; --browser names one of
                   chromium, firefox and webkit for the end-to-end tests and can be repeated, without
                   it they run in Chromium and where they can be had in the other two
  simulate [--seeds N | --seed S]
                   runs the simulation of broken networks, 10000 seeds unless told otherwise;
                   --seed replays one and prints what happened
  bench [--quick]  measures the page in Chromium and writes docs/performance.md, in about four minutes;
                   --quick measures little and writes nothing there
  setup            installs everything that the other commands need

Every command installs what it needs and is not there.
";

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
enum Task {
    Help,
    Setup,
    Build,
    Serve(serve::Options),
    /// Started by `serve --open` only: opens the browser at this loopback port once something listens.
    OpenPage {
        port: u16,
    },
    Test(test::Options),
    Simulate(simulate::Options),
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let result = parse(lexopt::Parser::from_env()).and_then(run);
    match result {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn parse(mut arguments: lexopt::Parser) -> Result<Task> {
    let mut task = match arguments.next()? {
        None => return Ok(Task::Help),
        Some(Long("help") | Short('h')) => return Ok(Task::Help),
        Some(Value(command)) => match command.string()?.as_str() {
            "help" => Task::Help,
            "setup" => Task::Setup,
            "build" => Task::Build,
            "serve" => Task::Serve(serve::Options::default()),
            "open-page" => Task::OpenPage { port: 0 },
            "test" => Task::Test(test::Options::default()),
            "bench" => Task::Bench(bench::Options::default()),
            "simulate" => Task::Simulate(simulate::Options::default()),
            other => bail!("there is no command {other:?}\n\n{USAGE}"),
        },
        Some(other) => return Err(other.unexpected().into()),
    };
    while let Some(argument) = arguments.next()? {
        match (&mut task, argument) {
            (_, Long("help") | Short('h')) => return Ok(Task::Help),
            (Task::Serve(options), Long("port")) => options.port = arguments.value()?.parse()?,
            (Task::Serve(options), Long("api-port")) => options.api_port = arguments.value()?.parse()?,
            (Task::Serve(options), Long("open")) => options.open = true,
            (Task::OpenPage { port }, Long("port")) => *port = arguments.value()?.parse()?,
            (Task::Test(options), Long("fast")) => options.fast = true,
            (Task::Test(options), Long("browser")) => {
                options.browsers.push(arguments.value()?.string()?.parse()?);
            }
            (Task::Bench(options), Long("quick")) => options.quick = true,
            (Task::Simulate(options), Long("seeds")) => options.seeds = arguments.value()?.parse()?,
            (Task::Simulate(options), Long("seed")) => options.seed = Some(arguments.value()?.parse()?),
            (_, other) => return Err(other.unexpected().into()),
        }
    }
    if matches!(&task, Task::Test(options) if options.fast && !options.browsers.is_empty()) {
        bail!("--fast leaves out what --browser asks for");
    }
    Ok(task)
}

fn run(task: Task) -> Result<ExitCode> {
    let tools = Tools::new()?;
    match task {
        Task::Help => print(USAGE)?,
        Task::Setup => print(&tools.set_up()?)?,
        Task::Build => artefact::build(&tools)?.print_sizes()?,
        Task::Serve(options) => serve::run(&tools, &options)?,
        Task::OpenPage { port } => serve::open_page(&tools, port)?,
        Task::Test(options) => return test::run(&tools, &options),
        Task::Bench(options) => bench::run(&tools, &options)?,
        Task::Simulate(options) => simulate::run(&tools, &options)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes to standard output; unlike `print!`, a closed pipe is an error and no panic.
fn print(text: &str) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).context("cannot write to standard output")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::engines::Engine;

    fn parsed(line: &str) -> Result<Task> {
        parse(lexopt::Parser::from_args(line.split_whitespace()))
    }

    #[test]
    fn commands_and_their_options() {
        assert_eq!(parsed("").unwrap(), Task::Help);
        assert_eq!(parsed("serve --help").unwrap(), Task::Help);
        assert_eq!(parsed("test").unwrap(), Task::Test(test::Options::default()));
        assert_eq!(
            parsed("test --fast").unwrap(),
            Task::Test(test::Options { fast: true, browsers: Vec::new() })
        );
        assert_eq!(
            parsed("test --browser webkit --browser=firefox").unwrap(),
            Task::Test(test::Options { fast: false, browsers: vec![Engine::WebKit, Engine::Firefox] })
        );
        assert_eq!(
            parsed("simulate --seeds 7").unwrap(),
            Task::Simulate(simulate::Options { seeds: 7, seed: None })
        );
        assert_eq!(
            parsed("simulate --seed 1234").unwrap(),
            Task::Simulate(simulate::Options { seed: Some(1234), ..simulate::Options::default() })
        );
        assert_eq!(parsed("bench --quick").unwrap(), Task::Bench(bench::Options { quick: true }));
        assert_eq!(
            parsed("serve --port 0 --api-port=9001 --open").unwrap(),
            Task::Serve(serve::Options { port: 0, api_port: 9001, open: true })
        );
    }

    #[test]
    fn what_is_not_known_is_an_error() {
        for line in [
            "deploy",
            "build --fast",
            "serve --port",
            "serve --port 70000",
            "--port 1",
            "test all",
            "simulate --seed",
            "simulate --seeds many",
            "test --seed 1",
            "test --browser",
            "test --browser opera",
            "test --fast --browser firefox",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
