//! Log streams on the server: history, filter, queue, ids, heartbeats, expiry (platform-api.md 4 and 5).

use std::collections::VecDeque;

use super::dyno::{Line, timestamp};
use super::network::PageSide;
use super::scenario::{Encoding, Expiry, Ids};
use super::server::Session;
use super::world::{Happening, World};

#[derive(Debug)]
pub(crate) struct ServerStream {
    pub(crate) session: Session,
    /// Numbers of the lines in its app that it began with.
    pub(crate) next_id: u64,
    /// Lines that the reader has no room for.
    queue: VecDeque<usize>,
    dropped: u64,
    /// Number of the next line of the app.
    next_line: usize,
    last_frame: Vec<u8>,
    is_silent: bool,
    beats: bool,
}

impl Session {
    fn brings(&self, line: &Line) -> bool {
        let is_process = self.filter.as_ref().is_none_or(|filter| {
            line.process.strip_prefix(filter.as_str()).is_some_and(|rest| {
                rest.is_empty() || rest.starts_with('.') || (filter == "run" && rest.starts_with('-'))
            })
        });
        is_process && (!self.only_app || line.from_app)
    }
}

impl World {
    pub(crate) fn stream_request_arrives(&mut self, connection: usize) {
        if self.network.connections[connection].page == PageSide::Closed
            || self.network.connections[connection].is_severed
        {
            return;
        }
        let url = &self.network.connections[connection].url;
        let number = url.rsplit('/').next().and_then(|number| number.parse::<usize>().ok());
        let session = number.and_then(|number| self.server.sessions.get(number).cloned());
        let Some(session) = session.filter(|session| self.now < session.expires_unused) else {
            self.send_head(connection, 404);
            return;
        };
        if !self.is_calm && self.random.chance(self.scenario.stream_error) {
            let status = self.random.pick(&[403, 404, 410, 500, 503]);
            self.send_head(connection, status);
            return;
        }
        self.send_head(connection, 200);
        let history = self.history(&session);
        let app = session.app;
        self.record.history_sent(connection, &history);
        let next_id = if self.random.chance(50) { 1 } else { self.random.between(1, 1_000_000) };
        self.network.connections[connection].server = Some(ServerStream {
            session,
            next_id,
            queue: VecDeque::new(),
            dropped: 0,
            next_line: self.server.lines[app].len(),
            last_frame: Vec::new(),
            is_silent: false,
            beats: self.scenario.heartbeat.is_some(),
        });
        self.tell("server", format_args!("connection {connection}: history {history:?}"));
        let mut bytes = Vec::new();
        for line in history {
            self.encode(connection, line, &mut bytes);
        }
        self.transmit(connection, &bytes);
        self.plan(self.scenario.session_age, Happening::Expires(connection));
        if let Some(pause) = self.scenario.heartbeat {
            self.plan(pause, Happening::Heartbeat(connection));
        }
    }

    /// Numbers of the lines that a new session begins with.
    fn history(&self, session: &Session) -> Vec<usize> {
        if self.scenario.is_fir[session.app] {
            return Vec::new();
        }
        let count = session.lines.min(self.scenario.history) + usize::from(self.scenario.one_more);
        let lines = &self.server.lines[session.app];
        let mut history: Vec<usize> = if self.scenario.counts_before_filter {
            (lines.len().saturating_sub(count)..lines.len())
                .filter(|&line| session.brings(&lines[line]))
                .collect()
        } else {
            (0..lines.len()).rev().filter(|&line| session.brings(&lines[line])).take(count).collect()
        };
        history.sort_unstable();
        history
    }

    /// Appends a line as the stream encodes it, and notes where it ends.
    fn encode(&mut self, connection: usize, line: usize, bytes: &mut Vec<u8>) {
        let it = &mut self.network.connections[connection];
        let Some(stream) = &mut it.server else { return };
        let text = &self.server.lines[stream.session.app][line].text;
        let begin = bytes.len();
        match self.scenario.encoding {
            Encoding::Plain => {
                bytes.extend_from_slice(text);
                bytes.push(b'\n');
            }
            Encoding::Events(ids) => {
                let end = self.scenario.line_end;
                let id = match ids {
                    Ids::None => None,
                    Ids::Stable => Some(line as u64 + 1000),
                    Ids::PerSession => {
                        stream.next_id += 1;
                        Some(stream.next_id)
                    }
                };
                if let Some(id) = id {
                    bytes.extend_from_slice(format!("id: {id}{end}").as_bytes());
                }
                bytes.extend_from_slice(b"data: ");
                bytes.extend_from_slice(text);
                bytes.extend_from_slice(end.as_bytes());
                bytes.extend_from_slice(end.as_bytes());
                if id.is_some() && self.random.chance(self.scenario.duplicates) {
                    // The same frame once more.
                    let copy = bytes[begin..].to_vec();
                    bytes.extend_from_slice(&copy);
                }
                stream.last_frame = bytes[begin..].to_vec();
            }
        }
        it.line_ends.push_back((it.sent + bytes.len() as u64, line));
    }

