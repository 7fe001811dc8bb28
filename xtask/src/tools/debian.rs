//! Debian's and Ubuntu's packages, installed where that needs no password.

use anyhow::{Result, bail};

use crate::process::{ask, run, say};
use crate::tools::{Tools, by_hand::ByHand};

impl Tools {
    /// Whether this is Ubuntu, whose `chromium` package only points to a snap.
    pub(super) fn is_ubuntu(&self) -> bool {
        std::fs::read_to_string("/etc/os-release")
            .is_ok_and(|text| text.lines().any(|line| line == "ID=ubuntu"))
    }

    /// Installs packages, or fails with the command that a person can run instead.
    pub(super) fn apt_install(&self, packages: &[&str]) -> Result<()> {
        let by_hand = format!("sudo apt-get install {}", packages.join(" "));
        if self.find("apt-get").is_none() {
            bail!(ByHand(format!(
                "this system has no apt-get, so install {} in its own way",
                packages.join(" and ")
            )));
        }
        let is_root = ask(self.command("id").arg("-u")).is_some_and(|id| id.trim() == "0");
        if !is_root && ask(self.command("sudo").args(["--non-interactive", "true"])).is_none() {
            bail!(ByHand(format!("this is not root, and sudo wants a password: run `{by_hand}`")));
        }
        say(&format!("Installing {} by apt-get (up to some minutes) …", packages.join(", ")));
        let apt_get = |arguments: &[&str]| {
            let prefix: &[&str] = if is_root { &[] } else { &["sudo", "--non-interactive"] };
            let words = [prefix, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet"], arguments]
                .concat();
            run(self.command(words[0]).args(&words[1..]))
        };
        // A container's package lists are missing, an old machine's out of date.
        apt_get(&["update"])?;
        apt_get(&[&["install", "--yes", "--no-install-recommends"], packages].concat())
    }
}
