// Selecting in the log with a mouse: what only the document knows, which is where characters are on screen.
//
// The selection itself is the app's (src/domain/log/selection.rs), in lines and UTF-16 code units of their text: rows
// come and go. Loaded by static/boot.js with the first log.

const rowsOf = (log) => [...log.querySelectorAll("[data-line]")];
const textOf = (row) => row.querySelector(".row__text");

// The node at an offset in a row's text, and the offset in it.
const nodeAt = (text, offset) => {
  const nodes = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  let node;
  while ((node = nodes.nextNode()) && offset > node.length) offset -= node.length;
  return node ? [node, offset] : [text, text.childNodes.length];
};

const between = (low, high, value) => Math.max(low, Math.min(high, value));

// The place that is nearest to a point of the screen, among the rows that are there.
const placeAt = (log, { clientX, clientY }) => {
  const view = log.getBoundingClientRect();
  const y = between(view.top + 1, view.top + log.clientHeight - 1, clientY);
  const rows = rowsOf(log);
  const row = rows.findLast((it) => it.getBoundingClientRect().top <= y) ?? rows[0];
  const text = row && textOf(row);
  if (!text) return null;
  const box = text.getBoundingClientRect();
  const x = between(view.left + 1, view.left + log.clientWidth - 1, between(box.left + 1, box.right - 1, clientX));
  const point = [x, between(box.top + 1, box.bottom - 1, y)];
  // Each engine has one of the two.
  const caret = document.caretPositionFromPoint?.(...point) ?? document.caretRangeFromPoint?.(...point);
  const node = caret?.offsetNode ?? caret?.startContainer;
  const before = new Range();
  before.selectNodeContents(text);
  if (text.contains(node)) before.setEnd(node, caret.offset ?? caret.startOffset);
  else if (clientX < box.right) before.collapse(true);
  return {
    line: row.dataset.line - 1,
    offset: before.toString().length,
    text: text.textContent,
    // The offsets of a part that is not the first are not those of the line.
    isPart: row.querySelector("[data-part=back]") !== null,
  };
};

// The line at the upper or at the lower edge.
globalThis.lineAtEdge = (log, isLower) => {
  const { top, bottom } = log.getBoundingClientRect();
  return placeAt(log, { clientX: 0, clientY: isLower ? bottom - 9 : top + 9 })?.line ?? 0;
};

// Brings a line's row into view; whether there is one.
globalThis.scrollToLine = (log, line) => {
  const row = log.querySelector(`[data-line="${line + 1}"]`);
  row?.scrollIntoView({ block: "nearest" });
  return row !== null;
};

let dragging = new AbortController();

// Follows the mouse from where it was pressed until it is released. `select` takes line and offset, whether the
// selection is extended to there or begins, and whether whole lines are meant.
globalThis.selectByMouse = (press, log, select) => {
  const { target, detail, shiftKey } = press;
  const view = log.getBoundingClientRect();
  const isOnScrollbar =
    press.clientX >= view.left + log.clientWidth || press.clientY >= view.top + log.clientHeight;
  if (press.button !== 0 || press.ctrlKey || isOnScrollbar || target.closest("a, button")) return;
  // The browser's own selection would know of the rows on screen alone. Touch has that.
  press.preventDefault();
  getSelection().removeAllRanges();
  log.focus({ preventScroll: true });
  const begun = placeAt(log, press);
  if (!begun) return;
  const byLine = detail > 2 || target.closest(".row__number") !== null;
  const to = ({ line, offset, isPart }, isExtended) => select(line, offset, isExtended, byLine || isPart);
  if (detail === 2) {
    const { offset, text } = begun;
    const words = [...text.matchAll(/[\p{L}\p{M}\p{N}_]+/gu)];
    const word = words.find(({ 0: it, index }) => index <= offset && offset <= index + it.length);
    to({ ...begun, offset: word?.index ?? offset }, false);
    if (word) to({ ...begun, offset: word.index + word[0].length }, true);
    return;
  }
  to(begun, shiftKey);

  let [pointer, last] = [press, begun];
  const extend = () => {
    const place = placeAt(log, pointer);
    if (!place || (place.line === last.line && place.offset === last.offset)) return;
    last = place;
    to(place, true);
  };
  dragging.abort();
  const end = (dragging = new AbortController());
  // What lies over the log is not in the way.
  log.classList.add("console__scroller--dragged");
  end.signal.addEventListener("abort", () => log.classList.remove("console__scroller--dragged"));
  const follow = () => {
    if (end.signal.aborted || !log.isConnected) return end.abort();
    // Beyond an edge, the log is scrolled the faster the farther away.
    const beyond = pointer.clientY - between(view.top, view.bottom, pointer.clientY);
    if (beyond) log.scrollTop += Math.sign(beyond) * Math.ceil(beyond ** 2 / 20);
    extend();
    requestAnimationFrame(follow);
  };
  const listen = (event, listener) => document.addEventListener(event, listener, { signal: end.signal });
  listen("mousemove", (event) => {
    // Chromium tells of moves, too, when other rows come under the mouse.
    if (event.clientX === pointer.clientX && event.clientY === pointer.clientY) return;
    if (pointer === press) requestAnimationFrame(follow);
    pointer = event;
    // Released where the page did not hear of it.
    if (!(event.buttons & 1)) end.abort();
  });
  listen("mouseup", () => {
    if (pointer !== press && log.isConnected) extend();
    end.abort();
  });
};

// Draws what is selected in the rows on screen: from an offset in a line to one in another.
globalThis.drawSelection = (log, first, from, last, to) => {
  const ends = [];
  for (const row of rowsOf(log)) {
    const line = row.dataset.line - 1;
    const text = textOf(row);
    const start = line === first ? from : 0;
    const isWhole = start === 0 && (line !== last || to >= text.textContent.length);
    const isIn = line >= first && line <= last;
    row.classList.toggle("row--selected", isIn && (isWhole || !CSS.highlights));
    if (isIn && !isWhole) {
      const range = new Range();
      range.setStart(...nodeAt(text, start));
      range.setEnd(...nodeAt(text, line === last ? to : Infinity));
      ends.push(range);
    }
  }
  CSS.highlights?.set("selection", new Highlight(...ends));
};
