/** Makes the page work without a network from the next visit on. Not while developing: what is edited must be seen. */
export function keepForOffline(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  const register = () => {
    navigator.serviceWorker.register(new URL("sw.js", document.baseURI)).catch(() => {
      // Private windows and some hosts do not allow it: the page works all the same, with a network.
    });
  };
  // After the page's own files.
  if (document.readyState === "complete") register();
  else addEventListener("load", register, { once: true });
}

/** Asks the browser not to throw the models away when space gets short. It may refuse. */
export function keepModels(): void {
  void navigator.storage?.persist?.().catch(() => false);
}
