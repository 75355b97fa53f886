import type { Schemas } from "../api/client";

type Listed = Schemas["ListedTableShape"];

/** A table whose name, or some of whose columns, have what is looked for. */
export type Found = { table: Listed; columns: Listed["columns"]; byColumn: boolean };

/** Return a name as SQL takes it: quoted where SQL would fold it or not take it. */
export const quoted = (name: string): string => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`);

/** Return a table as a model's file names it. */
export const nameOf = ({ schema, name }: Listed): string => [schema, name].filter((part) => part !== "").map(quoted).join(".");

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
