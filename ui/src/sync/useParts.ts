import { queryOptions, useQuery } from "@tanstack/react-query";

import { api, bodyOf } from "../api/client";
import type { Draft } from "./draft";

export const objectOf = (destination: string, object: string) =>
  queryOptions({
    queryKey: ["objects", destination, object],
    enabled: destination !== "" && object !== "",
    staleTime: Infinity,
    queryFn: () =>
      bodyOf(api.GET("/api/v1/destinations/{slug}/objects/{object}", { params: { path: { slug: destination, object } } })),
  });

/** What a sync's form needs to know first: its model's columns, its destination's objects, and the one that is chosen. */
export function useParts(draft: Draft) {
  const model = String(draft.model);
  const destination = String(draft.destination);
  const chosen = String(draft.object ?? "");
  const columns = useQuery({
    queryKey: ["columns", model],
    queryFn: async () => (await bodyOf(api.GET("/api/v1/models/{slug}/columns", { params: { path: { slug: model } } }))).items,
  });
  const objects = useQuery({
    queryKey: ["objects", destination],
    staleTime: Infinity,
    queryFn: async () =>
      (await bodyOf(api.GET("/api/v1/destinations/{slug}/objects", { params: { path: { slug: destination } } }))).items,
  });
  const object = useQuery(objectOf(destination, chosen));
  const error = columns.error ?? objects.error ?? object.error;
  const coming = chosen !== "" && !(object.data && columns.data) && !error;
  const retry = () => void Promise.all([columns.refetch(), objects.refetch()]);
  return { chosen, columns: columns.data, objects: objects.data, object: object.data, error, coming, retry };
}
