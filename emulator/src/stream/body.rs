//! The body of a stream: lines as they come, heartbeats while none do, and what faults make of it.

use std::io;
use std::time::Duration;

use axum::body::Bytes;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep, sleep_until};

use super::encoding::Encoding;
use super::flood::Flooding;
use super::line_faults::{Item, LineFaults};
use crate::connection::Handle;
use crate::faults::{After, AtExpiry, StreamFaults, milliseconds};
use crate::log::{Batch, Reader};

/// Lines are collected into pieces of about this many bytes when more than one waits.
const CHUNK_BYTES: usize = 256 * 1024;

/// How long lines wait for those that are to come before them.
const HOLD: Duration = Duration::from_millis(200);

/// The body, as far as it has come.
#[derive(Debug)]
pub(super) struct Body {
    reader: Reader,
    encoding: Encoding,
    connection: Handle,
    orders: Receiver<StreamFaults>,
    heartbeat: Option<Duration>,
    /// When the last bytes were given.
    last: Instant,
    lines: LineFaults,
    cut: Option<(Place, Ending)>,
    silence: Option<(Place, Voice)>,
    voice: Voice,
    chunk_bytes: Vec<usize>,
    chunk_pause: Duration,
    next_chunk: usize,
    sent_bytes: u64,
    sent_lines: u64,
    /// Encoded and not yet given.
    waiting: Bytes,
    ending: Option<Ending>,
    /// The log brings nothing more.
    finished: bool,
    flooding: Option<Flooding>,
}

/// Where in a stream something happens: at what comes first.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// Of the whole body.
    bytes: u64,
    lines: u64,
    time: Option<Instant>,
}

/// How a stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// As if nothing more were to come.
    Clean,
    /// The connection breaks off.
    Abrupt,
}

/// What a stream still brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Voice {
    Lines,
    Heartbeats,
    Nothing,
}

enum Event {
    Order(Box<StreamFaults>),
    Cut(Ending),
    Silence(Voice),
    Lines(Option<Vec<Batch>>),
    Heartbeat,
    Release,
}

impl Body {
    pub(super) fn new(
        reader: Reader,
        encoding: Encoding,
        connection: Handle,
        orders: Receiver<StreamFaults>,
        heartbeat: Option<Duration>,
    ) -> Self {
        Self {
            reader,
            encoding,
            connection,
            orders,
            heartbeat,
            last: Instant::now(),
            lines: LineFaults::default(),
            cut: None,
            silence: None,
            voice: Voice::Lines,
            chunk_bytes: Vec::new(),
            chunk_pause: Duration::ZERO,
            next_chunk: 0,
            sent_bytes: 0,
            sent_lines: 0,
            waiting: Bytes::new(),
            ending: None,
            finished: false,
            flooding: None,
        }
    }

    /// Has what `faults` has from now on.
    pub(super) fn meet(&mut self, faults: &StreamFaults) {
        if let Some(cut) = &faults.cut {
            let ending = if cut.clean { Ending::Clean } else { Ending::Abrupt };
            self.cut = Some((self.place(cut.after()), ending));
        }
        if let Some(silence) = &faults.silence {
            let voice = if silence.heartbeats { Voice::Heartbeats } else { Voice::Nothing };
            self.silence = Some((self.place(silence.after()), voice));
        }
        if let Some(heartbeat) = faults.heartbeat_ms {
            self.heartbeat = heartbeat.map(|interval| milliseconds(interval.get()));
        }
        if !faults.chunk_bytes.is_empty() {
            self.chunk_bytes = faults.chunk_bytes.iter().map(|size| size.get()).collect();
            self.chunk_pause = milliseconds(faults.chunk_pause_ms);
            self.next_chunk = 0;
        }
        if let Some(lines) = faults.queue_lines {
            self.reader.limit(lines);
        }
        self.encoding = self.encoding.with_faults(None, faults.event_ids);
        self.lines.meet(faults);
        if let Some(flood) = &faults.flood {
            let process = self.reader.process().filter(|process| process.contains('.'));
            let process = process.unwrap_or_else(|| "run.1".into());
            self.flooding = Some(Flooding::start(self.reader.log().clone(), process, flood.clone()));
        }
    }

    /// Ends like this when its session expires.
    pub(super) fn expire(&mut self, then: AtExpiry, time: Instant) {
        let place = Place { bytes: u64::MAX, lines: u64::MAX, time: Some(time) };
        match then {
            AtExpiry::Stay => {}
            AtExpiry::End => self.cut = Some((place, Ending::Clean)),
            AtExpiry::Cut => self.cut = Some((place, Ending::Abrupt)),
            AtExpiry::Silence => self.silence = Some((place, Voice::Heartbeats)),
        }
    }

