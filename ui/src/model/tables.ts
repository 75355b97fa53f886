import { useQuery } from "@tanstack/react-query";

import { api, bodyOf } from "../api/client";
import { QUOTES } from "./names";

const listingOf = (source: string | null) => ({
  queryKey: ["tables", source],
  enabled: source !== null,
  staleTime: 60_000,
  queryFn: () => bodyOf(api.GET("/api/v1/sources/{slug}/tables", { params: { path: { slug: source! } } })),
});

/** The tables that a source lists; of a Looker its Looks. */
export const useTables = (source: string | null) => useQuery({ ...listingOf(source), select: ({ tables }) => tables });

/** What stands before and after an exact name in the SQL of a source. */
export const useQuotes = (source: string | null): string => useQuery({ ...listingOf(source), select: ({ quotes }) => quotes }).data ?? QUOTES;
