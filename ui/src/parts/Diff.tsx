import { Text, VisuallyHidden } from "@mantine/core";

import { type DiffLine, diffLines } from "./diff";

const SIGNS: Record<DiffLine["kind"], string> = { added: "+", removed: "−", same: "", gap: "" };
const SAID: Partial<Record<DiffLine["kind"], string>> = { added: "Added: ", removed: "Taken away: " };

/** What a version changed, line by line. */
export function Diff({ text }: { text: string }) {
  const lines = diffLines(text);
  if (lines.length === 0) return <Text size="sm">Nothing within the file changed: only its name, or who may read it.</Text>;
  return (
    <div className="diff mono" role="group" aria-label="What changed" tabIndex={0}>
      {lines.map(({ kind, text: line }, place) => (
        <div key={place} className={`diff-line diff-${kind}`}>
          <span aria-hidden className="diff-sign">
            {SIGNS[kind]}
          </span>
          {SAID[kind] && <VisuallyHidden component="span">{SAID[kind]}</VisuallyHidden>}
          {line || " "}
        </div>
      ))}
    </div>
  );
}
