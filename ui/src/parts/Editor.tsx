import { lazy, Suspense } from "react";
import { Skeleton } from "@mantine/core";

import type { EditorProps } from "./CodeMirror";

const CodeMirror = lazy(() => import("./CodeMirror"));

/** A code editor, loaded when it is first needed. */
export function Editor(props: EditorProps) {
  return (
    <Suspense fallback={<Skeleton height={props.minHeight ?? 220} />}>
      <CodeMirror {...props} />
    </Suspense>
  );
}