    /// The app's newest lines go to all its streams.
    pub(crate) fn publish(&mut self, app: usize) {
        for connection in 0..self.network.connections.len() {
            let is_its = |stream: &ServerStream| stream.session.app == app;
            if self.network.connections[connection].server.as_ref().is_some_and(is_its) {
                self.send_new_lines(connection);
            }
        }
    }

    fn send_new_lines(&mut self, connection: usize) {
        let it = &mut self.network.connections[connection];
        let Some(stream) = &mut it.server else { return };
        let is_stalled = self.now < it.stalled_until || !stream.queue.is_empty() || stream.dropped > 0;
        let lines = &self.server.lines[stream.session.app];
        let mut sent = Vec::new();
        while stream.next_line < lines.len() {
            let line = stream.next_line;
            stream.next_line += 1;
            if stream.is_silent || !stream.session.brings(&lines[line]) {
                continue;
            }
            if !is_stalled {
                sent.push(line);
            } else if self.scenario.queue.is_none_or(|queue| stream.queue.len() < queue) {
                stream.queue.push_back(line);
            } else {
                stream.dropped += 1;
            }
        }
        let mut bytes = Vec::new();
        for line in sent {
            self.encode(connection, line, &mut bytes);
        }
        self.transmit(connection, &bytes);
    }

    /// The reader has room again: what waited, and how much was dropped (platform-api.md 5.5).
    pub(crate) fn unstall(&mut self, connection: usize) {
        let stamp = timestamp(self.server_now(), 0);
        let it = &mut self.network.connections[connection];
        if self.now < it.stalled_until {
            return;
        }
        let Some(stream) = &mut it.server else { return };
        let (queue, dropped) = (std::mem::take(&mut stream.queue), std::mem::take(&mut stream.dropped));
        let mut bytes = Vec::new();
        for line in queue {
            self.encode(connection, line, &mut bytes);
        }
        if dropped > 0 {
            self.tell("server", format_args!("connection {connection}: L11, {dropped} dropped"));
            let l11 = format!(
                "{stamp} heroku[logplex]: Error L11 (Tail buffer overflow) -> This tail session dropped {dropped} messages since {stamp}."
            );
            let end = self.scenario.line_end;
            let framed = match self.scenario.encoding {
                Encoding::Plain => format!("{l11}\n"),
                Encoding::Events(_) => format!("data: {l11}{end}{end}"),
            };
            bytes.extend_from_slice(framed.as_bytes());
        }
        self.transmit(connection, &bytes);
    }

    pub(crate) fn heartbeat(&mut self, connection: usize) {
        let it = &self.network.connections[connection];
        let Some(stream) = &it.server else { return };
        if !stream.beats {
            return;
        }
        if self.now >= it.stalled_until {
            let end = self.scenario.line_end;
            let beat = match self.scenario.encoding {
                Encoding::Plain => "\0".to_owned(),
                Encoding::Events(_) => format!(":{end}{end}"),
            };
            self.transmit(connection, beat.as_bytes());
        }
        self.plan(self.scenario.heartbeat.unwrap_or(1), Happening::Heartbeat(connection));
    }

    pub(crate) fn session_expires(&mut self, connection: usize) {
        let Some(stream) = &mut self.network.connections[connection].server else { return };
        match self.scenario.expiry {
            Expiry::Closes => self.close_cleanly(connection),
            Expiry::GoesSilent => {
                stream.is_silent = true;
                stream.beats = false;
            }
            Expiry::KeepsBeating => stream.is_silent = true,
        }
        let expiry = self.scenario.expiry;
        self.tell("server", format_args!("connection {connection} expires: {expiry:?}"));
    }
}
