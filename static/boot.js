// Starts the app, and shows a plain message in its place when it cannot run (any more).
//
// A file of its own, so that the page's policy needs no exception for inline scripts.

function fail() {
  // A form without its handler would put the API key into the address bar.
  document.getElementById("root").replaceChildren();
  document.getElementById("failure").hidden = false;
}

// What a trap throws: unreachable code, memory, and in some browsers a full stack.
function isTrap(error) {
  return (
    error instanceof WebAssembly.RuntimeError || error instanceof RangeError || error?.name === "InternalError"
  );
}

document.getElementById("reload").addEventListener("click", () => location.reload());
document.addEventListener("app-failed", fail);
window.addEventListener("error", (event) => isTrap(event.error) && fail());
window.addEventListener("unhandledrejection", (event) => isTrap(event.reason) && fail());

const address = (name) => new URL(document.querySelector(`meta[name="${name}"]`).content, document.baseURI);

try {
  const app = await import(address("app-module"));
  await app.default({ module_or_path: address("app-wasm") });
} catch (error) {
  console.error(error);
  fail();
}
