// Starts the app, and tells static/recovery.js how that went.
//
// A file of its own, so that the page's policy needs no exception for inline scripts.

const address = (name) => new URL(document.querySelector(`meta[name="${name}"]`).content, document.baseURI);
const tell = (event, detail) => document.dispatchEvent(new CustomEvent(event, { cancelable: true, detail }));

// The build packs the module better than a server does on the way (xtask/src/pack.rs); `trunk serve` does not.
async function unpacked(url) {
  if (!url.pathname.endsWith(".zlib")) return url;
  const { ok, status, body } = await fetch(url);
  if (!ok) throw new Error(`the app is answered with ${status}`);
  const module = body.pipeThrough(new DecompressionStream("deflate"));
  // Compiled while it comes, as by its own address.
  return new Response(module, { headers: { "Content-Type": "application/wasm" } });
}

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
