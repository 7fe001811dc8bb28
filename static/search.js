// The border between the app's module and the one that searches (log-search/), loaded when somebody searches.
//
// It moves bytes and texts from one memory to the other, and marks what is found on screen.

const encoder = new TextEncoder();
const decoder = new TextDecoder();

class Search {
  constructor(exports) {
    this.wasm = exports;
  }

  // The memory may have moved with each call.
  #bytes(at, length) {
    return new Uint8Array(this.wasm.memory.buffer, at, length);
  }

  #write(text) {
    const bytes = encoder.encode(text);
    const at = this.wasm.input(bytes.length);
    this.#bytes(at, bytes.length).set(bytes);
  }

  // Answers what is wrong with the query, in a few words, or nothing.
  query(text, matchCase, isRegex) {
    this.#write(text);
    const length = this.wasm.query(matchCase, isRegex);
    return decoder.decode(this.#bytes(this.wasm.error(), length));
  }

  bytes(piece) {
    const at = this.wasm.bytes(piece.length);
    this.#bytes(at, piece.length).set(piece);
  }

  lines(ends, headers, base) {
    const endsAt = this.wasm.ends(ends.length);
    const headersAt = this.wasm.headers(headers.length);
    new Uint32Array(this.wasm.memory.buffer, endsAt, ends.length).set(ends);
    this.#bytes(headersAt, headers.length).set(headers);
    this.wasm.begin(base);
  }

  // Marks what matches in the rows on screen, without a change of the document.
  highlight(rows) {
    if (!globalThis.CSS?.highlights) return;
    const all = new Highlight();
    const current = new Highlight();
    const [line, nth] = [this.wasm.current_line(), this.wasm.current_nth()];
    for (const row of rows.querySelectorAll("[data-line]")) {
      const text = row.querySelector(".row__text");
      if (!text?.textContent) continue;
      this.#write(text.textContent);
      const count = this.wasm.find();
      const found = [...new Uint32Array(this.wasm.memory.buffer, this.wasm.ranges(), count * 2)];
      const nodes = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
      let [node, before] = [nodes.nextNode(), 0];
      const place = (offset, isEnd) => {
        while (node && offset > before + node.length - (isEnd ? 0 : 1)) {
          before += node.length;
          node = nodes.nextNode();
        }
        return node && [node, offset - before];
      };
      for (let index = 0; index < count; index += 1) {
        const start = place(found[index * 2], false);
        const end = start && place(found[index * 2 + 1], true);
        if (!end) break;
        const range = new Range();
        range.setStart(...start);
        range.setEnd(...end);
        const isCurrent = Number(row.dataset.line) === line + 1 && index === nth;
        (isCurrent ? current : all).add(range);
      }
    }
    CSS.highlights.set("search", all);
    CSS.highlights.set("search-current", current);
  }
}

for (const name of ["step", "restart", "searched", "matches", "go", "current", "show_around", "rows", "line", "row"]) {
  Search.prototype[name] = function (...values) {
    return this.wasm[name](...values);
  };
}

// Takes the module's bytes.
export async function load(module) {
  const { instance } = await WebAssembly.instantiate(module);
  return new Search(instance.exports);
}
