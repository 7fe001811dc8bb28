//! The simulated world: a clock, what is going to happen, and all who take part.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use serverless_on_heroku::domain::api::Answer;
use serverless_on_heroku::domain::error::TransportError;

use super::dyno::Step;
use super::network::Network;
use super::page::Page;
use super::person::Person;
use super::random::Random;
use super::record::Record;
use super::scenario::Scenario;
use super::server::Server;
use super::trace::Trace;

/// The true time at which everything begins: 2026-01-02T03:04:05Z.
pub(crate) const START: u64 = 1_767_323_045_000;

/// After the faults have stopped: when the last dynos end, when a person looks, and when all is over.
const LAST_DYNOS: u64 = 60_000;
const LOOK: u64 = 20 * 60_000;
const END: u64 = 40 * 60_000;

/// More happenings than this at one moment are a loop.
const MOST_AT_ONCE: u32 = 20_000;

/// A part of the page's logic that is broken on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mutation {
    /// A stream that follows a lost one is taken for the first.
    Alignment,
    /// There is no pause between attempts.
    Backoff,
    /// Events of old sessions are taken for those of the newest, and closed streams are read on.
    StaleRule,
}

/// What is going to happen. Numbers are those of calls, connections and dynos.
#[derive(Clone, Debug)]
pub(crate) enum Happening {
    RequestArrives(usize),
    AnswerArrives(usize, Result<Answer, TransportError>),
    StreamRequestArrives(usize),
    HeadArrives(usize, Result<u16, TransportError>),
    /// The next chunk, or the end.
    BytesArrive(usize),
    ReadNext(usize),
    Timer(u64),
    Dyno(usize, u32, Step),
    Heartbeat(usize),
    Expires(usize),
    Unstalls(usize),
    Noise(usize),
    Cut,
    Stall,
    Offline,
    Online,
    Sleep,
    Jump,
    Revoke,
    Reload,
    Person,
    Calm,
    LastDynos,
    Look,
    Press,
}

impl Happening {
    /// Whether a computer that sleeps puts it off.
    fn is_of_page(&self) -> bool {
        matches!(
            self,
            Self::AnswerArrives(..)
                | Self::HeadArrives(..)
                | Self::BytesArrive(_)
                | Self::ReadNext(_)
                | Self::Timer(_)
                | Self::Person
                | Self::Reload
                | Self::Online
                | Self::Offline
        )
    }
}

#[derive(Debug)]
struct Planned {
    time: u64,
    number: u64,
    happening: Happening,
}

impl PartialEq for Planned {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Planned {}

impl PartialOrd for Planned {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Planned {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.time, self.number).cmp(&(other.time, other.number))
    }
}

#[derive(Debug)]
pub(crate) struct World {
    /// The true time.
    pub(crate) now: u64,
    plans: BinaryHeap<Reverse<Planned>>,
    planned: u64,
    pub(crate) random: Random,
    pub(crate) scenario: Scenario,
    pub(crate) mutation: Option<Mutation>,
    pub(crate) trace: Trace,
    pub(crate) server: Server,
    pub(crate) network: Network,
    pub(crate) page: Page,
    pub(crate) person: Person,
    pub(crate) record: Record,
    /// No faults any more.
    pub(crate) is_calm: bool,
    pub(crate) was_reloaded: bool,
    end: u64,
}

impl World {
    pub(crate) fn new(seed: u64, mutation: Option<Mutation>, traced: bool) -> Self {
        let mut random = Random::new(seed);
        let scenario = Scenario::new(&mut random);
        let mut trace = Trace(traced.then(Vec::new));
        trace.add(0, "seed", format_args!("{seed}: {scenario:?}"));
        let mut world = Self {
            now: START,
            plans: BinaryHeap::new(),
            planned: 0,
            server: Server::new(&scenario),
            network: Network::default(),
            page: Page::new(seed, scenario.replaced_at, mutation),
            person: Person::default(),
            record: Record::default(),
            random,
            scenario,
            mutation,
            trace,
            is_calm: false,
            was_reloaded: false,
            end: u64::MAX,
        };
        world.fill_history();
        world.plan_faults();
        world.plan(0, Happening::Person);
        world.plan(world.scenario.calm, Happening::Calm);
        // Of their own, so that other seeds stay what they are.
        let mut reloads = Random::new(!seed);
        while mutation.is_none() && reloads.chance(12) {
            world.plan(reloads.between(5000, world.scenario.calm), Happening::Reload);
        }
        world
    }

