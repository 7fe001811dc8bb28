//! The sizes of dynos, with what they cost (platform-api.md 10).

/// Heroku's prices are for a month of this many hours; its own CLI divides so.
const HOURS_OF_A_MONTH: u32 = 720;

/// A size that Heroku offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DynoSize {
    /// As the API writes it: `Standard-1X`. Requests take it in any case.
    pub name: &'static str,
    pub family: Family,
    /// Price of one dyno for a whole month in US dollars; `None` where hours come from a subscription.
    dollars_a_month: Option<u32>,
}

/// Which apps can use a size; apps of one family cannot use the sizes of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    Eco,
    Basic,
    /// Standard and Performance mix.
    Professional,
    Private,
    Fir,
}

impl Family {
    pub const ALL: [Self; 5] = [Self::Eco, Self::Basic, Self::Professional, Self::Private, Self::Fir];

    /// The apps in words.
    pub fn apps(self) -> &'static str {
        match self {
            Self::Eco => "Eco apps",
            Self::Basic => "Basic apps",
            Self::Professional => "Standard and Performance apps",
            Self::Private => "Apps in Private Spaces",
            Self::Fir => "Apps of the Fir generation",
        }
    }
}

const fn size(name: &'static str, family: Family, dollars_a_month: u32) -> DynoSize {
    DynoSize { name, family, dollars_a_month: Some(dollars_a_month) }
}

/// All sizes, each family from the cheapest.
pub const DYNO_SIZES: [DynoSize; 32] = [
    DynoSize { name: "Eco", family: Family::Eco, dollars_a_month: None },
    size("Basic", Family::Basic, 7),
    size("Standard-1X", Family::Professional, 25),
    size("Standard-2X", Family::Professional, 50),
    size("Performance-M", Family::Professional, 250),
    size("Performance-L", Family::Professional, 500),
    size("Performance-L-RAM", Family::Professional, 500),
    size("Performance-XL", Family::Professional, 750),
    size("Performance-2XL", Family::Professional, 1500),
    size("Private-S", Family::Private, 225),
    size("Private-M", Family::Private, 450),
    size("Private-L-RAM", Family::Private, 500),
    size("Private-XL", Family::Private, 750),
    size("Private-L", Family::Private, 900),
    size("Private-2XL", Family::Private, 1500),
    size("dyno-1c-0.5gb", Family::Fir, 25),
    size("dyno-2c-1gb", Family::Fir, 50),
    size("dyno-1c-4gb", Family::Fir, 80),
    size("dyno-1c-8gb", Family::Fir, 100),
    size("dyno-2c-4gb", Family::Fir, 150),
    size("dyno-2c-8gb", Family::Fir, 160),
    size("dyno-2c-16gb", Family::Fir, 250),
    size("dyno-4c-8gb", Family::Fir, 300),
    size("dyno-4c-16gb", Family::Fir, 320),
    size("dyno-4c-32gb", Family::Fir, 500),
    size("dyno-8c-16gb", Family::Fir, 600),
    size("dyno-8c-32gb", Family::Fir, 640),
    size("dyno-8c-64gb", Family::Fir, 750),
    size("dyno-16c-64gb", Family::Fir, 1000),
    size("dyno-16c-32gb", Family::Fir, 1200),
    size("dyno-16c-128gb", Family::Fir, 1500),
    size("dyno-32c-64gb", Family::Fir, 2400),
];

impl DynoSize {
    /// The size of this name, in any case.
    pub fn find(name: &str) -> Option<Self> {
        DYNO_SIZES.into_iter().find(|size| size.name.eq_ignore_ascii_case(name))
    }

    /// What an hour costs in words: `$0.010 an hour`. Heroku bills by the second.
    pub fn cost(&self) -> String {
        match self.dollars_a_month {
            Some(dollars) => {
                let thousandths = (dollars * 1000 + HOURS_OF_A_MONTH / 2) / HOURS_OF_A_MONTH;
                format!("${}.{:03} an hour", thousandths / 1000, thousandths % 1000)
            }
            None => "from the account's Eco hours".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_found_in_any_case() {
        assert_eq!(DynoSize::find("standard-1x").map(|size| size.name), Some("Standard-1X"));
        assert_eq!(DynoSize::find("DYNO-1C-0.5GB").map(|size| size.name), Some("dyno-1c-0.5gb"));
        for name in ["", "Free", "Standard"] {
            assert_eq!(DynoSize::find(name), None, "{name}");
        }
    }

    #[test]
    fn an_hour_costs_a_720th_of_a_month() {
        #[track_caller]
        fn check(name: &str, cost: &str) {
            assert_eq!(DynoSize::find(name).map(|size| size.cost()).as_deref(), Some(cost), "{name}");
        }
        check("Eco", "from the account's Eco hours");
        check("Basic", "$0.010 an hour");
        check("Standard-1X", "$0.035 an hour");
        check("Performance-L", "$0.694 an hour");
        check("Performance-2XL", "$2.083 an hour");
        check("dyno-32c-64gb", "$3.333 an hour");
    }

    #[test]
    fn every_family_has_its_sizes_and_every_name_is_there_once() {
        for family in Family::ALL {
            assert!(DYNO_SIZES.iter().any(|size| size.family == family), "{family:?}");
        }
        for (index, size) in DYNO_SIZES.iter().enumerate() {
            assert_eq!(DYNO_SIZES.iter().position(|it| it.name == size.name), Some(index), "{}", size.name);
        }
    }
}
