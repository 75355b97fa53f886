import { expect, test } from "vitest";

import { kindsFor } from "../src/connect/Catalogue";
import { kindsOf, withRequired } from "../src/connect/schema";

const REFERENCE = { $ref: "#/$defs/Reference" };

/** Return the one setting of a schema whose property says this. */
function settingOf(property: object, required: string[] = []) {
  const one = {
    description: "A kind.",
    properties: { type: { const: "some", description: "Some kind." }, what: { description: "About it.", ...property } },
    required,
  };
  const $defs = { Trigger: { anyOf: [{ enum: ["one", "two"], type: "string" }, REFERENCE] }, Nest: { type: "object" }, Reference: { type: "string" } };
  const [kind] = kindsOf({ oneOf: [one], $defs });
  return kind!.settings[0];
}

test("a kind has the words of its schema", () => {
  const [kind] = kindsOf({ oneOf: [{ description: "Text.", properties: { type: { const: "duckdb", description: "DuckDB." } } }] });
  expect(kind).toEqual({ type: "duckdb", title: "DuckDB", about: "Text.", retired: false, settings: [] });
  const [gone] = kindsOf({ oneOf: [{ deprecated: true, properties: { type: { const: "rockset" } } }] });
  expect(gone?.retired).toBe(true);
});

test.each([
  ["text", { type: "string" }],
  ["secret", { type: "string", format: "password" }],
  ["secret", { anyOf: [{ type: "string", format: "password" }, { type: "null" }], default: null }],
  ["number", { anyOf: [{ type: "integer", minimum: 1 }, REFERENCE], default: 5432 }],
  ["boolean", { anyOf: [{ type: "boolean" }, REFERENCE], default: false }],
  ["list", { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] }],
] as const)("a %s is asked for as one", (kind, property) => {
  expect(settingOf(property)).toMatchObject({ name: "what", kind, about: "About it.", required: false });
});

test("choices are those of the schema, also behind null, a reference and a name", () => {
  const mode = { anyOf: [{ anyOf: [{ enum: ["prefer", "require"], type: "string" }, REFERENCE] }, { type: "null" }] };
  expect(settingOf(mode)).toMatchObject({ kind: "choice", choices: ["prefer", "require"] });
  const triggers = { anyOf: [{ $ref: "#/$defs/Trigger" }, { type: "array", items: { $ref: "#/$defs/Trigger" } }, { type: "null" }] };
  expect(settingOf(triggers)).toMatchObject({ kind: "choices", choices: ["one", "two"] });
});

test("what no form can ask for is left to the file", () => {
  expect(settingOf({ $ref: "#/$defs/Nest" })).toBeUndefined();
  expect(settingOf({ type: "array", items: { $ref: "#/$defs/Nest" } })).toBeUndefined();
  expect(settingOf({ type: "object", additionalProperties: { type: "string" } })).toBeUndefined();
});

test("what has to be said is marked", () => expect(settingOf({ type: "string" }, ["what"])?.required).toBe(true));

test("a title that somebody gave is one, and a name that is repeated is none", () => {
  expect(settingOf({ type: "string", title: "CA certificate" })?.title).toBe("CA certificate");
  expect(settingOf({ type: "string", title: "What" })?.title).toBeUndefined();
});

test("what most people need comes first, and one of several ways in is needed in whole", () => {
  const properties = { type: { const: "some" }, url: { type: "string" }, port: { type: "integer" }, host: { type: "string" } };
  const one = { properties, "x-first": ["host", "port"], anyOf: [{ required: ["host"] }, { required: ["url"] }] };
  const { settings } = kindsOf({ oneOf: [one] })[0]!;
  expect(settings.map(({ name, first }) => [name, first])).toEqual([["url", undefined], ["port", 1], ["host", 0]]);
  const marked = (values: object) => withRequired(settings, { ...values }).flatMap(({ name, required }) => (required ? [name] : []));
  expect(marked({})).toEqual(["host"]);
  expect(marked({ url: "postgresql://…" })).toEqual([]);
});

test("kinds are found by name, and sorted by the names that people see", () => {
  const kinds = [["sqlserver", "Microsoft SQL Server"], ["files", "Files"], ["postgres", "PostgreSQL"]].map(([type, title]) => ({ type: type!, title: title!, about: "", retired: false, settings: [] }));
  expect(kindsFor(kinds, "").map(({ title }) => title)).toEqual(["Files", "Microsoft SQL Server", "PostgreSQL"]);
  expect(kindsFor(kinds, " sql ").map(({ type }) => type)).toEqual(["sqlserver", "postgres"]);
});
