import { Code, CopyButton, Group, Text, UnstyledButton } from "@mantine/core";
import { useState } from "react";

import { digitsOf, read } from "../api/exact";

const LONG = 30;

/** JSON that folds; whatever is not JSON is shown as the text that it is. */
export function Json({ text }: { text: string }) {
  if (text === "") return <Text c="dimmed" size="sm">Nothing.</Text>;
  let value: unknown;
  try {
    value = read(text);
  } catch {
    return <Code block>{text}</Code>;
  }
  return (
    <div>
      <Group justify="flex-end" mb={4}>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <UnstyledButton onClick={copy} fz="xs" c="dimmed">
              {copied ? "Copied" : "Copy"}
            </UnstyledButton>
          )}
        </CopyButton>
      </Group>
      <div className="json mono">
        <Value value={value} depth={0} />
      </div>
    </div>
  );
}

/** A value that is there already; `whole` unfolds all of it. */
export function JsonValue({ value, whole = false }: { value: unknown; whole?: boolean }) {
  return (
    <div className="json mono">
      <Value value={value} depth={whole ? -Infinity : 0} />
    </div>
  );
}

function Value({ value, depth }: { value: unknown; depth: number }) {
  if (Array.isArray(value)) {
    return <Nest open="[" close="]" depth={depth} items={value.map((each, index) => [String(index), each])} names={false} />;
  }
  const digits = digitsOf(value);
  if (digits !== null) return <span className="json-number">{digits}</span>;
  if (value !== null && typeof value === "object") {
    return <Nest open="{" close="}" depth={depth} items={Object.entries(value)} names />;
  }
  return <span className={`json-${value === null ? "null" : typeof value}`}>{JSON.stringify(value)}</span>;
}

function Nest({
  open,
  close,
  depth,
  items,
  names,
}: {
  open: string;
  close: string;
  depth: number;
  items: [string, unknown][];
  names: boolean;
}) {
  const [shown, setShown] = useState(depth < 2 || items.length < 2);
  const [all, setAll] = useState(false);
  if (items.length === 0) return <span>{open + close}</span>;
  if (!shown) {
    return (
      <UnstyledButton className="json-fold" onClick={() => setShown(true)} aria-label="Unfold">
        {open} {items.length} … {close}
      </UnstyledButton>
    );
  }
  const visible = all ? items : items.slice(0, LONG);
  return (
    <>
      <UnstyledButton className="json-fold" onClick={() => setShown(false)} aria-label="Fold">
        {open}
      </UnstyledButton>
      <div className="json-inner">
        {visible.map(([name, each], index) => (
          <div key={name}>
            {names && <span className="json-name">{JSON.stringify(name)}: </span>}
            <Value value={each} depth={depth + 1} />
            {index < items.length - 1 && ","}
          </div>
        ))}
        {items.length > visible.length && (
          <UnstyledButton className="json-fold" onClick={() => setAll(true)}>
            {items.length - visible.length} more
          </UnstyledButton>
        )}
      </div>
      {close}
    </>
  );
}
