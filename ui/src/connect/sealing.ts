import { api, bodyOf } from "../api/client";
import { queries, secrets as secretsQuery } from "../api/queries";
import type { Described } from "./kinds";
import type { Setting } from "./schema";
import type { Values } from "./SettingsForm";

export type Sealable = { values: Values; secrets: Record<string, string> };

/** Return the name in a value that is `${NAME}` and nothing else. */
export const referenceIn = (value: unknown): string | null => /^\$\{(\w+)\}$/.exec(String(value))?.[1] ?? null;

/**
 * Return what a file says, with `${NAME}` in place of each secret, and the secrets by their names.
 *
 * @param slug of the file, from which new names are made.
 * @param settings that a form asks for; what else is said is left as it is.
 * @param said what the file shall say.
 * @param kept what it says now: a secret that is sealed and gets another value keeps its name.
 * @param sealed the names of all secrets that are sealed.
 */
export function sealable(slug: string, settings: Setting[], said: Values, kept: Values = {}, sealed: string[] = []): Sealable {
  const values = { ...said };
  const secrets: Record<string, string> = {};
  for (const { name, kind } of settings) {
    const value = said[name];
    if (value === undefined || value === "") delete values[name];
    else if (kind === "secret" && value !== kept[name] && referenceIn(value) === null) {
      const former = referenceIn(kept[name]);
      const taken = [...sealed, ...Object.keys(secrets), ...(former === null ? [] : [former])];
      // What the environment sets goes before what is sealed: such a secret gets a name of its own.
      const called = former !== null && sealed.includes(former) ? former : freeName(`${slug}_${name}`, taken);
      values[name] = `\${${called}}`;
      secrets[called] = String(value);
    }
  }
  return { values, secrets };
}

/** Do the same with the secrets that are sealed now. */
export async function sealedNow(slug: string, settings: Setting[], said: Values, kept: Values = {}): Promise<Sealable> {
  const sealed = await queries.fetchQuery({ ...secretsQuery, staleTime: 0 });
  return sealable(slug, settings, said, kept, sealed.map((each) => each.name));
}

/** Write a new file, and seal its secrets. */
export async function create(kind: Described, slug: string, settings: Setting[], said: Values): Promise<void> {
  const body = { slug, ...(await sealedNow(slug, settings, said)) };
  await bodyOf(api.POST("/api/v1/files/{kind}", { params: { path: { kind } }, body }));
}

/** Return a text as a name of a secret begins that is made from it; BOOKWARD_ is kept for the server's own settings. */
export const nameFrom = (text: string): string => text.toUpperCase().replace(/[^A-Z0-9]+/g, "_").replace(/^(?=\d|BOOKWARD_)/, "_");

function freeName(text: string, taken: string[]): string {
  const name = nameFrom(text);
  for (let number = 1; ; number += 1) {
    const one = number === 1 ? name : `${name}_${number}`;
    if (!taken.includes(one)) return one;
  }
}
