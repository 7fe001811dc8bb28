//! What is printed at the start: all that a client needs to know.

use std::io::Write;

use serde::Serialize;

#[derive(Serialize)]
pub(crate) struct Greeting<'a> {
    /// `http://127.0.0.1:8081`
    pub(crate) api: String,
    pub(crate) page: Option<String>,
    /// The first of them.
    pub(crate) app: &'a str,
    pub(crate) apps: &'a [String],
    pub(crate) key: &'a str,
}

impl Greeting<'_> {
    /// Prints it as one line of JSON, or for a person.
    pub(crate) fn print(&self, json: bool) -> std::io::Result<()> {
        let text = if json { serde_json::to_string(self)? } else { self.for_people() };
        let mut stdout = std::io::stdout();
        writeln!(stdout, "{text}")?;
        stdout.flush()
    }

    fn for_people(&self) -> String {
        let Self { api, page, app, apps, key } = self;
        let apps = apps.join(", ");
        // The page has three fields for the three lines below its address.
        let page = page.as_ref().map(|page| format!("  Page     {page}\n")).unwrap_or_default();
        // A key may contain whatever is printable.
        let quoted = key.replace('\'', r"'\''");
        format!(
            r#"
{page}  API      {api}
  App      {apps}
  API key  {key}

  In a shell, for the Heroku CLI or for curl:

    export HEROKU_HOST={api} HEROKU_API_KEY='{quoted}'
    heroku run:detached --tail --app {app} 'echo hello'
    curl $HEROKU_HOST/apps/{app}/dynos -H "Accept: application/vnd.heroku+json; version=3" \
      -H "Authorization: Bearer $HEROKU_API_KEY" -d '{{"command": "echo hello"}}'

  Ctrl-C ends it.
"#
        )
    }
}
