import { expect, test } from "vitest";

import { diffLines } from "../src/parts/diff";

const HEAD = "diff --git a/syncs/a.yaml b/syncs/a.yaml\nindex 1..2 100644\n--- a/syncs/a.yaml\n+++ b/syncs/a.yaml\n";

test("what changed is told without what git says of the file", () => {
  const diff = `${HEAD}@@ -1,3 +1,3 @@ model\n mode: upsert\n-model: a\n+model: b\n@@ -9,1 +9,2 @@\n last: 1\n+--- more\n\\ No newline at end of file\n`;
  expect(diffLines(diff)).toEqual([
    { kind: "same", text: "mode: upsert" },
    { kind: "removed", text: "model: a" },
    { kind: "added", text: "model: b" },
    { kind: "gap", text: "⋯" },
    { kind: "same", text: "last: 1" },
    { kind: "added", text: "--- more" },
  ]);
});

test("a file that has another name and the same text has no lines", () => {
  expect(diffLines("diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n")).toEqual([]);
});
