// When a file of the page is missing, gets the page again, once. When the app cannot run (any more), shows a plain
// message in its place.
//
// GitHub Pages lets a browser keep index.html for ten minutes, and a deployment deletes the files that it names. So
// this script has the same name in all deployments, and an old page finds it whatever else is gone. It can meet the
// index.html and the boot script of another deployment: what they share is the three ids and four events below.

{
  // The mark of a page that was got again. In the history entry, which outlives a reload and cannot be switched off
  // as storage can; other pages of the same origin do not see it.
  const REPLACEMENT = "replacement";

  // "loading", "starting", "started", "replaced" or "failed".
  let state = "loading";

  function fail() {
    state = "failed";
    if (document.readyState === "loading") {
      document.addEventListener("DOMContentLoaded", fail);
      return;
    }
    // A form without its handler would put the API key into the address bar.
    document.getElementById("root").replaceChildren();
    // What the app does itself, if it gets so far.
    if (/HRKU-|key|token/i.test(location.search + location.hash)) {
      history.replaceState(history.state, "", location.pathname);
    }
    document.getElementById("failure").hidden = false;
  }

  // Never once the app has started: what was typed and the runs would be gone.
  async function replace() {
    if (state !== "loading" && state !== "starting") return;
    if (history.state === REPLACEMENT) {
      fail();
      return;
    }
    state = "replaced";
    try {
      const page = await fetch(location.href, { cache: "reload" });
      if (!page.ok) throw new Error(`the page is answered with ${page.status}`);
      if (state !== "replaced") return;
      history.replaceState(REPLACEMENT, "");
      location.reload();
    } catch (error) {
      // Without a network a reload would put the browser's own message in the place of ours.
      console.error(error);
      fail();
    }
  }

  // What a trap throws: unreachable code, memory, and in some browsers a full stack.
  function isTrap(error) {
    return (
      error instanceof WebAssembly.RuntimeError || error instanceof RangeError || error?.name === "InternalError"
    );
  }

  // The app's own.
  document.addEventListener("app-failed", fail);
  // The boot script's: it may go on unless another page is on its way or the message is shown.
  document.addEventListener("app-starting", (event) => {
    if (state === "loading") {
      state = "starting";
    } else {
      event.preventDefault();
    }
  });
  document.addEventListener("app-started", () => {
    // Firefox tells of a missing stylesheet while the app starts. The new page is one answer away, and nothing is typed
    // yet.
    if (state === "failed" || state === "replaced") return;
    state = "started";
    if (history.state === REPLACEMENT) history.replaceState(null, "");
  });
  document.addEventListener("app-not-started", (event) => (isTrap(event.detail) ? fail() : replace()));

  window.addEventListener("unhandledrejection", (event) => isTrap(event.reason) && fail());
  // Captured, because the event of an element that could not load its file does not bubble.
  window.addEventListener(
    "error",
    ({ target, error }) => {
      if (target instanceof HTMLScriptElement || (target instanceof HTMLLinkElement && target.rel === "stylesheet")) {
        replace();
      } else if (isTrap(error)) {
        fail();
      }
    },
    true,
  );
  document.addEventListener("click", ({ target }) => target.id === "reload" && location.reload());
}
