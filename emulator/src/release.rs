//! Releases: what dynos run, numbered. A new one is made when the app's folder or its config vars have changed.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::config_vars::{self, ConfigVars};
use crate::slug::{self, Slug};
use crate::timestamp;

/// The process type whose command has to succeed before a release is used.
pub(crate) const RELEASE_PHASE: &str = "release";

/// A release as the API shows it.
#[derive(Debug)]
pub(crate) struct Release {
    pub(crate) id: Uuid,
    /// From 1.
    pub(crate) version: usize,
    /// `Deploy 0123abcd` or `Set NAME config vars`.
    pub(crate) description: String,
    pub(crate) slug: Uuid,
    pub(crate) created_at: String,
    state: Mutex<ReleaseState>,
}

/// The part of a release that changes.
#[derive(Clone, Debug)]
pub(crate) struct ReleaseState {
    pub(crate) status: ReleaseStatus,
    pub(crate) updated_at: String,
}

/// Whether dynos can run it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReleaseStatus {
    /// Its release phase runs.
    Pending,
    Succeeded,
    Failed,
}

impl Release {
    pub(crate) fn state(&self) -> ReleaseState {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn settle(&self, status: ReleaseStatus) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state = ReleaseState { status, updated_at: timestamp::now() };
    }
}

/// A release with what it takes to run it.
#[derive(Clone, Debug)]
pub(crate) struct Deployment {
    pub(crate) release: Arc<Release>,
    pub(crate) slug: Arc<Slug>,
    pub(crate) config_vars: Arc<ConfigVars>,
}

/// The releases of one app, and how new ones come about.
#[derive(Debug)]
pub(crate) struct Releases {
    source: PathBuf,
    /// Where slugs are kept.
    slugs: PathBuf,
    /// Held while a release is made, so that one change makes one.
    newest: tokio::sync::Mutex<Newest>,
    history: Mutex<History>,
}

#[derive(Debug, Default)]
struct Newest {
    /// [`slug::look`] of the folder that `deployment` was made from.
    look: Option<u64>,
    deployment: Option<Deployment>,
    /// The folder's config vars.
    file: ConfigVars,
    /// What the API has set since, or removed.
    set: Vec<(String, Option<String>)>,
}

#[derive(Debug, Default)]
struct History {
    releases: Vec<Arc<Release>>,
    /// The newest that succeeded.
    current: Option<Deployment>,
}

impl Releases {
    pub(crate) fn new(source: PathBuf, slugs: PathBuf) -> Self {
        Self { source, slugs, newest: tokio::sync::Mutex::default(), history: Mutex::default() }
    }

    /// All of them, oldest first.
    pub(crate) fn all(&self) -> Vec<Arc<Release>> {
        self.history().releases.clone()
    }

    /// What dynos run now.
    pub(crate) fn current(&self) -> Option<Deployment> {
        self.history().current.clone()
    }

    /// The app's config vars, also while no release with them has succeeded.
    pub(crate) async fn config_vars(&self) -> ConfigVars {
        let newest = self.newest.lock().await;
        newest.deployment.as_ref().map(|deployment| (*deployment.config_vars).clone()).unwrap_or_default()
    }

    /// Looks at the folder and makes a release if something has changed. It is in use, unless it has a release phase: then
    /// it is pending.
    ///
    /// # Errors
    ///
    /// A sentence, when the folder cannot be made a slug.
    pub(crate) async fn look(&self) -> Result<Option<Deployment>, String> {
        let mut newest = self.newest.lock().await;
        let source = self.source.clone();
        let look = blocking(move || slug::look(&source)).await?;
        if newest.look == Some(look) {
            return Ok(None);
        }
        let (source, slugs) = (self.source.clone(), self.slugs.clone());
        let build = move || Ok((config_vars::read(&source)?, Slug::build(&source, &slugs)?));
        let (file, slug) = blocking(build).await?;
        newest.look = Some(look);
        newest.file = file;
        Ok(self.add(&mut newest, Some(slug)))
    }

    /// Sets config vars, or removes those without a value, and makes a release like [`Self::look`] if that changes
    /// something.
    pub(crate) async fn set(&self, changes: Vec<(String, Option<String>)>) -> Option<Deployment> {
        let mut newest = self.newest.lock().await;
        newest.set.extend(changes);
        self.add(&mut newest, None)
    }

    /// Ends the time in which `deployment` was pending.
    pub(crate) fn settle(&self, deployment: &Deployment, succeeded: bool) {
        let status = if succeeded { ReleaseStatus::Succeeded } else { ReleaseStatus::Failed };
        deployment.release.settle(status);
        let mut history = self.history();
        let is_newer = |current: &Deployment| current.release.version < deployment.release.version;
        if succeeded && history.current.as_ref().is_none_or(is_newer) {
            history.current = Some(deployment.clone());
        }
    }

