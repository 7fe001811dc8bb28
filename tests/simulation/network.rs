//! What is between the page and the server: calls and streams, their delays, and what becomes of them.

use std::collections::VecDeque;

use serverless_on_heroku::domain::adoption::Remembered;
use serverless_on_heroku::domain::api::{Answer, Request};
use serverless_on_heroku::domain::error::TransportError;
use serverless_on_heroku::domain::ids::{RunId, TailId};
use serverless_on_heroku::domain::run;
use serverless_on_heroku::domain::time::Time;

use super::streams::ServerStream;
use super::world::{Happening, World};

/// A browser gives up on a call after this (`Timings::answer`).
const CALL_TIMEOUT: u64 = 35_000;

/// What a call is about, so that its answer becomes the right event.
#[derive(Clone, Debug)]
pub(crate) enum Purpose {
    Run(RunId, run::Call),
    Adoption(Remembered),
    App(u32),
    RateLimits,
    Session(TailId, u32),
}

#[derive(Debug)]
pub(crate) struct ApiCall {
    pub(crate) purpose: Purpose,
    pub(crate) request: Request,
    pub(crate) key: String,
    /// When its run began, if it is a run's.
    pub(crate) clicked: Time,
    pub(crate) answer_is_lost: bool,
    pub(crate) is_done: bool,
}

/// What the page has of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PageSide {
    /// The head is awaited.
    Opening,
    /// Open, and not read yet.
    Open,
    Reading,
    Closed,
}

/// Something on its way to the page, or in the browser's buffer.
#[derive(Clone, Debug)]
pub(crate) enum Delivery {
    Chunk(Vec<u8>),
    End { clean: bool },
}

#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) tail: TailId,
    pub(crate) session: u32,
    pub(crate) url: String,
    pub(crate) page: PageSide,
    pub(crate) content_type: Option<&'static str>,
    /// Nothing more comes through.
    pub(crate) is_severed: bool,
    pub(crate) stalled_until: u64,
    pub(crate) in_flight: VecDeque<Delivery>,
    pub(crate) arrived: VecDeque<Delivery>,
    last_arrival: u64,
    pub(crate) server: Option<ServerStream>,
    /// Bytes sent, and where in them each line ends: offset and number of the line in its app.
    pub(crate) sent: u64,
    pub(crate) line_ends: VecDeque<(u64, usize)>,
    /// Bytes that the page has read.
    pub(crate) read: u64,
}

#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) is_online: bool,
    pub(crate) calls: Vec<ApiCall>,
    pub(crate) connections: Vec<Connection>,
}

impl Default for Network {
    fn default() -> Self {
        Self { is_online: true, calls: Vec::new(), connections: Vec::new() }
    }
}

impl World {
    fn latency(&mut self) -> u64 {
        let latency = if self.is_calm { 50 } else { self.scenario.latency };
        self.random.between(1, latency)
    }

    fn fault(&mut self, percent: u64) -> bool {
        !self.is_calm && self.random.chance(percent)
    }

    pub(crate) fn send_call(&mut self, purpose: Purpose, request: Request, key: String) {
        let call = self.network.calls.len();
        let is_online = self.network.is_online;
        let answer_is_lost = self.fault(self.scenario.lost);
        let run = match purpose {
            Purpose::Run(run, _) => self.page.state.run(run),
            _ => None,
        };
        let clicked = run.map(|run| run.times.clicked).unwrap_or_default();
        self.network.calls.push(ApiCall { purpose, request, key, clicked, answer_is_lost, is_done: false });
        if !is_online {
            let pause = self.random.between(1, 20);
            self.plan(pause, Happening::AnswerArrives(call, Err(TransportError::Offline)));
            return;
        }
        self.plan(CALL_TIMEOUT, Happening::AnswerArrives(call, Err(TransportError::Unreachable)));
        if self.fault(self.scenario.lost) {
            let pause = self.random.magnitude(10, CALL_TIMEOUT);
            self.plan(pause, Happening::AnswerArrives(call, Err(TransportError::Unreachable)));
            return;
        }
        let slow = if self.fault(self.scenario.slow) { self.random.between(0, 40_000) } else { 0 };
        let pause = self.latency() + slow;
        self.plan(pause, Happening::RequestArrives(call));
    }

    pub(crate) fn request_arrives(&mut self, call: usize) {
        let answer = self.serve(call);
        let lost = self.network.calls[call].answer_is_lost;
        self.tell("server", format_args!("{} {}", if lost { "(lost)" } else { "" }, answer_text(&answer)));
        if lost {
            let pause = self.random.magnitude(10, CALL_TIMEOUT);
            self.plan(pause, Happening::AnswerArrives(call, Err(TransportError::Unreachable)));
            return;
        }
        let slow = if self.fault(self.scenario.slow) { self.random.between(0, 40_000) } else { 0 };
        let pause = self.latency() + slow;
        self.plan(pause, Happening::AnswerArrives(call, Ok(answer)));
    }

    pub(crate) fn open_connection(&mut self, tail: TailId, session: u32, url: String) {
        let connection = self.network.connections.len();
        self.network.connections.push(Connection {
            tail,
            session,
            url,
            page: PageSide::Opening,
            content_type: self.scenario.content_type,
            is_severed: false,
            stalled_until: 0,
            in_flight: VecDeque::new(),
            arrived: VecDeque::new(),
            last_arrival: 0,
            server: None,
            sent: 0,
            line_ends: VecDeque::new(),
            read: 0,
        });
        if !self.network.is_online {
            let pause = self.random.between(1, 20);
            self.plan(pause, Happening::HeadArrives(connection, Err(TransportError::Offline)));
        } else if !self.fault(self.scenario.stream_never) {
            let pause = self.latency();
            self.plan(pause, Happening::StreamRequestArrives(connection));
        }
    }

