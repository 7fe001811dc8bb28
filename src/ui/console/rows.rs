//! Which rows the console has, and what each of them shows.

use std::cell::RefCell;
use std::rc::Rc;

use crate::domain::log::RunLog;
use crate::domain::log::gaps::RowKind;
use crate::domain::log::platform_lines::PlatformLines;
use crate::domain::logs::SharedLog;
use crate::web::search::LogSearch;

/// What is shown of a log.
#[derive(Clone)]
pub(super) enum Filter {
    /// All lines, and the marks.
    All,
    /// All but the platform's lines.
    NoPlatform(Rc<RefCell<PlatformLines>>),
    /// The lines that match, with those around them.
    Matches(LogSearch),
}

#[derive(Clone)]
pub(super) struct ShownRows {
    pub(super) filter: Filter,
    /// `None` as long as the run has none.
    pub(super) log: Option<SharedLog>,
    /// Number of lines in the log.
    pub(super) lines: usize,
}

impl ShownRows {
    pub(super) fn count(&self) -> usize {
        let Some(log) = self.log.as_ref().map(|log| log.borrow()) else { return 0 };
        match &self.filter {
            Filter::All => log.gaps().rows(self.lines),
            Filter::NoPlatform(platform) => platform.borrow().rows(log.gaps(), self.lines),
            Filter::Matches(search) => search.rows(self.lines),
        }
    }

    /// How far rows have moved up, because the log has dropped rows before them; `None` where that is not known.
    pub(super) fn gone(&self) -> Option<usize> {
        let log = self.log.as_ref()?.borrow();
        match &self.filter {
            Filter::All => Some(log.gaps().rows_gone()),
            Filter::NoPlatform(platform) => Some(platform.borrow().rows_gone(log.gaps())),
            Filter::Matches(_) => None,
        }
    }

    /// `log` is that of the rows.
    pub(super) fn at<'a>(&self, log: &'a RunLog, row: usize) -> RowKind<'a> {
        match &self.filter {
            Filter::All => log.gaps().at(row),
            Filter::NoPlatform(platform) => platform.borrow().at(log.gaps(), row),
            Filter::Matches(search) => RowKind::Line(search.line(row)),
        }
    }

    /// Number of bytes of the line in a row; a mark has none.
    pub(super) fn bytes(&self, row: usize) -> usize {
        let Some(log) = self.log.as_ref().map(|log| log.borrow()) else { return 0 };
        match self.at(&log, row) {
            RowKind::Line(line) => log.lines().line_length(line).unwrap_or(0),
            RowKind::Gap(_) => 0,
        }
    }

    /// The line of a row; of a mark the one behind it.
    pub(super) fn line_at(&self, row: usize) -> usize {
        let Some(log) = &self.log else { return 0 };
        match self.at(&log.borrow(), row) {
            RowKind::Line(line) => line,
            RowKind::Gap(gap) => gap.before,
        }
    }

    /// The row of a line; of one that is not shown that of the next.
    pub(super) fn row_of_line(&self, line: usize) -> usize {
        let Some(log) = self.log.as_ref().map(|log| log.borrow()) else { return 0 };
        match &self.filter {
            Filter::All => log.gaps().row_of_line(line),
            Filter::NoPlatform(platform) => platform.borrow().row_of_line(log.gaps(), line),
            Filter::Matches(search) => search.row(line),
        }
    }

    /// How many of the lines before a line are shown. Those that the log has dropped are not.
    pub(super) fn shown_before(&self, line: usize) -> usize {
        let first = self.log.as_ref().map_or(0, |log| log.borrow().lines().first());
        let line = line.max(first);
        match &self.filter {
            Filter::All => line - first,
            Filter::NoPlatform(platform) => {
                let platform = platform.borrow();
                line - first - (platform.before(line) - platform.before(first))
            }
            Filter::Matches(search) => search.row(line).min(search.rows(self.lines)),
        }
    }

    pub(super) fn is_shown(&self, line: usize) -> bool {
        self.shown_before(line + 1) > self.shown_before(line)
    }
}
