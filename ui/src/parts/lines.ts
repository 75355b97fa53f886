import { write } from "../api/exact";

/** Rows of one key as the lines of one record: what differs among them, and in which order they come. */
export type Lines = { order_by: string[]; columns: string[] };

type Row = Record<string, unknown>;

type Column = { name: string; of_line: boolean };

/**
 * Return what the first rows say of lines: the columns that differ within a key, and those that say something of a
 * line though they do not differ in these rows; null where no key comes twice.
 */
export function proposedLines(rows: Row[], key: string[], columns: Column[]): Lines | null {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const of = write(key.map((name) => row[name]));
    groups.set(of, [...(groups.get(of) ?? []), row]);
  }
  const several = [...groups.values()].filter((group) => group.length > 1);
  if (several.length === 0) return null;
  const differs = (name: string) => several.some((group) => new Set(group.map((row) => write(row[name]))).size > 1);
  const found = columns.filter(({ name, of_line }) => !key.includes(name) && (of_line || differs(name))).map(({ name }) => name);
  const orders = (name: string) => several.every((group) => new Set(group.map((row) => write(row[name]))).size === group.length);
  const order = found.find((name) => /line|position|seq|_no$|sort/i.test(name) && orders(name)) ?? found.find(orders);
  return { order_by: order === undefined ? [] : [order], columns: found.filter((name) => name !== order) };
}
