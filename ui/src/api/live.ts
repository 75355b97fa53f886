import { useEffect, useRef, useState } from "react";

import { api, bodyOf, Refusal, type Schemas } from "./client";

export type Call = Schemas["CallShape"];
export type LiveRun = { run: Schemas["RunShape"]; outcomes: Record<string, number>; calls: Call[]; error: unknown };

const QUICK = 500;
const QUIET = 5_000;
/** Calls are fetched in pages of so many. */
const PAGE = 500;

/**
 * Follow a run: how it stands, and all of its calls, in the order in which they were made.
 *
 * By asking again and again for what came after the last call seen, half a second apart while the run goes on and the
 * tab is in front: streams would block a browser's seventh tab. Before anything is known, a refusal says why not.
 */
export function useLive(id: string): LiveRun | Refusal | null {
  const [live, setLive] = useState<LiveRun | Refusal | null>(null);
  const calls = useRef<Call[]>([]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    let after = 0;
    calls.current = [];
    const look = async (): Promise<void> => {
      let pause = QUICK;
      try {
        const path = { id };
        const found = await bodyOf(
          api.GET("/api/v1/runs/{id}/live", { params: { path, query: { after, limit: PAGE } } }),
        );
        if (over) return;
        after = found.next;
        if (found.calls.length > 0) calls.current = calls.current.concat(found.calls);
        setLive({ run: found.run, outcomes: found.outcomes, calls: calls.current, error: null });
        if (found.calls.length === PAGE) pause = 0;
        else if (found.run.state !== "running") return;
        else if (document.hidden) pause = QUIET;
      } catch (error) {
        if (over) return;
        const isUnknown = error instanceof Refusal && error.status === 404;
        setLive((last) => (last && !(last instanceof Refusal) ? { ...last, error } : error instanceof Refusal ? error : null));
        if (isUnknown) return;
        pause = QUIET;
      }
      timer = setTimeout(() => void look(), pause);
    };
    void look();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [id]);
  return live;
}
