//! The three browser engines that the end-to-end tests run in, and which of them a machine has to have.

use std::fmt::{Display, Formatter, Write as _};
use std::path::Path;
use std::str::FromStr;

use anyhow::{Context, Error, Result, bail};

use crate::process::say;
use crate::tools::by_hand::ByHand;
use crate::tools::chromium::{self, Chromium};
use crate::tools::firefox::{self, Firefox};
use crate::tools::webkit::{self, WebKit};
use crate::tools::{Tools, in_ci};

/// An engine, as the option `--browser` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Chromium,
    Firefox,
    WebKit,
}

impl FromStr for Engine {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "chromium" => Ok(Self::Chromium),
            "firefox" => Ok(Self::Firefox),
            "webkit" => Ok(Self::WebKit),
            other => bail!("there is no browser {other:?}: it is chromium, firefox or webkit"),
        }
    }
}

impl Display for Engine {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Chromium => "Chromium",
            Self::Firefox => "Firefox",
            Self::WebKit => "WebKit",
        })
    }
}

/// The engines that are there; those that were not asked for and those that were left out are missing.
#[derive(Debug)]
pub(crate) struct Engines {
    pub(crate) chromium: Option<Chromium>,
    pub(crate) firefox: Option<Firefox>,
    pub(crate) webkit: Option<WebKit>,
}

/// Installs what is missing. Without a wish, Chromium has to be there, and the others where they can be had.
pub(super) fn ensure(tools: &Tools, wanted: &[Engine]) -> Result<Engines> {
    let need = |engine| need(engine, wanted, in_ci());
    Ok(Engines {
        chromium: get(Engine::Chromium, need(Engine::Chromium), || chromium::ensure(tools))?,
        firefox: get(Engine::Firefox, need(Engine::Firefox), || firefox::ensure(tools))?,
        webkit: get(Engine::WebKit, need(Engine::WebKit), || webkit::ensure(tools))?,
    })
}

/// How much an engine is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    No,
    /// Left out when it cannot be had, whatever the reason.
    WhereItWorks,
    /// Left out only when a person would have to install it.
    WhereItInstalls,
    Yes,
}

fn need(engine: Engine, wanted: &[Engine], in_ci: bool) -> Need {
    match engine {
        _ if wanted.contains(&engine) => Need::Yes,
        _ if !wanted.is_empty() => Need::No,
        Engine::Chromium => Need::Yes,
        Engine::Firefox | Engine::WebKit if in_ci => Need::WhereItInstalls,
        Engine::Firefox | Engine::WebKit => Need::WhereItWorks,
    }
}

fn get<T>(engine: Engine, need: Need, ensure: impl FnOnce() -> Result<T>) -> Result<Option<T>> {
    if need == Need::No {
        return Ok(None);
    }
    let error = match ensure() {
        Ok(found) => return Ok(Some(found)),
        Err(error) => error,
    };
    if need == Need::Yes || (need == Need::WhereItInstalls && !error.is::<ByHand>()) {
        return Err(error).with_context(|| {
            format!("the tests need {engine} and its driver (`cargo xtask test --fast` needs no browser)")
        });
    }
    say(&format!("{engine} is left out: {error:#}"));
    Ok(None)
}

impl Engines {
    /// One line for each program.
    pub(super) fn report(&self) -> String {
        let mut report = String::new();
        let mut line = |name: &str, version: Option<&str>, program: &Path| {
            let version = version.map(|version| format!("{version}  ")).unwrap_or_default();
            // Writing to a string cannot fail.
            let _ = writeln!(report, "{name:<14}{version}{}", program.display());
        };
        if let Some(Chromium { browser, version, driver, driver_version }) = &self.chromium {
            line("chromium", Some(version), browser);
            line("chromedriver", Some(driver_version), driver);
        }
        if let Some(Firefox { browser, version, driver, driver_version }) = &self.firefox {
            line("firefox", Some(version), browser);
            line("geckodriver", Some(driver_version), driver);
        }
        if let Some(WebKit { browser, driver, x_server }) = &self.webkit {
            line("webkit", None, browser);
            line("webkit driver", None, driver);
            line("xvfb", None, x_server);
        }
        report
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn engines_are_named_as_their_programs_are() {
        for (name, engine) in
            [("chromium", Engine::Chromium), ("firefox", Engine::Firefox), ("webkit", Engine::WebKit)]
        {
            assert_eq!(name.parse::<Engine>().unwrap(), engine);
        }
        for name in ["", "Firefox", "chrome", "safari"] {
            assert!(name.parse::<Engine>().is_err(), "{name}");
        }
    }

    #[test]
    fn a_wish_is_needed_and_nothing_else_is() {
        let wanted = [Engine::Firefox];
        assert_eq!(need(Engine::Firefox, &wanted, false), Need::Yes);
        assert_eq!(need(Engine::Chromium, &wanted, false), Need::No);
        assert_eq!(need(Engine::WebKit, &wanted, true), Need::No);
    }

    #[test]
    fn without_a_wish_chromium_is_needed_and_the_others_where_they_can_be_had() {
        for in_ci in [false, true] {
            assert_eq!(need(Engine::Chromium, &[], in_ci), Need::Yes);
        }
        for engine in [Engine::Firefox, Engine::WebKit] {
            assert_eq!(need(engine, &[], false), Need::WhereItWorks);
            assert_eq!(need(engine, &[], true), Need::WhereItInstalls);
        }
    }

    #[test]
    fn what_cannot_be_had_fails_as_much_as_it_is_needed() {
        let broken = || -> Result<()> { Err(anyhow!("it does not start")) };
        let by_hand = || -> Result<()> { Err(ByHand("run this".into())).context("it is not there") };
        let engine = Engine::WebKit;
        assert!(get(engine, Need::Yes, broken).is_err());
        assert!(get(engine, Need::Yes, by_hand).is_err());
        assert!(get(engine, Need::WhereItInstalls, broken).is_err());
        assert_eq!(get(engine, Need::WhereItInstalls, by_hand).unwrap(), None);
        assert_eq!(get(engine, Need::WhereItWorks, broken).unwrap(), None);
        assert_eq!(get(engine, Need::No, || -> Result<()> { panic!("asked for") }).unwrap(), None);
        assert_eq!(get(engine, Need::WhereItInstalls, || Ok(())).unwrap(), Some(()));
    }
}
