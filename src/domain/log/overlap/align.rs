//! Which lines of a new session are those of the window, which are new, and which were lost.

use std::ops::Range;

use super::window::{Window, WindowLine};

/// A line of the new session while the overlap is not decided.
#[derive(Clone, Debug)]
pub(super) struct Arrived {
    /// The line of the window that has its text, the first of several.
    pub(super) text: Option<usize>,
    pub(super) id: Option<u64>,
    pub(super) stamp: Option<u64>,
    pub(super) origin: u64,
    pub(super) is_own: bool,
    pub(super) is_from_platform: bool,
    /// The log system wrote it into this session: it has no place in the log.
    pub(super) is_of_session: bool,
}

/// What a line of the new session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    New,
    /// The line of the window with that index.
    Seen(usize),
    /// The old session did not bring it: its place is before that line of the window.
    Before(usize),
    /// Older than the window.
    Older,
}

/// Lines of the window that the new session has brought.
#[derive(Clone, Debug)]
pub(super) struct Matcher {
    taken: Vec<bool>,
    first: Option<usize>,
    last: Option<usize>,
    /// Ids are those of the log: lines with different ones are different.
    has_stable_ids: bool,
}

impl Matcher {
    fn new(lines: usize, has_stable_ids: bool) -> Self {
        Self { taken: vec![false; lines], first: None, last: None, has_stable_ids }
    }

    /// The line of the window that a further line of the session with this text is.
    pub(super) fn take(&mut self, window: &Window, text: usize, id: Option<u64>) -> Option<usize> {
        let found = self.find(window, text, id)?;
        self.set(found);
        Some(found)
    }

    fn set(&mut self, index: usize) {
        self.taken[index] = true;
        self.first = Some(self.first.map_or(index, |first| first.min(index)));
        self.last = Some(self.last.map_or(index, |last| last.max(index)));
    }

    fn find(&self, window: &Window, text: usize, id: Option<u64>) -> Option<usize> {
        // A text that stands there once is the same line whatever its id: those of two sessions may agree by chance.
        let has_copies = window.lines[text].next_copy.is_some();
        let is_free = |copy: &usize| {
            let there = window.lines[*copy].id;
            let ids_count = has_copies && self.has_stable_ids && there.is_some() && id.is_some();
            !self.taken[*copy] && (!ids_count || there == id)
        };
        let free = || copies(window, text).filter(is_free);
        let ahead = free().find(|copy| Some(*copy) > self.last);
        // The order of two processes, and of the platform's lines, may differ between sessions (platform-api.md 5.6).
        let may_follow = |copy: &usize| {
            let WindowLine { origin, is_from_platform, .. } = window.lines[*copy];
            let is_same_process = |(line, taken): (&WindowLine, &bool)| *taken && line.origin == origin;
            is_from_platform || !window.lines.iter().zip(&self.taken).skip(*copy).any(is_same_process)
        };
        let among = || free().find(|copy| Some(*copy) > self.first && may_follow(copy));
        let before = || {
            let is_repeated = copies(window, text).any(|copy| self.taken[copy]);
            free().last().filter(|copy| !is_repeated && may_follow(copy))
        };
        ahead.or_else(among).or_else(before)
    }

    /// Whether any line of the window came.
    pub(super) fn has_any(&self) -> bool {
        self.first.is_some()
    }

    /// Whether all of these lines of the window came.
    pub(super) fn has_all(&self, mut lines: Range<usize>) -> bool {
        lines.all(|line| self.taken[line])
    }

    /// Whether the last line of the window came.
    pub(super) fn has_last(&self) -> bool {
        self.taken.last() == Some(&true)
    }
}

fn copies(window: &Window, text: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(text), |&copy| window.lines[copy].next_copy)
}

/// A decided overlap.
#[derive(Debug)]
pub(super) struct Alignment {
    /// Of each arrived line.
    pub(super) verdicts: Vec<Verdict>,
    pub(super) matcher: Matcher,
    /// Lines repeat so that the session's first lines fit in another place too.
    pub(super) is_ambiguous: bool,
}

