//! The lines of a run's log against those that the server printed: each exactly once, in the server's order, or inside
//! a mark; and no mark where nothing is missing and the client could know that.

use std::collections::{BTreeMap, BTreeSet};

use serverless_on_heroku::domain::api::LogSource;
use serverless_on_heroku::domain::ids::RunId;
use serverless_on_heroku::domain::log::{Class, Gap, GapCause, Selection, StreamKind};

use super::judge::keeps_own_alone;
use super::record::{RunRecord, StreamRecord};
use super::server::KEYS;
use super::world::World;

/// A line of the run's dyno, or of an earlier dyno of the same name.
#[derive(Clone)]
struct Printed {
    /// Its number in the app.
    number: usize,
    text: Vec<u8>,
    /// Before the key in it was masked: a line that broke off behind the first few bytes of the key shows these.
    begins: Vec<u8>,
    is_own: bool,
}

impl PartialEq for Printed {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// A line of the log.
#[derive(Clone)]
struct Shown {
    index: usize,
    text: Vec<u8>,
}

impl PartialEq for Shown {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl World {
    pub(crate) fn check_lines(&self, run: RunId) -> Result<(), String> {
        let (Some(of_page), Some(log)) = (self.page.state.run(run), self.page.logs.get(run)) else {
            return Ok(());
        };
        let Some(record) = self.record.runs.get(&run) else { return Ok(()) };
        let Some(dyno) = self.dyno_of(of_page) else { return Ok(()) };
        let printed = self.printed(dyno, record, of_page.log_source() == LogSource::App);
        let log = log.borrow();
        let store = log.lines();
        let shown: Vec<Shown> = (0..store.len())
            .filter(|&index| store.class(index) != Some(Class::Loss))
            .map(|index| Shown { index, text: masked(&store.line(index).unwrap_or_default()) })
            .collect();
        let marks: Vec<Gap> = log.gaps().iter().copied().collect();
        let delivered = delivered(record, record.delivered.len(), &printed);

        let places = self.place(&shown, &marks, &printed, delivered.last().copied())?;
        self.check_beginning(&shown, &marks, &printed, &places, record, of_page.kind().is_fir)?;
        check_first_stream(&shown, &marks, &printed, record)?;
        for mark in &marks {
            let before = shown.iter().rposition(|it| it.index < mark.before).map(|it| places[it]);
            let after = shown.iter().position(|it| it.index >= mark.before).map(|it| places[it]);
            let missing = match (before, after) {
                (Some(before), Some(after)) => after - before - 1,
                (None, Some(after)) => {
                    after - printed[..after].iter().filter(|it| !it.is_own).count().min(after)
                }
                (Some(before), None) => printed.len() - before - 1,
                (None, None) => printed.len(),
            };
            let is_loss = store.class(mark.before) == Some(Class::Loss);
            let is_unknown = mark.cause == GapCause::NotDelivered
                && !before.zip(after).is_some_and(|beside| came_together(beside, &printed, record));
            let may_be_marked =
                || is_unknown || self.may_be_marked(mark, is_loss, after.is_none(), &shown, &printed, record);
            if missing == 0 && !may_be_marked() {
                return Err(format!("a mark where nothing is missing: {mark:?}"));
            }
            if mark.missing.is_some_and(|told| (told as usize) < missing && !is_loss) {
                return Err(format!("a mark tells of fewer lines than are missing ({missing}): {mark:?}"));
            }
        }
        Ok(())
    }

    fn printed(&self, dyno: usize, record: &RunRecord, only_app: bool) -> Vec<Printed> {
        let it = &self.server.dynos[dyno];
        let lines = self.server.lines[it.app].iter().enumerate();
        let own_alone = keeps_own_alone(record.selection);
        lines
            .filter(|(_, line)| line.process == it.name && (!only_app || line.from_app))
            .filter(|(_, line)| {
                line.dyno == Some(dyno) || (!own_alone && line.dyno.is_none_or(|other| other < dyno))
            })
            .map(|(number, line)| Printed {
                number,
                text: masked(&line.text),
                begins: line.text.clone(),
                is_own: line.dyno == Some(dyno),
            })
            .collect()
    }

