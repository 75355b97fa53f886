import type { Schemas } from "../api/client";

type Listed = Schemas["ListedTableShape"];

/** A table whose name, or some of whose columns, have what is looked for. */
export type Found = { table: Listed; columns: Listed["columns"]; byColumn: boolean };

/** What stands before and after a name in the files of models, and in the SQL of most sources. */
export const QUOTES = '""';

/** Return a name as SQL takes it: quoted, in the way of its source, where SQL would fold it or not take it. */
export function quoted(name: string, quotes = QUOTES): string {
  const before = quotes.charAt(0);
  const after = quotes.charAt(1);
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `${before}${name.replaceAll(after, after + after)}${after}`;
}

/** Return a table as a model's file names it or, with its source's quotes, a query. */
export const nameOf = (table: Listed, quotes = QUOTES): string => partsOf(table).map((part) => quoted(part, quotes)).join(".");

/** Return the columns of tables by what completes them: a dot within a name has a backslash before it. */
export const completed = (tables: Listed[]): Record<string, string[]> =>
  Object.fromEntries(
    tables.map((each) => [partsOf(each).map((part) => part.replaceAll(".", "\\.")).join("."), each.columns.map(({ name }) => name)]),
  );

const partsOf = ({ schema, name }: Listed): string[] => [schema, name].filter((part) => part !== "");

/** Return the tables that have a few letters in their name or in that of a column, by schema in their order. */
export function foundIn(tables: Listed[], letters: string): Map<string, Found[]> {
  const sought = letters.trim().toLowerCase();
  const has = (name: string) => name.toLowerCase().includes(sought);
  const bySchema = new Map<string, Found[]>();
  for (const table of tables) {
    const named = has(table.name) || has(nameOf(table));
    const columns = named ? table.columns : table.columns.filter(({ name }) => has(name));
    if (!named && columns.length === 0) continue;
    bySchema.set(table.schema, [...(bySchema.get(table.schema) ?? []), { table, columns, byColumn: !named }]);
  }
  return bySchema;
}
