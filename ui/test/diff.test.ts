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

test("of several files each begins with its name", () => {
  const sql = "diff --git a/models/x.sql b/models/x.sql\n--- a/models/x.sql\n+++ b/models/x.sql\n@@ -1 +1 @@\n-SELECT 1\n+SELECT 2\n";
  const yaml = "diff --git a/models/x.yaml b/models/x.yaml\nnew file mode 100644\n--- /dev/null\n+++ b/models/x.yaml\n@@ -0,0 +1 @@\n+source: a\n";
  expect(diffLines(sql + yaml)).toEqual([
    { kind: "gap", text: "models/x.sql" },
    { kind: "removed", text: "SELECT 1" },
    { kind: "added", text: "SELECT 2" },
    { kind: "gap", text: "models/x.yaml" },
    { kind: "added", text: "source: a" },
  ]);
});

test("a file that has another name and the same text has no lines", () => {
  expect(diffLines("diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n")).toEqual([]);
});
