//! A log server whose sessions lose, repeat and break off, and a judge who has seen the whole log.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;
use serverless_on_heroku::domain::log::{
    Decoder, Encoding, Gap, Piece, RowKind, RunLog, Scope, Selection, StreamKind,
};
use serverless_on_heroku::domain::secret::ApiKey;

/// How the lines of the log are stamped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stamps {
    /// Each line has its own, and its own text.
    Unique,
    /// Several lines have one stamp, each its own text.
    Shared,
    /// Several lines have one stamp and one text.
    Repeating,
}

/// How a stream is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Frames {
    Plain,
    WithoutIds,
    /// Counted over the whole log.
    StableIds,
    /// Counted in each session.
    SessionIds,
}

/// A session; it opens behind lines that nobody reads, or, a handover, before the last lines of the one before.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) handover: bool,
    /// Lines between the end of the old session and the beginning of this one.
    pub(crate) away: usize,
    pub(crate) history: usize,
    /// Lines between history and live lines that this session does not bring.
    pub(crate) race: usize,
    pub(crate) live: usize,
    /// The live line behind which so many are dropped, which L11 tells.
    pub(crate) dropped: Option<(usize, usize)>,
    /// The stream breaks off behind this part of it, in thousandths.
    pub(crate) cut: usize,
    /// Frames that come again: which, and how many frames later.
    pub(crate) repeated: Vec<(usize, usize)>,
    /// Neighbours of different processes that change places.
    pub(crate) swapped: Vec<usize>,
}

#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) stamps: Stamps,
    pub(crate) frames: Frames,
    /// For each line: the process, the text, whether the stamp is that of the line before.
    pub(crate) lines: Vec<(bool, u8, bool)>,
    pub(crate) sessions: Vec<Session>,
    pub(crate) chunk: usize,
}

/// The lines of the log.
pub(crate) fn server_log(plan: &Plan) -> Vec<String> {
    let mut microseconds = 0;
    let line = |(index, &(is_app, text, same)): (usize, &(bool, u8, bool))| {
        if !same || plan.stamps == Stamps::Unique {
            microseconds += 700;
        }
        let (second, fraction) = (microseconds / 1_000_000, microseconds % 1_000_000);
        let process = if is_app { "app[run.1]" } else { "heroku[run.1]" };
        let text = match plan.stamps {
            Stamps::Unique | Stamps::Shared => format!("line {index} {}", "x".repeat(usize::from(text))),
            Stamps::Repeating => format!("text {}", text % 3),
        };
        format!("2026-01-02T03:04:{second:02}.{fraction:06}+00:00 {process}: {text}")
    };
    plan.lines.iter().enumerate().map(line).collect()
}

/// What a session sends: server lines by their indices, or a line of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Sent {
    Line(usize),
    Own(String),
}

/// The plan, carried out.
pub(crate) struct Outcome {
    pub(crate) server: Vec<String>,
    pub(crate) log: RunLog,
    /// Server lines that a session brought whole.
    pub(crate) delivered: HashSet<usize>,
    /// Server lines that a session left out without a word.
    pub(crate) raced: HashSet<usize>,
    /// Server lines behind which nothing may be missing although no client could know.
    pub(crate) unknowable: HashSet<Option<usize>>,
    /// Lines of the log system.
    pub(crate) own: HashSet<String>,
    /// A session's history did not reach what was there.
    pub(crate) has_unreached: bool,
}

pub(crate) fn new_log() -> RunLog {
    let key = ApiKey::parse("HRKU-01234567-89ab-cdef-0123-456789abcdef").expect("a key");
    let mut log = RunLog::new(&key, Selection::All);
    log.set_scope(Scope { dyno: "run.1".to_owned(), created_at: None }, &mut Vec::new());
    log
}

