//! What kind of app each app is, asked once for each app and key.

use crate::domain::api::{self, Answer, App};
use crate::domain::error::TransportError;
use crate::domain::ids::AppName;
use crate::domain::secret::ApiKey;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct KnownApps(Vec<Entry>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    app: AppName,
    api_key: ApiKey,
    knowledge: Knowledge,
}

/// What is known of an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Knowledge {
    Asked,
    Known(App),
    /// Heroku does not tell.
    Untold,
    /// No answer came; the next one may.
    Unanswered,
}

impl KnownApps {
    pub(super) fn get(&self, app: &AppName, api_key: &ApiKey) -> Option<Knowledge> {
        self.position(app, api_key).map(|index| self.0[index].knowledge)
    }

    /// Heroku is being asked. Answers the number of the question.
    pub(super) fn ask(&mut self, app: &AppName, api_key: &ApiKey) -> u32 {
        let index = self.position(app, api_key).unwrap_or_else(|| {
            let (app, api_key) = (app.clone(), api_key.clone());
            self.0.push(Entry { app, api_key, knowledge: Knowledge::Asked });
            self.0.len() - 1
        });
        self.0[index].knowledge = Knowledge::Asked;
        index as u32
    }

    /// The answer to a question: whose it was, and what kind of app it is. Where Heroku does not tell, an ordinary one.
    pub(super) fn answered(
        &mut self,
        question: u32,
        answer: &Result<Answer, TransportError>,
    ) -> Option<(AppName, ApiKey, App)> {
        let entry = self.0.get_mut(question as usize)?;
        entry.knowledge = match api::received(answer).and_then(api::app) {
            Ok(app) => Knowledge::Known(app),
            Err(error) if error.may_pass() => Knowledge::Unanswered,
            Err(_) => Knowledge::Untold,
        };
        let kind = match entry.knowledge {
            Knowledge::Known(app) => app,
            _ => App::default(),
        };
        Some((entry.app.clone(), entry.api_key.clone(), kind))
    }

    fn position(&self, app: &AppName, api_key: &ApiKey) -> Option<usize> {
        self.0.iter().position(|entry| entry.app == *app && entry.api_key == *api_key)
    }
}
