/** One line of a change: what it does, and its text. */
export type DiffLine = { kind: "added" | "removed" | "same" | "gap"; text: string };

const KINDS: Record<string, DiffLine["kind"]> = { "+": "added", "-": "removed", " ": "same" };

/** Return the lines of a unified diff of one file, without what git says of the file as a whole. */
export function diffLines(diff: string): DiffLine[] {
  const lines = diff.split("\n");
  const begin = lines.findIndex((line) => line.startsWith("@@"));
  if (begin < 0) return [];
  return lines.slice(begin).flatMap((line, place): DiffLine[] => {
    if (line.startsWith("@@")) return place === 0 ? [] : [{ kind: "gap", text: "⋯" }];
    const kind = KINDS[line.charAt(0)];
    return kind ? [{ kind, text: line.slice(1) }] : []; // also "\ No newline at end of file"
  });
}