    /// The place of each shown line among the printed ones. Between marks they follow one another without a gap.
    fn place(
        &self,
        shown: &[Shown],
        marks: &[Gap],
        printed: &[Printed],
        last_delivered: Option<usize>,
    ) -> Result<Vec<usize>, String> {
        let mut places = Vec::with_capacity(shown.len());
        let mut rest = shown;
        let mut from = 0;
        while let Some(first) = rest.first() {
            let next_mark = marks.iter().map(|mark| mark.before).find(|&before| before > first.index);
            let length = rest
                .iter()
                .position(|it| next_mark.is_some_and(|before| it.index >= before))
                .unwrap_or(rest.len());
            let (segment, later) = rest.split_at(length);
            let fits = |at: usize| matched(segment, &printed[at..]) == segment.len();
            let mut all = (from..printed.len()).filter(|&at| fits(at));
            let earliest = all.next();
            // What was delivered last has to be there, so the last segment may have to lie further back.
            let reaches = |at: usize| last_delivered.is_none_or(|last| at + segment.len() > last);
            let is_last = later.is_empty();
            let place = earliest
                .filter(|&at| !is_last || reaches(at))
                .or_else(|| all.find(|&at| !is_last || reaches(at)));
            let Some(at) = place.or(earliest) else {
                let best = (from..printed.len()).max_by_key(|&at| matched(segment, &printed[at..]));
                let length = best.map_or(0, |at| matched(segment, &printed[at..]));
                let wrong = &segment[length.min(segment.len() - 1)];
                return Err(format!(
                    "line {} does not follow the one before it: {}",
                    wrong.index,
                    String::from_utf8_lossy(&wrong.text)
                ));
            };
            places.extend(at..at + segment.len());
            from = at + segment.len();
            rest = later;
        }
        let last_mark = marks.last().is_some_and(|mark| shown.last().is_none_or(|it| it.index < mark.before));
        match last_delivered {
            Some(last) if from <= last && !last_mark => {
                Err(format!("line {} reached the page and is not there", printed[last].number))
            }
            _ => Ok(places),
        }
    }

    /// Lines before the first shown one are marked where the client can know of them.
    fn check_beginning(
        &self,
        shown: &[Shown],
        marks: &[Gap],
        printed: &[Printed],
        places: &[usize],
        record: &RunRecord,
        has_no_history: bool,
    ) -> Result<(), String> {
        let Some(&first) = places.first() else { return Ok(()) };
        let is_marked = marks.first().is_some_and(|mark| mark.before <= shown[0].index);
        let missing = printed[..first].iter().filter(|it| it.is_own).count();
        if missing == 0 || is_marked {
            return Ok(());
        }
        if has_no_history {
            return Err(format!("{missing} lines at the beginning are missing without a mark, on Fir"));
        }
        let is_told = places.iter().any(|&place| printed[place].is_own && is_first(&printed[place].text));
        let has_exit = places.iter().any(|&place| printed[place].is_own && is_last(&printed[place].text));
        // The client looks for the platform's first line, and cannot know without one before it has seen the last.
        if is_told || !has_exit || record.selection == Some(Selection::AllOutput) {
            return Ok(());
        }
        Err(format!("{missing} lines at the beginning are missing without a mark"))
    }

    /// Whether a client cannot know that nothing is missing where this mark stands.
    fn may_be_marked(
        &self,
        mark: &Gap,
        is_loss: bool,
        is_at_end: bool,
        shown: &[Shown],
        printed: &[Printed],
        record: &RunRecord,
    ) -> bool {
        let last_stream = record.streams.last();
        if let Some(stream) = last_stream
            && is_at_end
            && stream.kind != StreamKind::First
            && !self.history_came(stream, printed, record)
        {
            return true;
        }
        match mark.cause {
            GapCause::NotDelivered => false,
            GapCause::Dropped => is_loss,
            GapCause::BeginningMissing => !shown.iter().any(|it| is_first(&it.text)),
            GapCause::TooManyHeldBack => true,
            _ => record.streams.iter().any(|stream| {
                // Lines that were held back come before the mark, and one that the old stream had begun.
                let most = delivered(record, stream.delivered, printed).len().max(stream.at_line) + 1;
                (stream.at_line..=most).contains(&mark.before) && self.cannot_align(stream, printed, record)
            }),
        }
    }

    /// Whether all lines of the run in the stream's history have come.
    fn history_came(&self, stream: &StreamRecord, printed: &[Printed], record: &RunRecord) -> bool {
        let came: BTreeSet<usize> = record.delivered[stream.delivered..].iter().copied().collect();
        let history = self.record.histories.get(&stream.connection);
        let is_own = |number: &usize| printed.iter().any(|it| it.number == *number);
        history.is_some_and(|history| {
            history.iter().filter(|number| is_own(number)).all(|number| came.contains(number))
        })
    }

