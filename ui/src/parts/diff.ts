/** One line of a change: what it does, and its text. */
export type DiffLine = { kind: "added" | "removed" | "same" | "gap"; text: string };

const KINDS: Record<string, DiffLine["kind"]> = { "+": "added", "-": "removed", " ": "same" };
const FILE = /^diff --git a\/.* b\/(.*)$/;

/** Return the lines of a unified diff; of several files each begins with its name, and what git says of it is left out. */
export function diffLines(diff: string): DiffLine[] {
  const lines = diff.split("\n");
  const several = lines.filter((line) => FILE.test(line)).length > 1;
  const found: DiffLine[] = [];
  let isWithin = false;
  for (const line of lines) {
    const file = FILE.exec(line);
    if (file) {
      isWithin = false;
      if (several) found.push({ kind: "gap", text: file[1]! });
    } else if (line.startsWith("@@")) {
      if (isWithin) found.push({ kind: "gap", text: "⋯" });
      isWithin = true;
    } else if (isWithin) {
      const kind = KINDS[line.charAt(0)]; // none of "\ No newline at end of file"
      if (kind) found.push({ kind, text: line.slice(1) });
    }
  }
  return found.some(({ kind }) => kind !== "gap") ? found : [];
}
