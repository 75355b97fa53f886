import { QueryClient, queryOptions } from "@tanstack/react-query";

import { api, bodyOf, keepCsrf, Refusal, type Schemas } from "./client";
import { read } from "./exact";

export type Kind = Schemas["Kind"];
export type Me = Schemas["Me"];
export type Run = Schemas["RunShape"];
export type Ticket = Schemas["TicketShape"];

/** Ask again by itself what a refusal cannot explain; what the server refused stays refused. */
function isWorthAnotherTry(times: number, error: Error): boolean {
  return times < 2 && error instanceof Refusal && (error.status === 0 || error.status >= 500);
}

export const queries = new QueryClient({
  defaultOptions: { queries: { retry: isWorthAnotherTry, staleTime: 5_000, networkMode: "always" } },
});

const SECOND = 1_000;

export const me = queryOptions({
  queryKey: ["me"],
  staleTime: 60 * SECOND,
  queryFn: async () => {
    const found = await bodyOf(api.GET("/api/v1/session"));
    keepCsrf(found.csrf);
    return found;
  },
});

export const schedule = queryOptions({
  queryKey: ["schedule"],
  refetchInterval: 5 * SECOND,
  queryFn: async () => (await bodyOf(api.GET("/api/v1/schedule"))).items,
});

export const quotas = queryOptions({
  queryKey: ["quotas"],
  refetchInterval: 15 * SECOND,
  queryFn: async () => (await bodyOf(api.GET("/api/v1/quotas"))).items,
});

export const check = queryOptions({
  queryKey: ["check"],
  refetchInterval: 15 * SECOND,
  queryFn: () => bodyOf(api.GET("/api/v1/check")),
});

export const names = (kind: Kind) =>
  queryOptions({
    queryKey: ["files", kind],
    queryFn: async () => (await bodyOf(api.GET("/api/v1/files/{kind}", { params: { path: { kind } } }))).items,
  });

export const file = (kind: Kind, slug: string) =>
  queryOptions({
    queryKey: ["files", kind, slug],
    queryFn: async () => {
      const params = { path: { kind, slug } };
      return read<Schemas["FileShape"]>(await bodyOf(api.GET("/api/v1/files/{kind}/{slug}", { params, parseAs: "text" })));
    },
  });

export const secrets = queryOptions({
  queryKey: ["secrets"],
  queryFn: async () => (await bodyOf(api.GET("/api/v1/secrets"))).items,
});

export const redirectUri = queryOptions({
  queryKey: ["redirect-uri"],
  staleTime: Infinity,
  queryFn: () => bodyOf(api.GET("/api/v1/redirect-uri")),
});

export const history = (kind: Kind, slug: string) =>
  queryOptions({
    queryKey: ["files", kind, slug, "history"],
    queryFn: () => bodyOf(api.GET("/api/v1/files/{kind}/{slug}/history", { params: { path: { kind, slug } } })),
  });

export const runs = (filter: { sync?: string; state?: string; limit?: number } = {}) =>
  queryOptions({
    queryKey: ["runs", filter],
    refetchInterval: 5 * SECOND,
    queryFn: () => bodyOf(api.GET("/api/v1/runs", { params: { query: filter } })),
  });

export const activity = queryOptions({
  queryKey: ["activity"],
  refetchInterval: 60 * SECOND,
  queryFn: async () => {
    const query = { days: 30, timezone: Intl.DateTimeFormat().resolvedOptions().timeZone };
    return (await bodyOf(api.GET("/api/v1/activity", { params: { query } }))).items;
  },
});

export const run = (id: string) =>
  queryOptions({
    queryKey: ["runs", id],
    queryFn: () => bodyOf(api.GET("/api/v1/runs/{id}", { params: { path: { id } } })),
  });

export const project = queryOptions({
  queryKey: ["project"],
  refetchInterval: 10 * SECOND,
  queryFn: async () => (await bodyOf(api.GET("/api/v1/project"))).items,
});

export const standings = queryOptions({
  queryKey: ["standings"],
  refetchInterval: 5 * SECOND,
  queryFn: async () => (await bodyOf(api.GET("/api/v1/syncs"))).items,
});

export const states = queryOptions({
  queryKey: ["states"],
  refetchInterval: 10 * SECOND,
  queryFn: async () => (await bodyOf(api.GET("/api/v1/states", { params: { query: { well: true } } }))).items,
});

export const silences = queryOptions({
  queryKey: ["silences"],
  refetchInterval: 10 * SECOND,
  queryFn: async () => (await bodyOf(api.GET("/api/v1/silences"))).items,
});

export const alerts = queryOptions({
  queryKey: ["alerts"],
  refetchInterval: 10 * SECOND,
  queryFn: async () => (await bodyOf(api.GET("/api/v1/alerts"))).items,
});

export const messages = (slug: string) =>
  queryOptions({
    queryKey: ["alerts", slug, "messages"],
    refetchInterval: 5 * SECOND,
    queryFn: async () => (await bodyOf(api.GET("/api/v1/alerts/{slug}/messages", { params: { path: { slug } } }))).items,
  });

export const openPlans = (sync: string) =>
  queryOptions({
    queryKey: ["plans", sync, "open"],
    refetchInterval: 5 * SECOND,
    queryFn: async () => (await bodyOf(api.GET("/api/v1/syncs/{slug}/plans", { params: { path: { slug: sync } } }))).items,
  });

/** Show at once what was asked for, however soon it may have ended. */
export function follow(ticket: Ticket): Promise<void> {
  const { queryKey } = tickets(ticket.sync);
  queries.setQueryData(queryKey, (open: Ticket[] = []) => [ticket, ...open.filter(({ id }) => id !== ticket.id)]);
  return queries.invalidateQueries({ queryKey });
}

export const tickets = (sync: string) =>
  queryOptions({
    queryKey: ["tickets", sync],
    refetchInterval: 2 * SECOND,
    queryFn: async () => {
      const query = { sync, state: ["waiting" as const, "working" as const] };
      return (await bodyOf(api.GET("/api/v1/tickets", { params: { query } }))).items;
    },
  });
