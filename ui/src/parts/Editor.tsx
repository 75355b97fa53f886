import { lazy, Suspense } from "react";
import { Skeleton } from "@mantine/core";

import type { Language, Mark } from "./CodeMirror";

const CodeMirror = lazy(() => import("./CodeMirror"));

/** A code editor, loaded when it is first needed. */
export function Editor(props: {
  value: string;
  onChange?: (value: string) => void;
  language: Language;
  label: string;
  marks?: Mark[];
  tables?: Record<string, string[]>;
  minHeight?: number;
  onSubmit?: () => void;
}) {
  return (
    <Suspense fallback={<Skeleton height={props.minHeight ?? 220} />}>
      <CodeMirror {...props} />
    </Suspense>
  );
}