    /// The next bytes; `None` at the end, an error where the connection is to break off.
    pub(super) async fn next(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            if !self.waiting.is_empty() {
                let piece = self.piece().await;
                self.last = Instant::now();
                return Some(Ok(piece));
            }
            if let Some(ending) = self.ending {
                if ending == Ending::Clean {
                    return None;
                }
                self.connection.flushed().await;
                return Some(Err(io::ErrorKind::ConnectionReset.into()));
            }
            match self.event().await {
                Event::Order(faults) => self.meet(&faults),
                Event::Cut(ending) => self.ending = Some(ending),
                Event::Silence(voice) => self.fall_silent(voice),
                Event::Lines(Some(batches)) => self.take(&batches),
                Event::Lines(None) => {
                    self.release();
                    // A silent stream does not even end.
                    if self.voice == Voice::Lines {
                        self.ending.get_or_insert(Ending::Clean);
                    }
                    self.finished = true;
                }
                Event::Heartbeat => self.give(self.encoding.heartbeat()),
                Event::Release => self.release(),
            }
        }
    }

    async fn event(&mut self) -> Event {
        let heartbeat = self.heartbeat.filter(|_| self.voice != Voice::Nothing);
        let hold = self.lines.hold();
        let cut = self.cut.map(|(place, ending)| (place.time, ending));
        let silence = self.silence.map(|(place, voice)| (place.time, voice));
        tokio::select! {
            biased;
            faults = order(&mut self.orders) => Event::Order(Box::new(faults)),
            ending = at(cut) => Event::Cut(ending),
            voice = at(silence) => Event::Silence(voice),
            lines = self.reader.next(CHUNK_BYTES), if !self.finished => Event::Lines(lines),
            () = sleep(HOLD), if hold => Event::Release,
            _ = at(heartbeat.map(|interval| (Some(self.last + interval), ()))) => Event::Heartbeat,
        }
    }

    /// What is given next of what waits: all of it, or the next of the pieces that were asked for, on its own.
    async fn piece(&mut self) -> Bytes {
        if self.chunk_bytes.is_empty() {
            return std::mem::take(&mut self.waiting);
        }
        self.connection.flushed().await;
        sleep(self.chunk_pause).await;
        let size = self.chunk_bytes[self.next_chunk];
        self.next_chunk = (self.next_chunk + 1) % self.chunk_bytes.len();
        self.waiting.split_to(size.min(self.waiting.len()))
    }

    fn take(&mut self, batches: &[Batch]) {
        if self.voice != Voice::Lines {
            return;
        }
        let count: u64 = batches.iter().map(|batch| batch.len() as u64).sum();
        if self.lines.are_none() && self.sent_lines.saturating_add(count) < self.last_line() {
            self.sent_lines += count;
            let bytes = self.encoding.encode(batches);
            self.give(bytes);
            return;
        }
        let mut items = Vec::new();
        for batch in batches {
            for (number, line) in batch.numbered_lines() {
                self.lines.take((number, batch.text().slice_ref(line)), &mut items);
            }
        }
        self.give_items(items);
    }

    /// Gives the lines that wait for others.
    fn release(&mut self) {
        let mut items = Vec::new();
        self.lines.release(&mut items);
        if self.voice == Voice::Lines {
            self.give_items(items);
        }
    }

    /// The number of the line that something happens at.
    fn last_line(&self) -> u64 {
        let lines = |place: Option<Place>| place.map_or(u64::MAX, |place| place.lines);
        lines(self.cut.map(|(place, _)| place)).min(lines(self.silence.map(|(place, _)| place)))
    }

    fn give_items(&mut self, items: Vec<Item>) {
        let mut out = Vec::new();
        for item in items {
            if self.sent_lines >= self.last_line() {
                break;
            }
            match item {
                Item::Line((number, line)) => self.encoding.write(number, &line, &mut out),
                Item::Lost { count, last } => {
                    let count = usize::try_from(count).unwrap_or(usize::MAX);
                    for line in self.reader.loss(count).lines() {
                        self.encoding.write(last, line, &mut out);
                    }
                }
            }
            self.sent_lines += 1;
        }
        self.give(out.into());
        if self.sent_lines >= self.last_line() {
            match (self.silence, self.cut) {
                (Some((place, voice)), _) if self.sent_lines >= place.lines => self.fall_silent(voice),
                (_, Some((_, ending))) => self.ending = Some(ending),
                _ => {}
            }
        }
    }

    fn fall_silent(&mut self, voice: Voice) {
        self.voice = voice;
        self.silence = None;
    }

    /// Lets `bytes` wait, as far as the stream comes.
    fn give(&mut self, mut bytes: Bytes) {
        let room = |place: Place| usize::try_from(place.bytes - self.sent_bytes).unwrap_or(usize::MAX);
        let silence = self.silence.filter(|(place, _)| bytes.len() >= room(*place));
        if let Some((place, _)) = silence {
            bytes.truncate(room(place));
        }
        let cut = self.cut.filter(|(place, _)| bytes.len() >= room(*place));
        if let Some((place, _)) = cut {
            bytes.truncate(room(place));
        }
        self.sent_bytes += bytes.len() as u64;
        self.waiting = bytes;
        match (cut, silence) {
            (Some((_, ending)), _) => self.ending = Some(ending),
            (None, Some((_, voice))) => self.fall_silent(voice),
            (None, None) => {}
        }
    }

    fn place(&self, After { bytes, lines, time }: After) -> Place {
        let nowhere = bytes.is_none() && lines.is_none() && time.is_none();
        let at_once = nowhere || bytes == Some(0) || lines == Some(0);
        let from_now =
            |sent: u64, count: Option<u64>| count.map_or(u64::MAX, |count| sent.saturating_add(count));
        Place {
            bytes: from_now(self.sent_bytes, bytes),
            lines: from_now(self.sent_lines, lines),
            time: at_once.then_some(Duration::ZERO).or(time).map(|time| Instant::now() + time),
        }
    }
}

/// The next order; for ever none when none can come.
async fn order(orders: &mut Receiver<StreamFaults>) -> StreamFaults {
    loop {
        match orders.recv().await {
            Ok(faults) => return faults,
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// Waits for the time of something, for ever if it has none.
async fn at<T>(something: Option<(Option<Instant>, T)>) -> T {
    match something {
        Some((Some(time), value)) => {
            sleep_until(time).await;
            value
        }
        _ => std::future::pending().await,
    }
}
