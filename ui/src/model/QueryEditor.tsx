import { useMemo, useRef, useState } from "react";

import type { PlacedProblem } from "../api/client";
import { Editor } from "../parts/Editor";
import { completed } from "./names";
import { TableList } from "./TableList";
import { useQuotes, useTables } from "./tables";

type Props = { source: string | null; sql: string; problems: PlacedProblem[]; onChange: (sql: string) => void; onSubmit: () => void };

/** A query with what it can read from beside it; on a phone that is folded at first. */
export function QueryEditor({ source, sql, problems, onChange, onSubmit }: Props) {
  const { data: listed, error } = useTables(source);
  const [isOpen, setOpen] = useState(() => window.matchMedia("(min-width: 761px)").matches);
  const inserter = useRef<((text: string) => void) | null>(null);
  const quotes = useQuotes(source);
  const tables = useMemo(() => completed(listed ?? []), [listed]);
  const marks = problems.map(({ line = null, column = null, message, remedy }) => ({ line, column, message: `${message} ${remedy}` }));
  return (
    <div className={isOpen ? "query" : undefined}>
      <Editor language="sql" label="Query" value={sql} onChange={onChange} marks={marks} tables={tables} quotes={quotes} minHeight={140} onSubmit={onSubmit} inserter={inserter} />
      <TableList tables={listed} quotes={quotes} error={error} isOpen={isOpen} onOpen={setOpen} onInsert={(name) => inserter.current?.(name)} />
    </div>
  );
}
