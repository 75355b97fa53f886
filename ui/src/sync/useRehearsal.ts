import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { api, bodyOf, type Schemas } from "../api/client";
import { read } from "../api/exact";
import { asObject, type Draft } from "./draft";

type Rehearsal = Schemas["RehearsalShape"];
export type Rehearsing = { found: Rehearsal | undefined; error: unknown; isFetching: boolean };

const PAUSE = 400;

/** Ask again and again, while somebody writes, how the sync would send a row. */
export function useRehearsal(slug: string, draft: Draft, key: string | null): Rehearsing {
  const [settled] = useDebouncedValue(draft, PAUSE);
  const [column] = Object.values(asObject(settled.match));
  const { data, error, isFetching } = useQuery({
    queryKey: ["rehearsal", slug, settled, key],
    enabled: Boolean(column),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    queryFn: async () => {
      const params = { path: { slug }, query: key === null ? {} : { key } };
      const asked = { params, body: { values: settled }, parseAs: "text" as const };
      return read<Rehearsal>(await bodyOf(api.POST("/api/v1/syncs/{slug}/rehearsal", asked)));
    },
  });
  return { found: column ? data : undefined, error, isFetching }; // never what another object would be sent as
}