pub(crate) fn run(plan: &Plan) -> Outcome {
    let server = server_log(plan);
    let mut outcome = Outcome {
        server,
        log: new_log(),
        delivered: HashSet::new(),
        raced: HashSet::new(),
        unknowable: HashSet::new(),
        own: HashSet::new(),
        has_unreached: false,
    };
    let (mut now, mut opened) = (0, 0);
    let (mut text_is_there, mut broke_off_in_own) = (None, None);
    let mut last = None;
    for (number, session) in plan.sessions.iter().enumerate() {
        let server = outcome.server.clone();
        let kind = match number {
            0 => StreamKind::First,
            // The old one has to have brought its history before another is opened while it is read.
            _ if session.handover && last.map_or(0, |last| last + 1) >= opened => {
                StreamKind::Handover { created_at: None }
            }
            _ => StreamKind::Again { history: true },
        };
        let opens = match kind {
            // While the old session is read.
            StreamKind::Handover { .. } => {
                last.map_or(0, |last: usize| (last + 1).saturating_sub(session.away)).max(opened)
            }
            _ => (now + session.away).min(server.len()),
        };
        opened = opens;
        let live = match kind {
            StreamKind::Handover { .. } => now.saturating_sub(opens) + session.live,
            _ => session.live,
        };
        let session = &Session { live, ..session.clone() };
        let mut sent = outcome.send(session, opens);
        now = now.max((opens + live).min(server.len()));
        repeat(&mut sent, session, plan.frames);
        let (bytes, whole) = encode(plan.frames, &server, &sent, session);
        let lines: Vec<usize> = whole.iter().filter_map(line_of).collect();
        let is_again = matches!(kind, StreamKind::Again { .. });
        let reaches = lines.iter().min().copied().is_none_or(|first| Some(first) <= last);
        if is_again && (!reaches || lines.is_empty()) {
            outcome.unknowable.extend([last, text_is_there]);
            outcome.has_unreached = true;
        }
        if is_again && lines.iter().max().copied() < last {
            outcome.unknowable.extend([last, text_is_there]);
        }
        if matches!(kind, StreamKind::Handover { .. }) && !reaches {
            // Nor does it bring the line in which the old one broke off.
            outcome.unknowable.extend([text_is_there, broke_off_in_own]);
            // What stood between was brought by nobody: the old session broke off in it.
            outcome.has_unreached |= lines.first().copied() > last.map(|last| last + 1);
        }
        outcome.note_edges(&whole, last);
        outcome.own.extend(sent.iter().filter_map(|sent| match sent {
            Sent::Own(text) => Some(text.clone()),
            Sent::Line(_) => None,
        }));
        last = last.max(lines.iter().max().copied());
        broke_off_in_own = sent.get(whole.len()).filter(|sent| line_of(sent).is_none()).and(last);
        // The next line's text may be there without its end.
        text_is_there = sent.get(whole.len()).and_then(line_of).filter(|line| {
            let text = outcome.server[*line].as_bytes();
            bytes.windows(text.len()).rev().take(9).any(|bytes| bytes == text)
        });
        outcome.delivered.extend(lines);
        feed(&mut outcome.log, kind, plan, &bytes);
    }
    outcome.log.end_stream(&mut Vec::new());
    outcome
}

fn line_of(sent: &Sent) -> Option<usize> {
    match sent {
        Sent::Line(index) => Some(*index),
        Sent::Own(_) => None,
    }
}

