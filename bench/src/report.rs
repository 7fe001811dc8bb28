//! The part of docs/performance.md that is about the console.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};

use crate::figures::Figures;
use crate::profile::Share;

/// Around the part in docs/performance.md.
const BEGIN: &str = "<!-- console -->\n";
const END: &str = "<!-- end of console -->";

/// A line of the table: what has to be reached, and what was.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) must: Option<f64>,
    pub(crate) aim: Option<f64>,
    pub(crate) unit: &'static str,
    /// What counts, and how it is shown.
    pub(crate) value: f64,
    pub(crate) shown: String,
}

impl Row {
    fn show(&self) -> String {
        let limit = |limit: Option<f64>| limit.map_or("–".to_owned(), |it| format!("{it} {}", self.unit));
        let shown = format!("{} {}", self.shown, self.unit);
        format!(
            "| {} | {} | {} | {} | {} |",
            self.what,
            limit(self.must),
            limit(self.aim),
            shown.trim_end(),
            self.verdict()
        )
    }

    fn verdict(&self) -> &'static str {
        let within = |limit: Option<f64>| limit.is_some_and(|limit| self.value <= limit);
        match (self.must, self.aim) {
            (None, None) => "–",
            (_, Some(_)) if within(self.aim) => "aim",
            (Some(_), _) if within(self.must) => "must",
            _ => "missed",
        }
    }
}

/// How the cost grows with the lines: of one number of lines.
#[derive(Debug)]
pub(crate) struct Growth {
    pub(crate) lines: usize,
    pub(crate) encoding: &'static str,
    pub(crate) drain: Figures,
    pub(crate) page: Figures,
    pub(crate) ratio: Figures,
    pub(crate) bytes_a_line: Figures,
}

/// All that is written.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) browser: String,
    pub(crate) repetitions: usize,
    pub(crate) rows: Vec<Row>,
    pub(crate) growth: Vec<Growth>,
    /// Of the page's main thread during one flood, the longest first.
    pub(crate) shares: Vec<Share>,
}

impl Report {
    pub(crate) fn text(&self) -> Result<String> {
        let cores = std::thread::available_parallelism()?;
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load = load.split(' ').next().unwrap_or_default();
        let now = humantime::format_rfc3339_seconds(std::time::SystemTime::now()).to_string();
        let Self { browser, repetitions, .. } = self;
        let mut text = format!(
            "Measured on {} on a machine with {cores} cores, in {browser}; its load average at the end was {load}. \
             Each flood was measured {repetitions} times, the drain and the page in turn. Medians, with the smallest and \
             the largest value in brackets.\n\n\
             | | must | aim | measured | reached |\n| --- | ---: | ---: | ---: | --- |\n",
            &now[..10]
        );
        for row in &self.rows {
            writeln!(text, "{}", row.show())?;
        }
        text.push_str(
            "\nHow the cost grows with the lines:\n\n\
             | lines | encoding | drain, ms | page, ms | × drain | bytes a line |\n\
             | ---: | --- | ---: | ---: | ---: | ---: |\n",
        );
        for growth in &self.growth {
            let Growth { lines, encoding, drain, page, ratio, bytes_a_line } = growth;
            writeln!(
                text,
                "| {lines} | {encoding} | {} | {} | {} | {} |",
                drain.with_spread(0),
                page.with_spread(0),
                ratio.with_spread(2),
                bytes_a_line.with_spread(0)
            )?;
        }
        text.push_str(
            "\nWhere the time goes: the main thread in one flood of the most lines, sampled, by function (those of the \
             module have no names in the page that ships; `(program)` is the browser's own work, most of it style, \
             layout and paint):\n\n| ms | function |\n| ---: | --- |\n",
        );
        for share in self.shares.iter().take(12) {
            writeln!(text, "| {:.0} | `{}` |", share.milliseconds, share.name)?;
        }
        Ok(text)
    }

    /// Replaces the part in the file.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let (before, rest) = text.split_once(BEGIN).with_context(|| format!("no {BEGIN:?}"))?;
        let (_, after) = rest.split_once(END).with_context(|| format!("no {END:?}"))?;
        let own = self.text()?;
        std::fs::write(path, format!("{before}{BEGIN}{own}{END}{after}"))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_what_was_reached() {
        let row = |value: f64| Row {
            what: "a".to_owned(),
            must: Some(2.0),
            aim: Some(1.5),
            unit: "×",
            value,
            shown: value.to_string(),
        };
        assert_eq!(row(1.5).show(), "| a | 2 × | 1.5 × | 1.5 × | aim |");
        assert!(row(2.0).show().ends_with("| must |"));
        assert!(row(2.1).show().ends_with("| missed |"));
    }
}
