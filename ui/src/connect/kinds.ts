import { queryOptions } from "@tanstack/react-query";

import { api, bodyOf } from "../api/client";
import { kindsOf } from "./schema";

export type Described = "sources" | "destinations" | "alerts";

/** The kinds of sources, destinations or alerts that are installed. */
export const kinds = (kind: Described) =>
  queryOptions({
    queryKey: ["schemas", kind],
    staleTime: Infinity,
    queryFn: async () => kindsOf(await bodyOf(api.GET("/api/v1/schemas/{kind}", { params: { path: { kind } } }))),
  });