    pub(crate) fn find_connection(&self, tail: TailId, session: u32) -> Option<usize> {
        let is_it = |it: &Connection| (it.tail, it.session) == (tail, session) && it.page != PageSide::Closed;
        self.network.connections.iter().rposition(is_it)
    }

    /// The head of the answer, before any byte of the body.
    pub(crate) fn send_head(&mut self, connection: usize, status: u16) {
        let pause = self.latency();
        self.network.connections[connection].last_arrival = self.now + pause;
        self.plan(pause, Happening::HeadArrives(connection, Ok(status)));
    }

    /// Bytes of a stream, which the network cuts as it likes and never brings out of order.
    pub(crate) fn transmit(&mut self, connection: usize, bytes: &[u8]) {
        if self.network.connections[connection].is_severed {
            return;
        }
        self.network.connections[connection].sent += bytes.len() as u64;
        let mut rest = bytes;
        while !rest.is_empty() {
            let length = if self.random.chance(70) {
                rest.len()
            } else {
                self.random.magnitude(1, rest.len() as u64) as usize
            };
            let (chunk, later) = rest.split_at(length);
            self.deliver(connection, Delivery::Chunk(chunk.to_vec()));
            rest = later;
        }
    }

    fn deliver(&mut self, connection: usize, delivery: Delivery) {
        let latency = self.latency();
        let now = self.now;
        let it = &mut self.network.connections[connection];
        it.in_flight.push_back(delivery);
        it.last_arrival = it.last_arrival.max(now + latency);
        let pause = it.last_arrival - now;
        self.plan(pause, Happening::BytesArrive(connection));
    }

    /// The server closes the stream: what was sent arrives before that.
    pub(crate) fn close_cleanly(&mut self, connection: usize) {
        let it = &mut self.network.connections[connection];
        it.server = None;
        if !it.is_severed {
            self.deliver(connection, Delivery::End { clean: true });
        }
    }

    /// What is in flight is lost. The page hears of it sooner or later, or never.
    fn sever(&mut self, connection: usize) {
        let is_silent = self.random.chance(self.scenario.silent_cuts);
        let it = &mut self.network.connections[connection];
        if it.is_severed || it.page == PageSide::Closed {
            return;
        }
        it.is_severed = true;
        it.server = None;
        it.in_flight.clear();
        let was_opening = it.page == PageSide::Opening;
        let (tail, session) = (it.tail, it.session);
        self.tell("network", format_args!("{tail:?} session {session} is cut, silently: {is_silent}"));
        if is_silent {
            return;
        }
        if was_opening {
            let pause = self.latency();
            self.plan(pause, Happening::HeadArrives(connection, Err(TransportError::Unreachable)));
        } else {
            self.deliver(connection, Delivery::End { clean: false });
        }
    }

    fn live_connections(&self) -> Vec<usize> {
        let all = self.network.connections.iter().enumerate();
        all.filter(|(_, it)| it.page != PageSide::Closed && !it.is_severed).map(|(index, _)| index).collect()
    }

    pub(crate) fn cut_some(&mut self) {
        let all = self.random.chance(30);
        for connection in self.live_connections() {
            if all || self.random.chance(50) {
                self.sever(connection);
            }
        }
    }

    /// A reader that does not keep up.
    pub(crate) fn stall_some(&mut self) {
        for connection in self.live_connections() {
            if self.random.chance(50) {
                let pause = self.random.magnitude(500, 60_000);
                self.stall(connection, pause);
            }
        }
    }

    fn stall(&mut self, connection: usize, pause: u64) {
        let until = self.now + pause;
        let it = &mut self.network.connections[connection];
        it.stalled_until = it.stalled_until.max(until);
        self.plan(pause, Happening::Unstalls(connection));
    }

    pub(crate) fn go_offline(&mut self) {
        self.tell("network", format_args!("offline"));
        self.network.is_online = false;
        let pending: Vec<usize> =
            (0..self.network.calls.len()).filter(|&call| !self.network.calls[call].is_done).collect();
        for call in pending {
            self.network.calls[call].answer_is_lost = true;
            let pause = self.random.magnitude(1, 5000);
            self.plan(pause, Happening::AnswerArrives(call, Err(TransportError::Offline)));
        }
        for connection in self.live_connections() {
            self.sever(connection);
        }
        let pause = self.random.magnitude(1000, 10 * 60_000);
        self.plan(pause, Happening::Online);
    }

    /// Answers for how long.
    pub(crate) fn fall_asleep(&mut self) -> u64 {
        let pause = self.random.magnitude(5000, 3 * 3_600_000);
        self.tell("clock", format_args!("the computer sleeps for {} s", pause / 1000));
        self.page.asleep_until = self.page.asleep_until.max(self.now + pause);
        for connection in self.live_connections() {
            if self.random.chance(70) {
                self.sever(connection);
            } else {
                self.stall(connection, pause);
            }
        }
        self.record.forgive_haste();
        pause
    }
}

fn answer_text(answer: &Answer) -> String {
    format!("answers {} {}", answer.status, answer.body)
}
