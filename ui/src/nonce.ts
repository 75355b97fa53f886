/** The word under which the server lets this page's scripts write styles. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";

// What locks the scrolling under a dialog takes it from here.
(globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = nonce;