/// Aligns the lines of a new session with the window.
///
/// Ordinarily they continue each other without a break, which is decided as soon as the last of them is not the
/// window's. Where they do not, because one of the sessions has lost lines or because processes changed places, each
/// line is sought by itself; then all that may still be the window's has to be there: `is_complete`. `None` when it
/// cannot be decided yet.
pub(super) fn align(window: &Window, arrived: &[Arrived], is_complete: bool) -> Option<Alignment> {
    let lines: Vec<usize> = (0..arrived.len()).filter(|&index| !arrived[index].is_of_session).collect();
    let ids = ids(window, arrived);
    let mut has_stable_ids = ids == Ids::OfLog;
    let mut fit = None;
    if ids != Ids::Unknown {
        fit = Fit::find(window, arrived, &lines, true);
        has_stable_ids |= fit.is_some();
    }
    if fit.is_none() {
        fit = Fit::find(window, arrived, &lines, false);
        has_stable_ids &= fit.is_none();
    }
    if !is_complete && !fit.as_ref().is_some_and(|fit| window.lines[fit.in_window].is_unique(fit.in_window)) {
        return None;
    }
    let mut matcher = Matcher::new(window.lines.len(), has_stable_ids);
    let mut verdicts = vec![Verdict::New; arrived.len()];
    let mut behind_fit = 0;
    if let Some(fit) = &fit {
        for step in 0..fit.length {
            matcher.set(fit.in_window + step);
            verdicts[lines[fit.in_session + step]] = Verdict::Seen(fit.in_window + step);
        }
        behind_fit = fit.in_session + fit.length;
    }
    for &index in &lines[behind_fit..] {
        let line = &arrived[index];
        let seen = line.text.and_then(|text| matcher.take(window, text, line.id));
        verdicts[index] = seen.map_or(Verdict::New, Verdict::Seen);
    }
    find_places(window, arrived, &lines, &mut verdicts);
    let is_ambiguous = fit.is_some_and(|fit| fit.is_ambiguous);
    Some(Alignment { verdicts, matcher, is_ambiguous })
}

/// Over what ids are counted, as far as equal lines show. Those of two sessions may agree by chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ids {
    /// No line has come with an id that it has in the window.
    Unknown,
    /// Some have.
    Perhaps,
    /// Each text has.
    OfLog,
}

fn ids(window: &Window, arrived: &[Arrived]) -> Ids {
    let mut agrees = vec![false; window.lines.len()];
    let known = || arrived.iter().filter_map(|line| line.text.zip(line.id));
    for (text, id) in known() {
        agrees[text] |= copies(window, text).any(|copy| window.lines[copy].id == Some(id));
    }
    match known().filter(|(text, _)| agrees[*text]).count() {
        0 => Ids::Unknown,
        some if some < known().count() => Ids::Perhaps,
        _ => Ids::OfLog,
    }
}

/// Finds the places of lines that the old session did not bring, among those that are there: lines of one process keep
/// the session's order, and those of several go by their stamps, since their order may differ between sessions
/// (platform-api.md 5.6).
fn find_places(window: &Window, arrived: &[Arrived], lines: &[usize], verdicts: &mut [Verdict]) {
    // For each line, the nearest one behind it that was seen, of its process and of any; there are few processes.
    let mut nearest = Nearest::default();
    let mut next = None;
    let mut later = vec![(None, None); lines.len()];
    for (&index, later) in lines.iter().zip(&mut later).rev() {
        let origin = arrived[index].origin;
        *later = (nearest.of(origin), next);
        if let Verdict::Seen(line) = verdicts[index] {
            nearest.set(origin, line);
            next = Some(line);
        }
    }
    // For each process, behind which line of the window its next one belongs; the same for the session's next line.
    let mut behind = Nearest::default();
    let mut behind_last = None;
    let end = window.lines.len();
    for (&index, (of_process, of_any)) in lines.iter().zip(later) {
        let Arrived { origin, stamp, is_own, is_from_platform, .. } = arrived[index];
        if let Verdict::Seen(line) = verdicts[index] {
            behind.set(origin, line + 1);
            behind_last = Some(line + 1);
            continue;
        }
        let first = behind.of(origin).unwrap_or(0);
        let last = of_process.unwrap_or(end).max(first);
        let is_between = |place: usize| (first..=last).contains(&place) && of_any.unwrap_or(end) == place;
        let place = match behind_last.filter(|&place| is_between(place)) {
            Some(place) => place,
            None => window.place_between(first, last, stamp, of_any),
        };
        behind.set(origin, place);
        behind_last = Some(place);
        // The platform's lines are kept all the same: one of them has the exit status.
        let is_older = place == 0 && !is_from_platform && !(window.begins_the_log && is_own);
        verdicts[index] = match place {
            _ if place == end => Verdict::New,
            _ if is_older => Verdict::Older,
            _ => Verdict::Before(place),
        };
    }
}

