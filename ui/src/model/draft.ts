import { isSame } from "../api/exact";
import type { Lines } from "../parts/lines";
import { asObject } from "../sync/draft";

export type Method = "sql" | "table" | "dbt" | "look";

export type Draft = {
  source: string | null;
  method: Method;
  sql: string;
  table: string | null;
  /** Where dbt writes: a folder, a URL, or the number of a job of dbt Cloud. */
  target: string;
  /** Instead of that, a folder in the repository of dbt that the project names. */
  git: string | null;
  dbt: string | null;
  looker: string | null;
  look: string;
  /** The key that is known of what was chosen. */
  key: string[];
};

export const EMPTY: Draft = { source: null, method: "sql", sql: "", table: null, target: "", git: null, dbt: null, looker: null, look: "", key: [] };

/** Return the number of a job of dbt Cloud, null for a folder or a URL. */
export const jobOf = (target: string): number | null => (/^\d+$/.test(target.trim()) ? Number(target) : null);

/** Whether enough is said for rows to be read. */
export function isWhole({ source, method, sql, table, dbt, looker, look }: Draft): boolean {
  if (!source) return false;
  return { sql: sql.trim() !== "", table: table !== null, dbt: dbt !== null, look: looker !== null && look.trim() !== "" }[method];
}

/** Return what the file of a model is to say. */
export function valuesOf(draft: Draft, key: string[], lines: Lines | null = null): Record<string, unknown> {
  return { source: draft.source, primary_key: writtenKey(key), ...(lines && { lines }), ...originOf(draft) };
}

function originOf({ source, method, sql, table, target, git, dbt, looker, look }: Draft): Record<string, unknown> {
  const job = jobOf(target);
  if (method === "sql") return { sql };
  if (method === "table") return { table };
  if (method === "dbt") return { dbt: { model: dbt, ...(git !== null ? { git } : job === null ? { target: target.trim() } : { job }) } };
  return { look: { url: look.trim(), ...(looker !== source && { looker }) } };
}

/** What says where rows come from: one of these, and of dbt and Looker what names the model and the Look. */
const ORIGINS = ["table", "sql", "dbt", "look"];
const OF_DBT = ["model", "target", "job", "git"];
const OF_LOOK = ["url", "looker"];

type Values = Record<string, unknown>;

/** Return what a file says of where its rows come from; `last` is what was written under other methods. */
export function draftOf(values: Values, last: Draft = EMPTY): Draft {
  const source = text(values.source) || null;
  const draft = { ...last, source, key: [] };
  const [dbt, look] = [asObject(values.dbt), asObject(values.look)];
  if (values.table !== undefined) return { ...draft, method: "table", table: text(values.table) || null };
  if (values.dbt !== undefined) return { ...draft, method: "dbt", target: text(dbt.job ?? dbt.target), git: text(dbt.git) || null, dbt: text(dbt.model) || null };
  if (values.look !== undefined) return { ...draft, method: "look", looker: text(look.looker) || source, look: text(look.url) };
  return { ...draft, method: "sql", sql: text(values.sql) };
}

/** Return what a file is to say with another origin; all else that it says stays, in its order. */
export function withOrigin(values: Values, draft: Draft): Values {
  const origin = originOf(draft);
  if (origin.dbt) origin.dbt = merged(values.dbt, origin.dbt, OF_DBT);
  if (origin.look) origin.look = merged(values.look, origin.look, OF_LOOK);
  return merged(values, { source: draft.source, ...origin }, ORIGINS);
}

/** Return what of a file says where its rows come from, and nothing else. */
export const originIn = (values: Values): Values => Object.fromEntries(Object.entries(values).filter(([name]) => ORIGINS.includes(name)));

/** Return whether two files' rows come from the same place. */
export const isSameOrigin = (one: Values, other: Values): boolean =>
  ["source", ...ORIGINS].every((name) => isSame(one[name], other[name]));

/** Return the lines of a file; a column alone may stand for a list of one. */
export function linesOf({ lines }: Values): Lines | null {
  if (lines === undefined || lines === null) return null;
  const { order_by, columns } = asObject(lines);
  return { order_by: listed(order_by), columns: listed(columns) };
}

/** Return the columns of a file's key. */
export const keyOf = (values: Values): string[] => listed(values.primary_key);

/** Return a key as a file says it: one column by its name alone. */
export const writtenKey = (key: string[]): string | string[] => (key.length === 1 ? key[0]! : key);

const text = (value: unknown): string => (value === undefined || value === null ? "" : String(value));

const listed = (value: unknown): string[] => [value ?? []].flat().map(String);

/** Return an object with others of its own values; what it says besides stays. */
function merged(was: unknown, now: unknown, own: string[]): Values {
  const said = asObject(now);
  return Object.fromEntries(Object.entries({ ...asObject(was), ...said }).filter(([name]) => name in said || !own.includes(name)));
}
