//! Dyno sizes with what they cost (platform-api.md 10). Of a size's limits only the memory is one here.

use uuid::Uuid;

/// A dyno size.
#[derive(Debug)]
pub(crate) struct Size {
    pub(crate) id: Uuid,
    /// As the API writes it, `Standard-1X`.
    pub(crate) name: &'static str,
    /// In GB, where it is known.
    pub(crate) memory: Option<f64>,
    /// US dollars for a month without pause. None for Eco, of which an account has 1,000 hours for a flat price.
    pub(crate) dollars: Option<u32>,
    pub(crate) runtime: Runtime,
}

impl Size {
    /// Memory in bytes, where it is known.
    pub(crate) fn memory_bytes(&self) -> Option<u64> {
        // Halves of a GB at the least: exact.
        self.memory.map(|gigabytes| (gigabytes * f64::from(1 << 30)) as u64)
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
    memory: Option<f64>,
    dollars: Option<u32>,
    runtime: Runtime,
) -> Size {
    Size { id: Uuid::from_u128(id), name, memory, dollars, runtime }
}

/// What a dyno gets when nobody chose.
pub(crate) const DEFAULT: &Size = &ALL[1];

/// Of the newer generation the reference has these four.
pub(crate) const ALL: &[Size] = &[
    size(1, "Eco", Some(0.5), None, Runtime::Shared),
    size(2, "Basic", Some(0.5), Some(7), Runtime::Shared),
    size(3, "Standard-1X", Some(0.5), Some(25), Runtime::Shared),
    size(4, "Standard-2X", Some(1.0), Some(50), Runtime::Shared),
    size(5, "Performance-M", Some(2.5), Some(250), Runtime::Dedicated),
    size(6, "Performance-L", Some(14.0), Some(500), Runtime::Dedicated),
    size(7, "Performance-L-RAM", None, Some(500), Runtime::Dedicated),
    size(8, "Performance-XL", None, Some(750), Runtime::Dedicated),
    size(9, "Performance-2XL", None, Some(1500), Runtime::Dedicated),
    size(10, "Private-S", None, Some(225), Runtime::Private),
    size(11, "Private-M", None, Some(450), Runtime::Private),
    size(12, "Private-L", None, Some(900), Runtime::Private),
    size(13, "dyno-1c-0.5gb", Some(0.5), Some(25), Runtime::Fir),
    size(14, "dyno-2c-1gb", Some(1.0), Some(50), Runtime::Fir),
    size(15, "dyno-1c-4gb", Some(4.0), Some(80), Runtime::Fir),
    size(16, "dyno-32c-64gb", Some(64.0), Some(2400), Runtime::Fir),
];

/// The sizes that the app can use, which is in no private space.
pub(crate) fn available() -> impl Iterator<Item = &'static Size> {
    ALL.iter().filter(|size| matches!(size.runtime, Runtime::Shared | Runtime::Dedicated))
}
