/** The schemas that queries mean where they name none, as sources call them. */
const USUAL = ["main", "public", "dbo", "PUBLIC", "default"];

/** Return the schema whose tables need not be named with it; undefined where all tables have to be. */
export const usualSchema = (tables: string[]): string | undefined =>
  USUAL.find((schema) => tables.some((table) => table.replaceAll('"', "").startsWith(`${schema}.`)));
