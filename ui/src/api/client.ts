import createClient, { type Middleware } from "openapi-fetch";

import { write } from "./exact";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type PlacedProblem = Schemas["PlacedProblem"];

/** What the server says when it refuses: the one shape of all errors. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly remedy: string,
    readonly problems: PlacedProblem[] = [],
  ) {
    super(message);
  }
}

let csrf: string | null = null;

/** Keep the word that goes with the session's cookie on everything that changes something. */
export function keepCsrf(word: string | null): void {
  csrf = word;
}

const guard: Middleware = {
  onRequest({ request }) {
    if (csrf !== null && request.method !== "GET") request.headers.set("X-CSRF-Token", csrf);
    return request;
  },
  async onResponse({ response }) {
    if (!response.ok) throw await refusal(response);
    return response;
  },
  onError() {
    return new Refusal(0, "unreachable", "The server does not answer.", "Check that it runs; this page asks again by itself.");
  },
};

export const api = createClient<paths>({ baseUrl: "", bodySerializer: write });
api.use(guard);

/** Return the body of an answer that was not refused. */
export async function bodyOf<Body>(answer: Promise<{ data?: Body }>): Promise<Body> {
  return (await answer).data as Body;
}

async function refusal(response: Response): Promise<Refusal> {
  try {
    const { error } = (await response.json()) as Schemas["ErrorShape"];
    return new Refusal(response.status, error.code, error.message, error.remedy ?? "", error.problems ?? []);
  } catch {
    return new Refusal(response.status, "unreadable", `The server answered ${response.status}.`, "Look at its log.");
  }
}