/// The last line that was set for each process.
#[derive(Default)]
struct Nearest(Vec<(u64, usize)>);

impl Nearest {
    fn of(&self, origin: u64) -> Option<usize> {
        self.0.iter().find(|(other, _)| *other == origin).map(|(_, line)| *line)
    }

    fn set(&mut self, origin: u64, line: usize) {
        match self.0.iter_mut().find(|(other, _)| *other == origin) {
            Some((_, there)) => *there = line,
            None => self.0.push((origin, line)),
        }
    }
}

/// A run of lines that the window and the session share without a break, and that ends with one of them.
#[derive(Debug)]
struct Fit {
    in_window: usize,
    in_session: usize,
    length: usize,
    is_ambiguous: bool,
}

/// What has to be equal in two lines: the text, and the id where ids count.
type Token = (Option<usize>, Option<u64>);

impl Fit {
    /// The longest. It begins with the window or with the session.
    fn find(window: &Window, arrived: &[Arrived], lines: &[usize], with_ids: bool) -> Option<Self> {
        let old: Vec<Token> =
            window.lines.iter().map(|line| (Some(line.text), line.id.filter(|_| with_ids))).collect();
        let new = |&index: &usize| {
            let line = &arrived[index];
            // A text that the window does not have is equal to none.
            (line.text, line.id.filter(|_| with_ids))
        };
        let new: Vec<Token> = lines.iter().map(new).collect();
        if old.is_empty() || new.is_empty() {
            return None;
        }
        let begin = &new[..new.len().min(old.len())];
        let borders = failures(begin);
        let mut overlap = 0;
        let mut inside = None;
        for (index, token) in old.iter().enumerate() {
            overlap = advance(begin, &borders, overlap, token);
            if overlap == new.len() {
                inside = Some(index + 1 - overlap);
            }
        }
        if let Some(in_window) = inside {
            // The session has not got behind the window.
            return Some(Self { in_window, in_session: 0, length: new.len(), is_ambiguous: false });
        }
        let whole_borders = failures(&old);
        let mut length = 0;
        for (index, token) in new.iter().enumerate() {
            length = advance(&old, &whole_borders, length, token);
            if length == old.len() {
                let in_session = index + 1 - length;
                let is_ambiguous = match in_session {
                    0 => overlap > 0 && borders[overlap - 1] > 0,
                    _ => overlap > 0,
                };
                return Some(Self { in_window: 0, in_session, length, is_ambiguous });
            }
        }
        if overlap == 0 {
            return None;
        }
        let (before, shared) = old.split_at(old.len() - overlap);
        // Of copies with one stamp the session's first may be a later one than the window's last.
        let begins_with_copies = overlap == 1 && new.get(1) == Some(&new[0]);
        let is_ambiguous = borders[overlap - 1] > 0 || begins_with_copies || before.ends_with(shared);
        Some(Self { in_window: before.len(), in_session: 0, length: overlap, is_ambiguous })
    }
}

/// For each beginning of the pattern, the length of the longest shorter one that it ends with (Knuth, Morris, Pratt).
fn failures(pattern: &[Token]) -> Vec<usize> {
    let mut failures = vec![0; pattern.len()];
    for index in 1..pattern.len() {
        failures[index] = advance(&pattern[..index], &failures, failures[index - 1], &pattern[index]);
    }
    failures
}

/// How much of the pattern's beginning stands behind one more token.
fn advance(pattern: &[Token], failures: &[usize], mut length: usize, token: &Token) -> usize {
    loop {
        if pattern.get(length) == Some(token) && token.0.is_some() {
            return length + 1;
        }
        if length == 0 {
            return 0;
        }
        length = failures[length - 1];
    }
}
