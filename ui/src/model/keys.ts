import { queryOptions } from "@tanstack/react-query";

import { api, bodyOf, type Schemas } from "../api/client";
import type { Lines } from "../parts/lines";
import { withKey } from "../sync/draft";

type Values = Record<string, unknown>;
export type KeyFound = Schemas["KeyShape"];

/** Whether a key tells the rows apart, held against all of them. */
export const keyCheck = (slug: string, values: Values) => {
  const asked = withKey(values, "description", undefined);
  return queryOptions({
    queryKey: ["key", slug, asked],
    staleTime: 60_000,
    gcTime: 60_000,
    queryFn: () => bodyOf(api.POST("/api/v1/models/{slug}/key", { params: { path: { slug } }, body: { values: asked } })),
  });
};

/** Return whether a model may be saved with its key: it tells all rows apart, or a person leaves those out that it does not. */
export const isSound = ({ rows, left_out }: KeyFound, leavesOut: boolean): boolean => left_out === 0 || (leavesOut && left_out < rows);

/** Return whether enough is said for a key to be held against the rows. */
export const isCheckable = (key: string[], lines: Lines | null): boolean =>
  key.length > 0 && (lines === null || (lines.order_by.length > 0 && lines.columns.length > 0));

/** Return the key that is known of what was chosen, else a column that is called like one. */
export function likelyKey(known: string[], columns: string[]): string[] {
  const found = known.map((name) => columns.find((each) => each.toLowerCase() === name.toLowerCase()));
  if (known.length > 0 && found.every((each) => each !== undefined)) return found;
  return columns.filter((each) => each.toLowerCase() === "id").slice(0, 1);
}
