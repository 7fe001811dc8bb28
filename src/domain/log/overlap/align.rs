//! Which lines of a new session are those of the window, which are new, and which were lost.

use super::window::Window;

/// A line of the new session while the overlap is not decided.
#[derive(Clone, Debug)]
pub(super) struct Arrived {
    /// The line of the window that has its text, the first of several.
    pub(super) text: Option<usize>,
    pub(super) id: Option<u64>,
    pub(super) origin: u64,
    pub(super) is_own: bool,
    /// The log system wrote it into this session: it has no place in the log.
    pub(super) is_of_session: bool,
}

/// What a line of the new session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    New,
    /// The line of the window with that index.
    Seen(usize),
    /// The old session did not bring it: its place is before that line of the window, and behind the other, which is of
    /// the same process.
    Lost {
        before: usize,
        behind: Option<usize>,
    },
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
        let is_free = |copy: &usize| {
            let there = window.lines[*copy].id;
            !self.taken[*copy] && (!self.has_stable_ids || there.is_none() || id.is_none() || there == id)
        };
        let free = || copies(window, text).filter(is_free);
        let ahead = free().find(|copy| Some(*copy) > self.last);
        // The order of two processes may differ between sessions (platform-api.md 5.6).
        let among = || free().find(|copy| Some(*copy) > self.first);
        let before = || {
            let is_repeated = copies(window, text).any(|copy| self.taken[copy]);
            free().last().filter(|_| !is_repeated)
        };
        ahead.or_else(among).or_else(before)
    }

    /// Whether any line of the window came.
    pub(super) fn has_any(&self) -> bool {
        self.first.is_some()
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
    let has_equal_id = |line: &Arrived| {
        let is_equal = |copy: usize| line.id.is_some() && window.lines[copy].id == line.id;
        line.text.is_some_and(|text| copies(window, text).any(is_equal))
    };
    let mut has_stable_ids = lines.iter().any(|&index| has_equal_id(&arrived[index]));
    let mut fit = has_stable_ids.then(|| Fit::find(window, arrived, &lines, true)).flatten();
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
    find_lost(window, arrived, &lines, &mut verdicts);
    let is_ambiguous = fit.is_some_and(|fit| fit.is_ambiguous);
    Some(Alignment { verdicts, matcher, is_ambiguous })
}

/// Lines before another of the same process that is there already were lost, or are older than the window.
fn find_lost(window: &Window, arrived: &[Arrived], lines: &[usize], verdicts: &mut [Verdict]) {
    // The nearest line of each process that was seen; there are few processes.
    let mut nearest: Vec<(u64, usize)> = Vec::new();
    for &index in lines.iter().rev() {
        let origin = arrived[index].origin;
        let there = nearest.iter().position(|(other, _)| *other == origin);
        match (verdicts[index], there) {
            (Verdict::Seen(line), Some(there)) => nearest[there].1 = line,
            (Verdict::Seen(line), None) => nearest.push((origin, line)),
            (_, Some(there)) => {
                verdicts[index] = Verdict::Lost { before: nearest[there].1, behind: None };
            }
            (_, None) => {}
        }
    }
    nearest.clear();
    for &index in lines {
        let Arrived { origin, is_own, .. } = arrived[index];
        let there = nearest.iter().position(|(other, _)| *other == origin);
        match (&mut verdicts[index], there) {
            (Verdict::Seen(line), Some(there)) => nearest[there].1 = *line,
            (Verdict::Seen(line), None) => nearest.push((origin, *line)),
            (Verdict::Lost { behind, .. }, Some(there)) => *behind = Some(nearest[there].1),
            (verdict @ Verdict::Lost { .. }, None) if !(window.begins_the_log && is_own) => {
                *verdict = Verdict::Older;
            }
            _ => {}
        }
    }
}

/// A run of lines that the window and the session share without a break, and that ends with the window.
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
        for token in &old {
            overlap = advance(begin, &borders, overlap, token);
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
        (overlap > 0).then(|| Self {
            in_window: old.len() - overlap,
            in_session: 0,
            length: overlap,
            is_ambiguous: borders[overlap - 1] > 0,
        })
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
