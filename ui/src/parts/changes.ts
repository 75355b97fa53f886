import type { Schemas } from "../api/client";
import { digitsOf, isSame, write } from "../api/exact";
import { many } from "./words";

type Operation = Schemas["OperationShape"];

/** One thing that an operation changes: where, what was there (undefined: not known), and what will be. */
export type Change = [where: string, before: unknown, after: unknown];

/** Return what an operation changes, as deep as it changes it; where nothing was known, all that is sent. */
export function changesOf({ payload, before }: Operation): Change[] {
  if (!before) return Object.entries(payload ?? {}).map(([name, after]) => [name, undefined, after]);
  return Object.keys(before).flatMap((name): Change[] => {
    const found = differences(name, before[name], payload?.[name]);
    return found.length > 0 ? found : [[name, before[name], payload?.[name]]];
  });
}

function differences(where: string, before: unknown, after: unknown): Change[] {
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length)
    return before.flatMap((each, place) =>
      differences(before.length === 1 ? where : `${where} ${place + 1}`, each, after[place]),
    );
  // What is not sent stays as it is.
  if (isObject(before) && isObject(after))
    return Object.keys(after).flatMap((name) => differences(`${where}.${name}`, before[name], after[name]));
  return isSame(plain(before), plain(after)) ? [] : [[where, before, after]];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && digitsOf(value) === null;
}

/** Return a value so that what comes to the same is the same: nothing, and 1.50 for 1.5. */
function plain(value: unknown): unknown {
  const digits = digitsOf(value);
  if (digits === null) return value ?? "";
  return /^-?\d+\.\d+$/.test(digits) ? digits.replace(/\.?0+$/, "") : digits;
}

/** Return a value in a few words. */
export function shortly(value: unknown): string {
  if (value === null || value === undefined || value === "") return "nothing";
  if (Array.isArray(value)) return many(value.length, "entry", "entries");
  return typeof value === "object" && digitsOf(value) === null ? write(value) : String(value);
}

/** Return a value of a field in words: of a record that is referred to, its name where it is known. */
export function inWords(where: string, value: unknown, party: string | undefined): string {
  const field = where.split(".").at(-1)!.replace(/ID$/, "");
  const id = isObject(value) ? Object.entries(value) : where.endsWith("ID") ? [[where.split(".").at(-1)!, value] as const] : [];
  const [[name, said] = [], ...more] = id;
  if (name === undefined || more.length > 0 || typeof said !== "string") return shortly(value);
  if (!name.endsWith("ID")) return said;
  if (field === "Contact" && party) return party;
  return UUID.test(said) ? `${field.toLowerCase()} ${said.slice(0, 8)}…` : shortly(said);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/i;