    /// Runs to the end, or to the first complaint.
    pub(crate) fn run(mut self) -> Self {
        let mut at_once = 0;
        while let Some(Reverse(Planned { time, happening, .. })) = self.plans.pop() {
            if time > self.end || self.record.complaint.is_some() {
                break;
            }
            at_once = if time == self.now { at_once + 1 } else { 0 };
            if at_once > MOST_AT_ONCE {
                self.complain(format!("it goes round in circles: {happening:?}"));
                break;
            }
            self.now = time;
            if happening.is_of_page() && time < self.page.asleep_until {
                let later = self.page.asleep_until - time;
                self.plan(later, happening);
                continue;
            }
            self.happen(happening);
            self.judge_moment();
        }
        if self.record.complaint.is_none() {
            self.judge_end();
        }
        self
    }

    /// Something is going to happen so many milliseconds from now.
    pub(crate) fn plan(&mut self, pause: u64, happening: Happening) {
        self.planned += 1;
        self.plans.push(Reverse(Planned { time: self.now + pause, number: self.planned, happening }));
    }

    pub(crate) fn tell(&mut self, who: &str, what: std::fmt::Arguments<'_>) {
        self.trace.add(self.now - START, who, what);
    }

    pub(crate) fn complain(&mut self, complaint: String) {
        self.tell("judge", format_args!("{complaint}"));
        self.record.complaint.get_or_insert(complaint);
    }

    fn plan_faults(&mut self) {
        let faults = [
            (self.scenario.cuts, Happening::Cut),
            (self.scenario.stalls, Happening::Stall),
            (self.scenario.offline, Happening::Offline),
            (self.scenario.sleeps, Happening::Sleep),
            (self.scenario.jumps, Happening::Jump),
            (self.scenario.revokes_key.then_some(self.scenario.calm / 2), Happening::Revoke),
            (self.scenario.noise, Happening::Noise(0)),
            (self.scenario.noise, Happening::Noise(1)),
        ];
        for (pause, happening) in faults {
            if let Some(pause) = pause {
                self.plan_again(pause, happening);
            }
        }
    }

    /// Plans what comes again and again, on average after this pause.
    fn plan_again(&mut self, pause: u64, happening: Happening) {
        let pause = self.random.between(1, pause * 2);
        self.plan(pause, happening);
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::RequestArrives(call) => self.request_arrives(call),
            Happening::AnswerArrives(call, answer) => self.answer_arrives(call, answer),
            Happening::StreamRequestArrives(connection) => self.stream_request_arrives(connection),
            Happening::HeadArrives(connection, status) => self.head_arrives(connection, status),
            Happening::BytesArrive(connection) => self.bytes_arrive(connection),
            Happening::ReadNext(connection) => self.read_next(connection),
            Happening::Timer(number) => self.timer_fires(number),
            Happening::Dyno(dyno, plan, step) => self.dyno_lives(dyno, plan, step),
            Happening::Heartbeat(connection) => self.heartbeat(connection),
            Happening::Expires(connection) => self.session_expires(connection),
            Happening::Unstalls(connection) => self.unstall(connection),
            Happening::Noise(app) => {
                self.noise(app);
                if !self.is_calm
                    && let Some(pause) = self.scenario.noise
                {
                    self.plan_again(pause, Happening::Noise(app));
                }
            }
            Happening::Person => self.person_acts(),
            Happening::Calm => self.calm_down(),
            Happening::LastDynos => self.end_all_dynos(),
            Happening::Look => {
                self.judge_offers();
                self.plan(0, Happening::Press);
            }
            Happening::Press => self.person_presses_everything(),
            _ if self.is_calm => {}
            Happening::Cut => {
                self.cut_some();
                self.plan_again(self.scenario.cuts.unwrap_or(1), Happening::Cut);
            }
            Happening::Stall => {
                self.stall_some();
                self.plan_again(self.scenario.stalls.unwrap_or(1), Happening::Stall);
            }
            Happening::Offline => self.go_offline(),
            Happening::Online => {
                self.go_online();
                self.plan_again(self.scenario.offline.unwrap_or(1), Happening::Offline);
            }
            Happening::Sleep => {
                let slept = self.fall_asleep();
                let awake = self.scenario.sleeps.unwrap_or(1);
                let pause = slept + self.random.between(1, 2 * awake);
                self.plan(pause, Happening::Sleep);
            }
            Happening::Jump => {
                self.jump_clock();
                self.plan_again(self.scenario.jumps.unwrap_or(1), Happening::Jump);
            }
            Happening::Revoke => self.revoke_key(),
            Happening::Reload => self.reload(),
        }
    }

    fn calm_down(&mut self) {
        if self.now < self.page.asleep_until {
            self.plan(self.page.asleep_until - self.now, Happening::Calm);
            return;
        }
        self.tell("world", format_args!("all faults stop"));
        self.is_calm = true;
        self.end = self.now + END;
        self.record.forgive_haste();
        self.page.hidden = false;
        self.plan(LAST_DYNOS, Happening::LastDynos);
        self.plan(LOOK, Happening::Look);
        if !self.network.is_online {
            self.go_online();
        }
    }
}
