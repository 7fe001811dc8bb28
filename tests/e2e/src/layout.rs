//! The layout: nothing jumps, and nothing is wider than a phone.

mod chromium_only {
    use fantoccini::key::Key;
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

    /// A window of 1,280 × 800 pixels at 200 % has half as many (WCAG 2.2, 1.4.4).
    #[tokio::test]
    async fn at_twice_the_size_all_of_it_is_in_reach() {
        let emulator = Emulator::start(App::empty()).await;
        let page = Page::open(&emulator.page).await;
        let zoomed = json!({ "width": 640, "height": 400, "deviceScaleFactor": 2, "mobile": false });
        page.browser.devtools("Emulation.setDeviceMetricsOverride", zoomed).await;
        page.run_command("seq 1000").await;
        page.ends().await;
        let beyond = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(page.script(beyond).await, json!(0));
        page.shows_line("Process exited with status 0").await;
        // Each control can be scrolled to, and then has nothing before it.
        let covered =
            "return [...document.querySelectorAll('a, button, input, select, textarea, .row:last-child')]
            .filter((element) => element.checkVisibility({ visibilityProperty: true }))
            .filter((element) => {
                element.scrollIntoView({ block: 'center', inline: 'center' });
                const { left, top, width, height } = element.getBoundingClientRect();
                const middle = document.elementFromPoint(left + width / 2, top + height / 2);
                return !element.contains(middle);
            })
            .map((element) => element.outerHTML)";
        assert_eq!(page.script(covered).await, json!([]));
        // The log is no slit, and its end is above the buttons that stay in reach.
        let log = "const log = document.querySelector('[role=log]');
            log.scrollIntoView({ block: 'end' });
            const buttons = document.querySelector('.form__actions').getBoundingClientRect();
            return [log.clientHeight, log.getBoundingClientRect().bottom - buttons.top]";
        let log = page.script(log).await;
        let [height, behind] = [0, 1].map(|index| log[index].as_f64().expect("a number"));
        assert!(height >= 200.0 && behind <= 0.0, "{log}");
    }

    #[tokio::test]
    async fn with_forced_colours_what_is_on_or_selected_is_told_from_the_rest() {
        let emulator = Emulator::start(App::empty()).await;
        let page = Page::open(&emulator.page).await;
        let forced = json!({ "features": [{ "name": "forced-colors", "value": "active" }] });
        page.browser.devtools("Emulation.setEmulatedMedia", forced).await;
        page.run_command("seq 50").await;
        page.ends().await;
        page.run_command("seq 100").await;
        page.second_run_ends().await;
        page.shows_line("Process exited with status 0").await;
        let shift_up = [char::from(Key::Shift), char::from(Key::Up)];
        page.press_keys_in_console(&String::from_iter(shift_up)).await;
        let looks = "const look = (selector) => {
                const { color, backgroundColor } = getComputedStyle(document.querySelector(selector));
                const isClear = backgroundColor.endsWith(', 0)');
                return `${color} on ${isClear ? getComputedStyle(document.body).backgroundColor : backgroundColor}`;
            };
            return {
                line: look('.row:not(.row--selected) .row__text'),
                selected: look('.row--selected .row__text'),
                off: look('.tool[aria-pressed=false]'),
                on: look('.tool[aria-pressed=true]'),
                'other tab': look('.tab[aria-selected=false]'),
                'this tab': look('.tab[aria-selected=true]'),
            }";
        let looks = page.script(looks).await;
        for (marked, plain) in [("selected", "line"), ("on", "off"), ("this tab", "other tab")] {
            assert_ne!(looks[marked], looks[plain], "{marked}: {looks:#}");
        }
    }

    #[tokio::test]
    async fn nothing_moves_for_those_who_want_less_motion() {
        let emulator = Emulator::start(App::empty()).await;
        let page = Page::open(&emulator.page).await;
        let moving = "return document.getAnimations().length";
        page.run_command("echo ready; sleep 600").await;
        page.shows_line("ready").await;
        assert_eq!(page.script(moving).await, json!(1));
        let reduced = json!({ "features": [{ "name": "prefers-reduced-motion", "value": "reduce" }] });
        page.browser.devtools("Emulation.setEmulatedMedia", reduced).await;
        assert_eq!(page.script(moving).await, json!(0));
        page.click("Stop").await;
        page.ends().await;
    }
}