    /// Whether the new stream's history fits in no place, or in several, behind what had been delivered.
    fn cannot_align(&self, stream: &StreamRecord, printed: &[Printed], record: &RunRecord) -> bool {
        if stream.kind == (StreamKind::Again { history: false }) {
            return true;
        }
        let old = delivered(record, stream.delivered, printed);
        let Some(&last) = old.last() else { return false };
        let history = self.record.histories.get(&stream.connection);
        let new: BTreeSet<usize> = history.into_iter().flatten().copied().collect();
        let new: Vec<usize> =
            (0..printed.len()).filter(|&place| new.contains(&printed[place].number)).collect();
        if !new.contains(&last) {
            return true;
        }
        // What is shown without a hole before the end.
        let mut begin = last;
        while begin > 0 && old.binary_search(&(begin - 1)).is_ok() {
            begin -= 1;
        }
        let fits = |end: usize| {
            let length = (last - begin + 1).min(end + 1);
            (0..length).all(|back| printed[new[end - back]].text == printed[last - back].text)
        };
        // Of copies nothing tells which are the last, be there several before the break or behind it.
        let is_last = |place: usize| printed[place].text == printed[last].text;
        let begins_with_copies = is_last(new[0])
            && (new.get(1).is_some_and(|&place| is_last(place)) || (last > begin && is_last(last - 1)));
        begins_with_copies || (0..new.len()).filter(|&end| fits(end)).count() > 1
    }
}

/// What the first stream brought is there, whatever has become of it since: there was nothing to compare it with.
fn check_first_stream(
    shown: &[Shown],
    marks: &[Gap],
    printed: &[Printed],
    record: &RunRecord,
) -> Result<(), String> {
    if marks.iter().any(|mark| mark.cause == GapCause::TooManyHeldBack) {
        return Ok(());
    }
    let end = record.streams.get(1).map_or(record.delivered.len(), |next| next.delivered);
    let mut texts: BTreeMap<&[u8], usize> = BTreeMap::new();
    for line in shown {
        *texts.entry(&line.text).or_default() += 1;
    }
    for place in delivered(record, end, printed) {
        let Printed { number, text, is_own, .. } = &printed[place];
        match texts.get_mut(text.as_slice()).filter(|count| **count > 0) {
            Some(count) => *count -= 1,
            None if *is_own => {
                return Err(format!("line {number} came by the first stream and is not there"));
            }
            None => {}
        }
    }
    Ok(())
}

/// Whether a session brought one line and then the other: one that brought a line that others had not, and neither the
/// one before it nor the one behind it, leaves open whether there are more.
fn came_together((before, after): (usize, usize), printed: &[Printed], record: &RunRecord) -> bool {
    let numbers: BTreeSet<usize> = printed.iter().map(|it| it.number).collect();
    let begins = record.streams.iter().map(|stream| stream.delivered).chain([record.delivered.len()]);
    let mut first = 0;
    begins.into_iter().any(|end| {
        let session = &record.delivered[std::mem::replace(&mut first, end)..end];
        let own: Vec<usize> = session.iter().copied().filter(|number| numbers.contains(number)).collect();
        own.windows(2).any(|lines| lines == [printed[before].number, printed[after].number])
    })
}

/// Places of the lines that had reached the page, sorted.
fn delivered(record: &RunRecord, count: usize, printed: &[Printed]) -> Vec<usize> {
    let numbers: BTreeSet<usize> = record.delivered[..count].iter().copied().collect();
    (0..printed.len()).filter(|&place| numbers.contains(&printed[place].number)).collect()
}

/// How many of the shown lines are the printed ones. The last may be the beginning of one: its stream broke off in it.
fn matched(segment: &[Shown], printed: &[Printed]) -> usize {
    let same = segment.iter().zip(printed).take_while(|(shown, printed)| shown.text == printed.text).count();
    let rest = (segment.get(same), printed.get(same));
    match rest {
        (Some(shown), Some(printed))
            if same + 1 == segment.len()
                && (printed.text.starts_with(&shown.text)
                    || (printed.begins.starts_with(&shown.text) && begun_key(&shown.text) < SURE_BYTES)) =>
        {
            same + 1
        }
        _ => same,
    }
}

/// So many bytes of a begun key are not shown.
const SURE_BYTES: usize = 8;

/// How many bytes of the key stand at the end.
fn begun_key(text: &[u8]) -> usize {
    let key = KEYS[0].as_bytes();
    (1..key.len()).rev().find(|&length| text.ends_with(&key[..length])).unwrap_or(0)
}

fn masked(text: &[u8]) -> Vec<u8> {
    let mut text = text.to_vec();
    let key = KEYS[0].as_bytes();
    if let Some(at) = text.windows(key.len()).position(|bytes| bytes == key) {
        text[at..at + key.len()].fill(b'*');
    }
    text
}

fn message(text: &[u8]) -> &[u8] {
    let at = text.windows(3).position(|bytes| bytes == b"]: ").map_or(0, |at| at + 3);
    &text[at..]
}

fn is_heroku(text: &[u8]) -> bool {
    text.windows(8).take(40).any(|bytes| bytes == b" heroku[")
}

fn is_first(text: &[u8]) -> bool {
    is_heroku(text)
        && (message(text).starts_with(b"Starting process with")
            || message(text).starts_with(b"State changed from starting"))
}

fn is_last(text: &[u8]) -> bool {
    is_heroku(text)
        && (message(text).starts_with(b"Process exited")
            || message(text).starts_with(b"State changed from up"))
}
