//! The layout: nothing jumps, and nothing is wider than a phone.

mod chromium_only {
    use serde_json::json;

    use crate::harness::{App, Emulator, Page};

    /// How far things may move without a reader losing the place, as the Layout Instability standard scores it: digits of
    /// a running clock do, a line that pushes the rest down does not.
    const LARGEST_SHIFT: f64 = 0.002;

    async fn assert_nothing_jumped(page: &Page) {
        let shifts = page.script("return observed.shifts").await;
        let sum: f64 = shifts.as_array().unwrap().iter().map(|shift| shift["value"].as_f64().unwrap()).sum();
        assert!(sum < LARGEST_SHIFT, "the layout shifted by {sum}: {shifts:#}");
    }

    #[tokio::test]
    async fn nothing_jumps_during_a_run() {
        let emulator = Emulator::start(App::Tutorial).await;
        let page = Page::open(&emulator.page).await;
        page.fill_in_app_and_key().await;
        page.run().await;
        page.ends().await;
        assert_nothing_jumped(&page).await;
    }

    #[tokio::test]
    async fn nothing_jumps_when_faults_are_told() {
        let emulator = Emulator::start(App::Tutorial).await;
        let page = Page::open(&emulator.page).await;
        page.run().await;
        page.shows_error("empty").await;
        page.fill_in_app_and_key().await;
        assert_eq!(page.errors().await, [""; 0]);
        assert_nothing_jumped(&page).await;
    }

    #[tokio::test]
    async fn a_phone_needs_no_scrolling_sideways() {
        let emulator = Emulator::start(App::empty()).await;
        let page = Page::open(&emulator.page).await;
        let phone = json!({ "width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": true });
        page.browser.devtools("Emulation.setDeviceMetricsOverride", phone).await;
        let assert_fits = async |when: &str| {
            let width = page.script("return document.documentElement.scrollWidth").await;
            assert_eq!(width, json!(360), "{when}");
        };
        assert_fits("before a run").await;
        page.run().await;
        page.shows_error("empty").await;
        assert_fits("with errors at the fields").await;
        page.run_command(&format!("echo {}", "long".repeat(200))).await;
        page.ends().await;
        assert_fits("after a run with a long line").await;
    }
}
