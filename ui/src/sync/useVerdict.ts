import { useMutation } from "@tanstack/react-query";

import { api, bodyOf, Refusal } from "../api/client";
import { problemsOf } from "../parts/problems";
import { useRefocus } from "../parts/useRefocus";
import type { Draft } from "./draft";
import { MAPPING, stepOf } from "./steps";

const DRAFTED = { kind: "syncs" as const, slug: "new-sync" };

/** Ask what is wrong with what a sync says so far; what a later step asks for is not held against it. */
export function useVerdict() {
  const asking = useMutation({
    mutationFn: async (values: Draft) => {
      const { problems } = await bodyOf(api.POST("/api/v1/files/{kind}/{slug}/check", { params: { path: DRAFTED }, body: { values } }));
      const held = problems.filter((each) => stepOf(each) <= MAPPING);
      if (held.length > 0) throw new Refusal(422, "edit_refused", held[0]!.message, "", held.map((each) => ({ ...each, path: null })));
    },
  });
  return {
    ask: (values: Draft, goOn: () => void) => asking.mutate(values, { onSuccess: goOn }),
    forget: asking.reset,
    isAsking: asking.isPending,
    error: asking.error,
    problems: problemsOf(asking.error),
    button: useRefocus(asking.isPending),
  };
}
