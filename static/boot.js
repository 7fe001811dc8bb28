// Starts the app, and tells static/recovery.js how that went.
//
// A file of its own, so that the page's policy needs no exception for inline scripts.

const address = (name) => new URL(document.querySelector(`meta[name="${name}"]`).content, document.baseURI);
const tell = (event, detail) => document.dispatchEvent(new CustomEvent(event, { cancelable: true, detail }));

try {
  const app = await import(address("app-module"));
  if (tell("app-starting")) {
    await app.default({ module_or_path: address("app-wasm") });
    tell("app-started");
  }
} catch (error) {
  console.error(error);
  tell("app-not-started", error);
}