    fn add(&self, newest: &mut Newest, slug: Option<Slug>) -> Option<Deployment> {
        let last = newest.deployment.as_ref();
        let slug = slug.map(Arc::new);
        let slug = match (last, slug) {
            (Some(last), Some(slug)) if last.slug.content == slug.content => Arc::clone(&last.slug),
            (_, Some(slug)) => slug,
            (Some(last), None) => Arc::clone(&last.slug),
            (None, None) => return None,
        };
        let mut config_vars = newest.file.clone();
        for (name, value) in &newest.set {
            match value {
                Some(value) => drop(config_vars.insert(name.clone(), value.clone())),
                None => drop(config_vars.remove(name)),
            }
        }
        let is_deploy = last.is_none_or(|last| !Arc::ptr_eq(&last.slug, &slug));
        let description = if is_deploy {
            format!("Deploy {:08x}", slug.content >> 32)
        } else {
            describe(&last?.config_vars, &config_vars)?
        };
        let is_pending = slug.procfile.command(RELEASE_PHASE).is_some();
        let status = if is_pending { ReleaseStatus::Pending } else { ReleaseStatus::Succeeded };
        let mut history = self.history();
        let now = timestamp::now();
        let release = Arc::new(Release {
            id: Uuid::new_v4(),
            version: history.releases.len() + 1,
            description,
            slug: slug.id,
            created_at: now.clone(),
            state: Mutex::new(ReleaseState { status, updated_at: now }),
        });
        history.releases.push(Arc::clone(&release));
        let deployment = Deployment { release, slug, config_vars: Arc::new(config_vars) };
        if status == ReleaseStatus::Succeeded {
            history.current = Some(deployment.clone());
        }
        newest.deployment = Some(deployment.clone());
        Some(deployment)
    }

    fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What changed from `old` to `new`, in Heroku's words; `None` if nothing did.
fn describe(old: &ConfigVars, new: &ConfigVars) -> Option<String> {
    let list = |names: Vec<&String>| names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    let set: Vec<&String> =
        new.iter().filter(|(name, value)| old.get(*name) != Some(*value)).map(|(name, _)| name).collect();
    let removed: Vec<&String> = old.keys().filter(|name| !new.contains_key(*name)).collect();
    match (set.is_empty(), removed.is_empty()) {
        (true, true) => None,
        (true, false) => Some(format!("Remove {} config vars", list(removed))),
        (false, _) => Some(format!("Set {} config vars", list(set))),
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    spawn_blocking(work).await.map_err(|error| error.to_string())?
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::fs;

    use super::*;
    use crate::folder::Folder;

    struct Source {
        _parent: Folder,
        path: PathBuf,
        releases: Releases,
    }

    fn source() -> Source {
        let parent = Folder::create(&std::env::temp_dir()).unwrap();
        let path = parent.path().join("source");
        let slugs = parent.path().join("slugs");
        fs::create_dir(&path).unwrap();
        fs::create_dir(&slugs).unwrap();
        fs::write(path.join("file"), "1").unwrap();
        Source { releases: Releases::new(path.clone(), slugs), path, _parent: parent }
    }

    async fn change(source: &Source) -> Option<String> {
        let deployment = source.releases.look().await.unwrap()?;
        assert_eq!(source.releases.current().unwrap().release.id, deployment.release.id);
        assert_eq!(deployment.release.version, source.releases.all().len());
        Some(deployment.release.description.clone())
    }

    #[tokio::test]
    async fn a_release_is_made_when_the_folder_changes_and_only_then() {
        let source = source();
        assert!(change(&source).await.unwrap().starts_with("Deploy "));
        assert_eq!(change(&source).await, None);
        fs::write(source.path.join("file"), "2").unwrap();
        assert!(change(&source).await.unwrap().starts_with("Deploy "));
        // Written again with the same content, and what does not belong to the app.
        fs::write(source.path.join("file"), "2").unwrap();
        fs::create_dir(source.path.join(".git")).unwrap();
        fs::write(source.path.join(".git/HEAD"), "x").unwrap();
        assert_eq!(change(&source).await, None);
    }

    #[tokio::test]
    async fn config_vars_make_releases_of_the_same_slug() {
        let source = source();
        change(&source).await;
        fs::write(source.path.join(".env"), "A=1\nB=2\n").unwrap();
        assert_eq!(change(&source).await.as_deref(), Some("Set A, B config vars"));
        let set =
            source.releases.set(vec![("B".into(), Some("3".into())), ("C".into(), None)]).await.unwrap();
        assert_eq!(set.release.description, "Set B config vars");
        assert_eq!(*set.config_vars, [("A", "1"), ("B", "3")].map(|(n, v)| (n.into(), v.into())).into());
        assert!(source.releases.set(vec![("B".into(), Some("3".into()))]).await.is_none());
        let removed = source.releases.set(vec![("B".into(), None)]).await.unwrap();
        assert_eq!(removed.release.description, "Remove B config vars");
        let all = source.releases.all();
        assert!(all.len() == 4 && all.iter().all(|release| release.slug == all[0].slug));
    }

    #[tokio::test]
    async fn a_failed_release_does_not_become_the_current_one() {
        let source = source();
        change(&source).await;
        fs::write(source.path.join("Procfile"), "release: x\n").unwrap();
        let failed = source.releases.look().await.unwrap().unwrap();
        assert_eq!(failed.release.state().status, ReleaseStatus::Pending);
        source.releases.settle(&failed, false);
        assert_eq!(failed.release.state().status, ReleaseStatus::Failed);
        assert_eq!(source.releases.current().unwrap().release.version, 1);
    }

    #[tokio::test]
    async fn a_bad_file_is_told_until_it_is_good() {
        let source = source();
        change(&source).await;
        fs::write(source.path.join("Procfile"), "bad\n").unwrap();
        for _ in 0..2 {
            assert!(source.releases.look().await.unwrap_err().contains("Procfile, line 1"));
        }
        fs::write(source.path.join("Procfile"), "good: x\n").unwrap();
        assert_eq!(change(&source).await.map(|description| description.contains("Deploy")), Some(true));
        fs::write(source.path.join(".env"), "bad\n").unwrap();
        assert!(source.releases.look().await.unwrap_err().contains(".env, line 1"));
    }
}
