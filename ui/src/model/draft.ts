import type { Lines } from "../parts/lines";

export type Method = "sql" | "table" | "dbt" | "look";

export type Draft = {
  source: string | null;
  method: Method;
  sql: string;
  table: string | null;
  /** Where dbt writes: a folder, a URL, or the number of a job of dbt Cloud. */
  target: string;
  dbt: string | null;
  looker: string | null;
  look: string;
  /** The key that is known of what was chosen. */
  key: string[];
};

export const EMPTY: Draft = { source: null, method: "sql", sql: "", table: null, target: "", dbt: null, looker: null, look: "", key: [] };

/** Return the number of a job of dbt Cloud, null for a folder or a URL. */
export const jobOf = (target: string): number | null => (/^\d+$/.test(target.trim()) ? Number(target) : null);

/** Whether enough is said for rows to be read. */
export function isWhole({ source, method, sql, table, dbt, looker, look }: Draft): boolean {
  if (!source) return false;
  return { sql: sql.trim() !== "", table: table !== null, dbt: dbt !== null, look: looker !== null && look.trim() !== "" }[method];
}

/** Return what the file of a model is to say. */
export function valuesOf(draft: Draft, key: string[], lines: Lines | null = null): Record<string, unknown> {
  return { source: draft.source, primary_key: key.length === 1 ? key[0] : key, ...(lines && { lines }), ...originOf(draft) };
}

function originOf({ source, method, sql, table, target, dbt, looker, look }: Draft): Record<string, unknown> {
  const job = jobOf(target);
  if (method === "sql") return { sql };
  if (method === "table") return { table };
  if (method === "dbt") return { dbt: { model: dbt, ...(job === null ? { target: target.trim() } : { job }) } };
  return { look: { url: look.trim(), ...(looker !== source && { looker }) } };
}
