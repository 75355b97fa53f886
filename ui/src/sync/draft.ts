import type { Schemas } from "../api/client";
import { slugOf } from "../parts/words";

/** What a sync's file says, as values; what no form knows stays in it as it is. */
export type Draft = Record<string, unknown>;
/** Where one field's value comes from: a column's name, or what the file's schema allows in its place. */
export type Spec = unknown;
export type Specs = Record<string, Spec>;
export type Field = Schemas["FieldShape"];
export type Column = Schemas["MappableShape"];
export type ObjectType = Schemas["ObjectShape"];

export type Origin = "column" | "value" | "template" | "each" | "object" | "list";

/** Return the form in which a mapping is written. */
export function originOf(spec: Spec): Origin {
  if (typeof spec === "string") return "column";
  if (Array.isArray(spec)) return "list";
  const keys = Object.keys(asObject(spec));
  return (["each", "column", "value", "template"] as const).find((each) => keys.includes(each)) ?? "object";
}

export const asObject = (value: unknown): Record<string, unknown> =>
  value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** Return an object with another value under a key, or without the key where the value is undefined. */
export function withKey<Values extends Record<string, unknown>>(values: Values, key: string, value: unknown): Values {
  if (value !== undefined) return { ...values, [key]: value };
  const { [key]: _, ...rest } = values;
  return rest as Values;
}

/** Return a sync into another object: it has other fields, so what was mapped into the one before is left behind. */
export function ofObject(draft: Draft, { name, mode }: Pick<Schemas["ObjectGlance"], "name" | "mode">): Draft {
  const gone = ["match", "fields", "look_up", "mode", "on_change", "on_removal"];
  const left = gone.reduce((whole, key) => withKey(whole, key, undefined), draft);
  return { ...left, object: name, ...(mode === null ? {} : { mode }) };
}

/** Return what a mapping says under a key, "" where it says nothing. */
export const said = (spec: Spec, key: string): string => {
  if (key === "column" && typeof spec === "string") return spec;
  const value = asObject(spec)[key];
  return value === undefined || value === null ? "" : String(value);
};

/** Return a mapping with another value under a key; a column alone is written as its bare name. */
export function withSaid(spec: Spec, key: string, value: unknown): Spec {
  const whole = withKey(typeof spec === "string" ? { column: spec } : asObject(spec), key, value);
  const [only, ...more] = Object.keys(whole);
  return only === "column" && more.length === 0 ? whole.column : whole;
}

/** Return the mapping that stands for another origin; how null is treated is kept. */
export function withOrigin(spec: Spec, origin: "column" | "value" | "template"): Spec {
  const { when_null, only_on_create } = asObject(spec);
  let whole: Spec = origin === "column" ? "" : { [origin]: "" };
  if (origin !== "value" && when_null !== undefined) whole = withSaid(whole, "when_null", when_null);
  if (only_on_create !== undefined) whole = withSaid(whole, "only_on_create", only_on_create);
  return whole;
}

/** Return the first mapping of a field that was just added. */
export function beginning(field: Field): Spec {
  const inner = Object.fromEntries(field.fields.filter((each) => each.required).map((each) => [each.name, beginning(each)]));
  if (field.kind === "object") return inner;
  if (field.kind === "list") return [inner];
  return field.choices.length > 0 ? { value: field.choices[0] } : "";
}

/** Return what stands for a field that has to be mapped and is not: nothing is chosen for anybody. */
export function unset(field: Field): Spec {
  if (field.kind === "object") return {};
  if (field.kind === "list") return [];
  return field.choices.length > 0 ? { value: "" } : "";
}

/** Return the columns of the lines that stand in a column. */
export const inside = (columns: Column[], name: string): Column[] =>
  columns.find((each) => each.name === name)?.inside ?? [];

/** Return a name for a new sync that none has yet; "" until it is known what becomes what. */
export function proposedName({ model, object }: Draft, taken: string[]): string {
  if (!model || !object) return "";
  const name = `${String(model)} to ${String(object).replaceAll("-", " ")}`;
  const others = taken.map((_, index) => `${name} ${index + 2}`);
  return [name, ...others].find((each) => !taken.includes(slugOf(each))) ?? name;
}
