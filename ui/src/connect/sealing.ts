import { api, bodyOf } from "../api/client";
import type { Setting } from "./schema";
import type { Values } from "./SettingsForm";

export type Sealable = { values: Values; secrets: Record<string, string> };

const isReference = (text: string) => /^\$\{\w+\}$/.test(text);

/** Return what a file says, with `${NAME}` in place of each secret, and the secrets by their names. */
export function sealable(slug: string, type: string, settings: Setting[], said: Values, taken: string[] = []): Sealable {
  const values: Values = { type };
  const secrets: Record<string, string> = {};
  for (const { name, kind } of settings) {
    const value = said[name];
    if (value === undefined || value === "") continue;
    if (kind !== "secret" || isReference(String(value))) values[name] = value;
    else {
      const called = freeName(`${slug}_${name}`, [...taken, ...Object.keys(secrets)]);
      values[name] = `\${${called}}`;
      secrets[called] = String(value);
    }
  }
  return { values, secrets };
}

function freeName(text: string, taken: string[]): string {
  const name = text.toUpperCase().replace(/[^A-Z0-9]+/g, "_").replace(/^(?=\d)/, "_");
  for (let number = 1; ; number += 1) {
    const one = number === 1 ? name : `${name}_${number}`;
    if (!taken.includes(one)) return one;
  }
}

/** Seal the secrets of a new file and write it. */
export async function create(kind: "sources" | "destinations", slug: string, type: string, settings: Setting[], said: Values): Promise<void> {
  const taken = (await bodyOf(api.GET("/api/v1/secrets"))).items.map((each) => each.name);
  const { values, secrets } = sealable(slug, type, settings, said, taken);
  for (const [name, value] of Object.entries(secrets)) {
    await api.PUT("/api/v1/secrets/{name}", { params: { path: { name } }, body: { value } });
  }
  try {
    await api.POST("/api/v1/files/{kind}", { params: { path: { kind } }, body: { slug, values } });
  } catch (error) {
    // A secret that no file names would only be in the way.
    for (const name of Object.keys(secrets)) await api.DELETE("/api/v1/secrets/{name}", { params: { path: { name } } });
    throw error;
  }
}
