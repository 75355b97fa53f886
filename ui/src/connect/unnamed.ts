import type { Schemas } from "../api/client";

const UNNAMED = /^new-.+$/;

/** Return the name that a destination has until somebody gives it one: it is signed in before. */
export function freeSlug(type: string, taken: string[]): string {
  for (let number = 1; ; number += 1) {
    const one = number === 1 ? `new-${type}` : `new-${type}-${number}`;
    if (!taken.includes(one)) return one;
  }
}

/** Return the destinations that somebody began to add and has not named yet; no sync can refer to one. */
export const unnamedOf = (all: Schemas["GlanceShape"][]): string[] => {
  const used = all.filter(({ kind }) => kind === "syncs").map(({ about }) => about.destination);
  return all.flatMap(({ kind, slug, about }) => {
    const begun = kind === "destinations" && UNNAMED.test(slug) && slug.startsWith(`new-${String(about.type)}`);
    return begun && !used.includes(slug) ? [slug] : [];
  });
};
