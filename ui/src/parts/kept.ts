import { read, write } from "../api/exact";

const PREFIX = "bookward-draft-";

/** Return what somebody began to add in this tab and has neither finished nor left; null where there is nothing. */
export function keptDraft<Draft>(name: string, storage: Storage = sessionStorage): Draft | null {
  const text = storage.getItem(PREFIX + name);
  try {
    return text === null ? null : read<Draft>(text);
  } catch {
    return null; // written by an older version, or by hand
  }
}

export const keepDraft = (name: string, draft: unknown, storage: Storage = sessionStorage): void => storage.setItem(PREFIX + name, write(draft));

export const dropDraft = (name: string, storage: Storage = sessionStorage): void => storage.removeItem(PREFIX + name);

/** Forget what was begun in this tab: somebody else may sign in here. */
export function dropDrafts(storage: Storage = sessionStorage): void {
  const names = Array.from({ length: storage.length }, (_, index) => storage.key(index)!);
  for (const name of names.filter((each) => each.startsWith(PREFIX))) storage.removeItem(name);
}
