// What is measured inside the page. Evaluated before the page's own scripts; no part of what ships.
window.probe = (() => {
  const probe = {
    // When the log's stream was asked for, when the request to stop was made.
    stream: null,
    stop: null,
    // Each frame: when its callbacks ran, when it had been painted, the last line in it.
    frames: [],
    // [time of the event, until the next frame was painted] of keys; time of the event of clicks.
    keys: [],
    clicks: [],
    resizes: [],
    // When a text was given to the clipboard, and its lines.
    copied: null,
    // When the tab was last shown.
    shown: null,
  };

  const { fetch } = window;
  window.fetch = function (resource) {
    const url = resource instanceof Request ? resource.url : String(resource);
    if (url.includes('/stream/')) probe.stream = performance.now();
    if (url.endsWith('/actions/stop')) probe.stop = performance.now();
    return fetch.apply(this, arguments);
  };

  // A message that is posted in a frame's callback arrives in the first task after it was painted.
  const channel = new MessageChannel();
  const waiting = [];
  channel.port1.onmessage = () => {
    const painted = performance.now();
    for (const callback of waiting.splice(0)) callback(painted);
  };
  const afterPaint = (callback) => requestAnimationFrame((time) => {
    waiting.push((painted) => callback(painted, time));
    channel.port2.postMessage(null);
  });

  addEventListener('keydown', ({ timeStamp }) => {
    afterPaint((painted) => probe.keys.push([timeStamp, painted - timeStamp]));
  }, { capture: true });
  addEventListener('click', ({ timeStamp }) => probe.clicks.push(timeStamp), { capture: true });
  addEventListener('resize', ({ timeStamp }) => probe.resizes.push(timeStamp));
  navigator.clipboard.writeText = async (text) => {
    probe.copied = [performance.now(), text.split('\n').length];
  };
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) probe.shown = performance.now();
  });

  let conditions = [];
  const rows = () => document.querySelectorAll('[role=log] [data-line]');
  probe.lastLine = () => Number([...rows()].at(-1)?.dataset.line ?? 0);
  const look = (called) => (painted) => {
    probe.frames.push([called, painted, probe.lastLine()]);
    conditions = conditions.filter(([condition, resolve]) => {
      const value = condition();
      if (!value) return true;
      resolve(painted);
      return false;
    });
  };
  let rests = false;
  const step = () => {
    if (rests) return;
    afterPaint(look(performance.now()));
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);

  // Until it is woken, only frames behind a change of the panel's rows or of a search's count are seen. To ask for each of
  // them makes the browser draw them all, which a page in a flood has better things to do than.
  let isAsked = false;
  const observer = new MutationObserver(() => {
    if (isAsked) return;
    isAsked = true;
    const called = performance.now();
    afterPaint((painted) => {
      isAsked = false;
      look(called)(painted);
    });
  });
  probe.rest = () => {
    rests = true;
    const attributeFilter = ['data-search-count'];
    observer.observe(document.querySelector('.panel'), { childList: true, subtree: true, attributeFilter });
  };
  probe.wake = () => {
    rests = false;
    observer.disconnect();
    requestAnimationFrame(step);
  };

  // When the first frame was painted after which the condition holds.
  probe.until = (condition) => new Promise((resolve) => conditions.push([condition, resolve]));
  probe.hasLine = (line) => probe.until(() => probe.lastLine() >= line);
  // Nodes of the panel: elements and texts.
  probe.nodes = () => {
    const walker = document.createTreeWalker(document.querySelector('.panel'));
    let count = 0;
    while (walker.nextNode()) count += 1;
    return count;
  };
  probe.clear = () => {
    probe.frames.length = probe.keys.length = probe.clicks.length = probe.resizes.length = 0;
    probe.stream = probe.stop = probe.copied = null;
  };
  return probe;
})();
