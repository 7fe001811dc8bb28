//! Dyno sizes with what they cost (platform-api.md 10), their memory and compute (Dev Center, "Dyno Types", June 2024). Of
//! a size's limits only the memory is one here.

use uuid::Uuid;

/// A dyno size.
#[derive(Debug)]
pub(crate) struct Size {
    pub(crate) id: Uuid,
    /// As the API writes it, `Standard-1X`.
    pub(crate) name: &'static str,
    /// In GB.
    pub(crate) memory: f64,
    /// In shares of a processor, at the least.
    pub(crate) compute: u32,
    /// US dollars for a month without pause. None for Eco, of which an account has 1,000 hours for a flat price.
    pub(crate) dollars: Option<u32>,
    pub(crate) runtime: Runtime,
}

#[cfg(target_os = "linux")]
impl Size {
    /// Memory in bytes, which is looked at on Linux alone.
    pub(crate) fn memory_bytes(&self) -> u64 {
        // Halves of a GB at the least: exact.
        (self.memory * f64::from(1 << 30)) as u64
    }
}

/// Where dynos of a size run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Runtime {
    /// On machines with dynos of others.
    Shared,
    /// On a machine of its own.
    Dedicated,
    /// In a private space.
    Private,
    /// In a private space of the newer generation.
    Fir,
}

const fn size(
    id: u128,
    name: &'static str,
    memory: f64,
    compute: u32,
    dollars: Option<u32>,
    runtime: Runtime,
) -> Size {
    Size { id: Uuid::from_u128(id), name, memory, compute, dollars, runtime }
}

/// What a dyno gets when nobody chose.
pub(crate) const DEFAULT: &Size = &ALL[1];

/// Of the newer generation the reference has these four.
pub(crate) const ALL: &[Size] = &[
    size(1, "Eco", 0.5, 1, None, Runtime::Shared),
    size(2, "Basic", 0.5, 1, Some(7), Runtime::Shared),
    size(3, "Standard-1X", 0.5, 1, Some(25), Runtime::Shared),
    size(4, "Standard-2X", 1.0, 2, Some(50), Runtime::Shared),
    size(5, "Performance-M", 2.5, 12, Some(250), Runtime::Dedicated),
    size(6, "Performance-L", 14.0, 50, Some(500), Runtime::Dedicated),
    size(7, "Performance-L-RAM", 30.0, 24, Some(500), Runtime::Dedicated),
    size(8, "Performance-XL", 62.0, 50, Some(750), Runtime::Dedicated),
    size(9, "Performance-2XL", 126.0, 100, Some(1500), Runtime::Dedicated),
    size(10, "Private-S", 1.0, 12, Some(225), Runtime::Private),
    size(11, "Private-M", 2.5, 12, Some(450), Runtime::Private),
    size(12, "Private-L", 14.0, 50, Some(900), Runtime::Private),
    size(13, "dyno-1c-0.5gb", 0.5, 1, Some(25), Runtime::Fir),
    size(14, "dyno-2c-1gb", 1.0, 2, Some(50), Runtime::Fir),
    size(15, "dyno-1c-4gb", 4.0, 1, Some(80), Runtime::Fir),
    size(16, "dyno-32c-64gb", 64.0, 32, Some(2400), Runtime::Fir),
];

/// The sizes that the app can use, which is in no private space.
pub(crate) fn available() -> impl Iterator<Item = &'static Size> {
    ALL.iter().filter(|size| matches!(size.runtime, Runtime::Shared | Runtime::Dedicated))
}
