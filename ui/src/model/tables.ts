import { useQuery } from "@tanstack/react-query";

import { api, bodyOf } from "../api/client";

/** The tables that a source lists; of a Looker its Looks. */
export const useTables = (source: string | null) =>
  useQuery({
    queryKey: ["tables", source],
    enabled: source !== null,
    staleTime: 60_000,
    queryFn: async () => (await bodyOf(api.GET("/api/v1/sources/{slug}/tables", { params: { path: { slug: source! } } }))).tables,
  });
