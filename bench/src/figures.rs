//! Medians, spreads, and how they are written.

/// What was measured several times.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures(pub(crate) Vec<f64>);

impl Figures {
    pub(crate) fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    pub(crate) fn worst(&self) -> f64 {
        self.quantile(1.0)
    }

    /// The smallest value that this share of all does not exceed; 0 without any.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let place = (share * sorted.len() as f64).ceil() as usize;
        sorted.get(place.saturating_sub(1)).copied().unwrap_or_default()
    }

    /// The median, and the smallest and the largest behind it.
    pub(crate) fn with_spread(&self, decimals: usize) -> String {
        let [middle, low, high] = [self.median(), self.quantile(0.0), self.worst()];
        format!("{middle:.decimals$} ({low:.decimals$} to {high:.decimals$})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_put_in_order() {
        let figures = Figures(vec![5.0, 1.0, 3.0, 2.0, 4.0]);
        assert_eq!((figures.median(), figures.worst(), figures.quantile(0.95)), (3.0, 5.0, 5.0));
        assert_eq!(figures.with_spread(0), "3 (1 to 5)");
        assert_eq!(Figures::default().median(), 0.0);
    }
}