fn feed(log: &mut RunLog, kind: StreamKind, plan: &Plan, bytes: &[u8]) {
    let encoding = if plan.frames == Frames::Plain { Encoding::Plain } else { Encoding::ServerSentEvents };
    let mut decoder = Decoder::new(encoding);
    log.begin_stream(kind, &mut Vec::new());
    for chunk in bytes.chunks(plan.chunk) {
        decoder.push(chunk, &mut |piece: Piece<'_>| log.take(piece, &mut Vec::new()));
    }
}

impl Outcome {
    /// A session brings a line that none before it has brought: where its neighbour does not come beside it, because the
    /// session begins or breaks off there or has left it out, a client cannot know whether anything is missing.
    fn note_edges(&mut self, sent: &[Sent], last: Option<usize>) {
        let lines: Vec<Option<usize>> = sent.iter().map(line_of).collect();
        for (index, line) in lines.iter().enumerate() {
            let Some(line) = line.filter(|line| Some(*line) < last && !self.delivered.contains(line)) else {
                continue;
            };
            let before = line.checked_sub(1);
            if index == 0 || lines[index - 1] != before {
                self.unknowable.insert(before);
            }
            if lines.get(index + 1) != Some(&Some(line + 1)) {
                self.unknowable.insert(Some(line));
            }
        }
    }

    fn send(&mut self, session: &Session, opens: usize) -> Vec<Sent> {
        let end = self.server.len();
        let race = (opens + session.race).min(end);
        let mut lines: Vec<usize> = (opens.saturating_sub(session.history)..opens).collect();
        lines.extend(race..(opens + session.live).min(end).max(race));
        let is_app = |index: usize| self.server[index].contains("app[");
        for &place in &session.swapped {
            if place + 1 < lines.len() && is_app(lines[place]) != is_app(lines[place + 1]) {
                lines.swap(place, place + 1);
            }
        }
        self.raced.extend(opens..race);
        let mut sent: Vec<Sent> = lines.into_iter().map(Sent::Line).collect();
        if let Some((behind, number)) = session.dropped {
            let live = opens - opens.saturating_sub(session.history);
            let first = (live + behind).min(sent.len());
            let behind = (first + number).min(sent.len());
            if behind > first {
                let stamp = match (&sent[first], &sent[behind - 1]) {
                    (Sent::Line(_), Sent::Line(last)) => {
                        // Between that of the last line that is dropped and the next one's.
                        format!("{}50+00:00", &self.server[*last][..24])
                    }
                    _ => String::new(),
                };
                let text = format!(
                    "{stamp} heroku[logplex]: Error L11 (Tail buffer overflow) -> This tail session dropped {} messages since {stamp}.",
                    behind - first
                );
                sent.splice(first..behind, [Sent::Own(text)]);
            }
        }
        sent
    }
}

/// Frames that come again; without an id nobody could tell them from lines that were printed twice.
fn repeat(sent: &mut Vec<Sent>, session: &Session, frames: Frames) {
    if matches!(frames, Frames::StableIds | Frames::SessionIds) {
        for &(which, later) in &session.repeated {
            if which < sent.len() {
                let place = (which + 1 + later).min(sent.len());
                sent.insert(place, sent[which].clone());
            }
        }
    }
}

/// The bytes of the session up to its cut, and what they hold whole.
fn encode(frames: Frames, server: &[String], sent: &[Sent], session: &Session) -> (Vec<u8>, Vec<Sent>) {
    let mut bytes = Vec::new();
    let mut ends = Vec::new();
    let mut session_ids: HashMap<String, usize> = HashMap::new();
    for sent in sent {
        let text = match sent {
            Sent::Line(index) => &server[*index],
            Sent::Own(text) => text,
        };
        let id = match (frames, sent) {
            (Frames::StableIds, Sent::Line(index)) => Some(10 + index),
            (Frames::SessionIds, sent) => {
                let next = session_ids.len() + 1;
                Some(*session_ids.entry(format!("{sent:?}")).or_insert(next))
            }
            _ => None,
        };
        match (frames, id) {
            (Frames::Plain, _) => bytes.extend(format!("{text}\n").bytes()),
            (_, Some(id)) => bytes.extend(format!("id: {id}\ndata: {text}\n\n").bytes()),
            (_, None) => bytes.extend(format!("data: {text}\n\n").bytes()),
        }
        ends.push(bytes.len());
    }
    bytes.truncate(bytes.len() * session.cut / 1000);
    let whole = ends.iter().take_while(|end| **end <= bytes.len()).count();
    (bytes, sent[..whole].to_vec())
}

/// A row of the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Row {
    Line(String),
    Gap(Gap),
}

pub(crate) fn rows(log: &RunLog) -> Vec<Row> {
    let text = |index| String::from_utf8_lossy(&log.lines().line(index).expect("a line")).into_owned();
    let row = |row| match log.gaps().at(row) {
        RowKind::Line(index) => Row::Line(text(index)),
        RowKind::Gap(gap) => Row::Gap(*gap),
    };
    (0..log.gaps().rows(log.lines().len())).map(row).collect()
}

pub(crate) fn session() -> impl Strategy<Value = Session> {
    (
        (prop::bool::weighted(0.3), 0..12_usize, 0..30_usize, prop::bool::weighted(0.2), 0..20_usize),
        (prop::option::weighted(0.3, (0..8_usize, 1..6_usize)), 0..=1000_usize, prop::bool::ANY),
        (prop::collection::vec((0..30_usize, 0..5_usize), 0..4), prop::collection::vec(0..30_usize, 0..3)),
    )
        .prop_map(
            |((handover, away, history, has_race, live), (dropped, cut, is_cut), (repeated, swapped))| {
                Session {
                    handover,
                    away,
                    history,
                    race: usize::from(has_race) * 2,
                    live,
                    dropped,
                    cut: if is_cut { cut } else { 1000 },
                    repeated,
                    swapped,
                }
            },
        )
}

pub(crate) fn plan(stamps: Stamps) -> impl Strategy<Value = Plan> {
    let frames = prop_oneof![
        Just(Frames::Plain),
        Just(Frames::WithoutIds),
        Just(Frames::StableIds),
        Just(Frames::SessionIds)
    ];
    (
        frames,
        prop::collection::vec((prop::bool::weighted(0.8), 0..20_u8, prop::bool::weighted(0.4)), 1..80),
        prop::collection::vec(session(), 1..6),
        1..400_usize,
    )
        .prop_map(move |(frames, lines, sessions, chunk)| Plan {
            stamps,
            frames,
            lines,
            sessions,
            chunk,
        })
}
