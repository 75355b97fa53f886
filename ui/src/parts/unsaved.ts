import { useEffect, useSyncExternalStore } from "react";

/** The drafts on the page that say something else than their files. */
const drafts = new Set<symbol>();
const listeners = new Set<() => void>();

function put(draft: symbol, changed: boolean) {
  if (changed) drafts.add(draft);
  else drafts.delete(draft);
  for (const tell of listeners) tell();
}

function listen(tell: () => void) {
  listeners.add(tell);
  return () => void listeners.delete(tell);
}

/** Say whether a draft is changed and not saved, for as long as its form is there. */
export function useMarkUnsaved(changed: boolean) {
  useEffect(() => {
    const draft = Symbol("draft");
    put(draft, changed);
    return () => put(draft, false);
  }, [changed]);
}

/** Return whether something on the page is changed and not saved. */
export const useUnsaved = (): boolean => useSyncExternalStore(listen, () => drafts.size > 0);
