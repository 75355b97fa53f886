import { useBlocker } from "@tanstack/react-router";
import { useRef } from "react";

import { useMarkUnsaved } from "./unsaved";

type Options = {
  /** Whether other parts of the same page show the same draft, so that nothing is left by going there. */
  staysWithin?: boolean;
  /** What is done once somebody has said that it may be left. */
  onLeft?: () => void;
};

/** Ask before something is left that is begun and not saved; returns what says that it is finished. */
export function useLeaving(begun: boolean, question: string, { staysWithin = false, onLeft }: Options = {}): () => void {
  const isDone = useRef(false);
  useMarkUnsaved(begun);
  useBlocker({
    shouldBlockFn: ({ current, next }) => {
      if (isDone.current || (staysWithin && next.pathname === current.pathname)) return false;
      if (!window.confirm(question)) return true;
      onLeft?.();
      return false;
    },
    enableBeforeUnload: () => begun && !isDone.current,
    disabled: !begun,
  });
  return () => {
    isDone.current = true;
  };
}
