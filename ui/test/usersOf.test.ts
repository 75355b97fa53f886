import { expect, test } from "vitest";

import { refersTo } from "../src/parts/usersOf";

const sync = { kind: "syncs", values: { model: "users", destination: "xero", alerts: ["ops"], schedule: { after: "others" } } } as never;

test.each([
  ["models", "users"],
  ["destinations", "xero"],
  ["alerts", "ops"],
  ["syncs", "others"],
] as const)("a sync names its %s", (kind, slug) => {
  expect(refersTo(sync, kind, slug)).toBe(true);
  expect(refersTo(sync, kind, "another")).toBe(false);
});

test("a model names its source, and nothing else does", () => {
  expect(refersTo({ kind: "models", values: { source: "lake" } }, "sources", "lake")).toBe(true);
  expect(refersTo({ kind: "syncs", values: { source: "lake" } }, "sources", "lake")).toBe(false);
  expect(refersTo({ kind: "syncs", values: { schedule: { after: ["a", "b"] } } }, "syncs", "b")).toBe(true);
  expect(refersTo({ kind: "syncs", values: null }, "models", "users")).toBe(false);
});
