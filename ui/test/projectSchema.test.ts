import { expect, test } from "vitest";

import { kindsIn, settingsIn } from "../src/connect/schema";

const SCHEMA = {
  properties: {
    keep: { $ref: "#/$defs/Keep", default: {} },
    logs: { anyOf: [{ oneOf: [{ $ref: "#/$defs/Duck" }, { $ref: "#/$defs/Pg" }] }, { type: "null" }] },
  },
  $defs: {
    Keep: { properties: { calls: { anyOf: [{ type: "integer" }, { type: "null" }], default: 400, description: "Calls." } } },
    Duck: { properties: { type: { const: "duckdb", description: "A file." }, path: { type: "string" } }, required: ["path"] },
    Pg: { properties: { type: { const: "postgres" }, url: { type: "string", format: "password" } } },
  },
};

test("the settings of a group are those of what it refers to", () => {
  expect(settingsIn(SCHEMA, "keep")).toEqual([
    { name: "calls", kind: "number", about: "Calls.", required: false, usual: 400, choices: [] },
  ]);
  expect(settingsIn(SCHEMA, "nothing")).toEqual([]);
});

test("a group that is one of several has kinds", () => {
  const found = kindsIn(SCHEMA, "logs");
  expect(found.map(({ type, title }) => [type, title])).toEqual([["duckdb", "A file"], ["postgres", "postgres"]]);
  expect(found.map(({ settings }) => settings.map(({ name, kind }) => [name, kind]))).toEqual([[["path", "text"]], [["url", "secret"]]]);
});
