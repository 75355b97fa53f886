/** The kinds of operations that write to the books. */
export const SENDING = ["insert", "update", "replace", "archive", "delete", "void"];

/** The kinds of operations on rows that should be in the books and cannot. */
export const LEFT_OUT = ["reject", "defer", "park", "uncertain"];

const SAYS: Record<string, string> = {
  insert: "records to create",
  update: "records to change",
  replace: "records to delete or void, and to create anew",
  archive: "records to archive",
  delete: "records to delete",
  void: "documents to void, or to delete where they are drafts",
  adopt: "found in the books, equal already: nothing is sent",
  unchanged: "moved, but nothing that is sent did: nothing is sent",
  keep: "left the model; their records stay as they are",
  skip: "no record matches, and the sync creates none",
  hold: "left the model; another row or sync has their records",
  assume: "taken for synced as they are: nothing is sent",
  leave: "left for the next run: this one is a trial of other rows",
  reject: "cannot be synced, for the reasons below",
  defer: "refused before, and not tried again yet",
  uncertain: "sent once and not known to be booked: somebody has to say",
  park: "refused before, and not tried again until they, their mapping or somebody changes it",
};

/** Return what a kind of operation means, for a person; a sync that only creates leaves what it finds, equal or not. */
export const saysOf = (kind: string, mode?: unknown): string | undefined =>
  kind === "adopt" && mode === "insert" ? "found in the books, left as they are: nothing is sent" : SAYS[kind];

export const COLOURS: Record<string, string> = {
  insert: "teal",
  update: "ink",
  replace: "orange",
  archive: "orange",
  delete: "red",
  void: "red",
  reject: "red",
  uncertain: "orange",
  park: "orange",
};
