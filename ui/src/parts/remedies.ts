/** What to do about rows that were not synced and runs that failed, said for the app: where to go, and never first a command. */

type Place = "model" | "query" | "mapping" | "rows" | "books" | "plan";

/** Where one reason is put right. */
export type Way = { text: string; to: string; tab?: string; away?: boolean };

/** Whose rows they are, as far as it is known. */
export type Whose = { sync: string; model?: string; books?: string | null; mayEdit: boolean };

const PLACES: Record<string, Place[]> = {
  key_null: ["model"],
  key_duplicate: ["model"],
  lines_disagree: ["model"],
  line_duplicate: ["model"],
  keys_left_out: ["model"],
  total_differs: ["model"],
  removal_held_back: ["model"],
  field_required: ["mapping", "model"],
  field_invalid: ["mapping", "model"],
  template_failed: ["mapping"],
  match_ambiguous: ["books", "mapping"],
  match_taken: ["model"],
  record_missing: ["model"],
  record_archived: ["books", "model"],
  record_locked: ["books", "model"],
  period_locked: ["books", "model"],
  look_up_failed: ["model", "mapping", "books"],
  change_refused: ["mapping"],
  record_moved: ["plan"],
  record_incomplete: ["books"],
  booking_uncertain: ["rows", "books"],
  remote_rejected: ["model", "rows"],
  source_failed: ["query"],
  model_refused: ["query"],
  column_missing: ["query", "mapping"],
  read_too_large: ["query"],
};

const OWN: Record<string, string> = {
  booking_uncertain: "Look in Xero whether it is booked, and say so under the rows of the sync. Until then it is not sent again.",
  guard_tripped: "Look at the plan that waits, and approve it there: exactly that plan is executed then.",
  remote_rejected:
    "Correct the row in the source: the next run sends it again. Where it was put right in Xero instead, ask for it with Retry, under the rows of the sync.",
};

const COMMAND = /`bookward[^`]*`/;

/** What does in the app what a command does; a command that nothing here stands for stays as it is. */
const INSTEAD: [command: RegExp, instead: string][] = [
  [/Run `bookward connect[^`]*`/g, "Press Connect on the page of the destination"],
  [/(?<!or run )`bookward connect[^`]*`/g, "the button on the page of the destination"],
  [/`bookward preview[^`]*`/g, "Preview on the page of the model"],
  [/`bookward retry[^`]*`/g, "Retry under the rows of the sync"],
  [/`bookward calls[^`]*`/g, "the list of API calls of the run"],
  [/`bookward rows [^`]*--rejected`/g, "the page of the run"],
  [/`bookward rows [^`]*--waiting`/g, "the list of rows of the sync"],
  [/`bookward history`/g, "the page Runs"],
  [/in the source's file/g, "in the source's settings"],
  [/`bookward run( [\w-]+)?`/g, "Run on the page of the sync"],
];

/** Return a text with what the app has in place of commands. */
export function inApp(text: string): string {
  const said = INSTEAD.reduce((sum, [command, instead]) => sum.replace(command, instead), text);
  return said.replace(/(^|\. )the /g, "$1The ");
}

/** Return what to do in the words of the app. */
export const remedyOf = (code: string, remedy: string): string =>
  COMMAND.test(remedy) ? (OWN[code] ?? inApp(remedy)) : remedy;

/** Return where a reason is put right: pages of the app, and the books themselves. */
export function waysOf(code: string, { sync, model, books, mayEdit }: Whose): Way[] {
  const ways: Record<Place, Way | null> = {
    model: model ? { text: `Model ${model}`, to: `/models/${model}` } : null,
    query: model && mayEdit ? { text: `Query of model ${model}`, to: `/models/${model}` } : null,
    mapping: mayEdit ? { text: "Mapping", to: `/syncs/${sync}`, tab: "mapping" } : null,
    rows: { text: "Rows of the sync", to: `/syncs/${sync}`, tab: "rows" },
    plan: { text: "Plan again", to: `/syncs/${sync}` },
    books: books ? { text: "Open Xero", to: books, away: true } : null,
  };
  return (PLACES[code] ?? []).map((place) => ways[place]).filter((way) => way !== null);
}

/** Return the values that most rows of a reason have, each with how many rows have it. */
export function valuesOf({ values, rows }: { values: Record<string, number>; rows: number }): string {
  const shown = Object.entries(values).map(([value, number]) => `${value} ×${number}`);
  const told = Object.values(values).reduce((sum, number) => sum + number, 0);
  return [...shown, ...(told < rows ? ["…"] : [])].join(", ");
}
