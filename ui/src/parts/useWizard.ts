import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import { isSame } from "../api/exact";
import { dropDraft, keepDraft, keptDraft } from "./kept";
import { useLeaving } from "./useLeaving";

/**
 * Add something in steps: each has a place in the browser's history, and the tab keeps the draft until it is
 * finished or somebody leaves it.
 *
 * @param name of what is added, such as "sync".
 * @param empty the draft in which nothing is said yet.
 * @param isReady says of each step but the last, by number from 0, whether the next can follow it.
 */
export function useWizard<Draft>(name: string, empty: Draft, isReady: (draft: Draft) => boolean[]) {
  const navigate = useNavigate();
  const { step: asked = 1 } = useSearch({ strict: false }) as { step?: number };
  const [draft, show] = useState<Draft>(() => keptDraft<Draft>(name) ?? empty);
  const begun = !isSame(draft, empty);
  const open = isReady(draft).indexOf(false);
  const last = open < 0 ? isReady(draft).length : open;
  const set = (change: Draft | ((now: Draft) => Draft)) =>
    show((now) => {
      const next = change instanceof Function ? change(now) : change;
      keepDraft(name, next);
      return next;
    });
  const leaving = useLeaving(begun, "What you have begun is not saved. Leave it?", { staysWithin: true, onLeft: () => dropDraft(name) });
  return {
    draft,
    set,
    step: Math.min(Math.max(Math.trunc(asked) - 1, 0), last),
    go: (step: number) => navigate({ to: ".", search: { step: step + 1 } } as never),
    /** Leave for what was made of the draft, without a question. */
    finish: async (leave: () => Promise<void>) => {
      leaving();
      dropDraft(name);
      await leave();
    },
  };
}
