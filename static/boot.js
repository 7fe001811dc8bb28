// Starts the app, and tells static/recovery.js how that went.
//
// A file of its own, so that the page's policy needs no exception for inline scripts.

const address = (name) => new URL(document.querySelector(`meta[name="${name}"]`).content, document.baseURI);
const tell = (event, detail) => document.dispatchEvent(new CustomEvent(event, { cancelable: true, detail }));

async function load(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} is answered with ${answer.status}`);
  return answer.arrayBuffer();
}

// The build packs a module better than a server does on the way (xtask/src/pack.rs); `trunk serve` does not.
async function unpacked(url) {
  if (!url.pathname.endsWith(".lzma")) return url;
  const [file, { instance }] = await Promise.all([
    load(url),
    load(address("unpacker")).then((unpacker) => WebAssembly.instantiate(unpacker)),
  ]);
  const { memory, unpack } = instance.exports;
  // Both behind what the unpacker uses itself. See unpack/src/lib.rs for the header.
  const from = memory.buffer.byteLength;
  const to = from + file.byteLength;
  const length = new DataView(file).getUint32(5, true);
  memory.grow(Math.ceil((file.byteLength + length) / 65536));
  new Uint8Array(memory.buffer).set(new Uint8Array(file), from);
  if (!unpack(from, file.byteLength, to, length)) throw new Error(`${url} has not arrived whole`);
  return new Uint8Array(memory.buffer, to, length);
}

// The app calls this when there is a log. Without it the browser's own selection is left.
globalThis.loadSelection = () => import(address("selection-script")).catch(console.error);

// The app calls this when somebody searches: the module for it is no part of a first visit.
globalThis.loadSearch = async () => {
  const { load } = await import(address("search-script"));
  return load(await unpacked(address("search-wasm")));
};

try {
  const app = await import(address("app-module"));
  if (tell("app-starting")) {
    await app.default({ module_or_path: await unpacked(address("app-wasm")) });
    tell("app-started");
  }
} catch (error) {
  console.error(error);
  tell("app-not-started", error);
}
