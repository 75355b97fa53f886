/** One setting of a kind of source, destination or alert, as its JSON Schema describes it. */
export type Setting = {
  name: string;
  kind: "secret" | "choice" | "choices" | "boolean" | "number" | "list" | "text";
  about: string;
  required: boolean;
  usual: unknown;
  choices: string[];
  /** In words, where the name is none. */
  title?: string;
  /** Its place among those that most people need, from 0 on. */
  first?: number;
  /** It has to be said as well, unless one of these is. */
  unless?: string[];
};

/** One kind of source, destination or alert. */
export type SourceKind = { type: string; title: string; about: string; retired: boolean; settings: Setting[] };

type Schema = Record<string, unknown>;

/** Return the kinds that a schema of files tells of, each with the settings that a form can ask for. */
export function kindsOf(schema: unknown): SourceKind[] {
  const named = ((schema as Schema).$defs ?? {}) as Record<string, Schema>;
  return asList((schema as Schema).oneOf).map((one) => {
    const { type } = one.properties as Record<string, Schema>;
    return {
      type: String(type?.const),
      title: String(type?.description || type?.const).replace(/\.$/, ""),
      about: String(one.description ?? ""),
      retired: one.deprecated === true,
      settings: settingsOf(one, named),
    };
  });
}

/** Return the settings of a group within a file, such as `keep` of the project; empty where there is no such group. */
export function settingsIn(schema: unknown, group: string): Setting[] {
  const named = ((schema as Schema).$defs ?? {}) as Record<string, Schema>;
  const [found] = variantsOf(schema, group);
  return found ? settingsOf(found, named) : [];
}

/** Return the settings at the top of files that are of one kind only, such as models. */
export const settingsAtTop = (schema: unknown): Setting[] => settingsOf(schema as Schema, ((schema as Schema).$defs ?? {}) as Record<string, Schema>);

/** Return the kinds of a group that is one of several, such as `logs` of the project. */
export function kindsIn(schema: unknown, group: string): SourceKind[] {
  return kindsOf({ $defs: (schema as Schema).$defs, oneOf: variantsOf(schema, group) });
}

function variantsOf(schema: unknown, group: string): Schema[] {
  const { $defs, properties } = schema as { $defs?: Record<string, Schema>; properties?: Record<string, Schema> };
  return objectsIn(properties?.[group] ?? {}, $defs ?? {});
}

function objectsIn(schema: Schema, named: Record<string, Schema>): Schema[] {
  const several = [...asList(schema.anyOf), ...asList(schema.oneOf)];
  if (several.length > 0) return several.flatMap((each) => objectsIn(each, named));
  const name = typeof schema.$ref === "string" ? schema.$ref.split("/").at(-1)! : null;
  if (name !== null) return named[name] ? objectsIn(named[name], named) : [];
  return schema.properties ? [schema] : [];
}

function settingsOf(one: Schema, named: Record<string, Schema>): Setting[] {
  const { type: _, ...properties } = one.properties as Record<string, Schema>;
  const required = (one.required ?? []) as string[];
  const settings = Object.entries(properties).map(([name, property]) => settingOf(name, property, named, required.includes(name)));
  const first = (one["x-first"] ?? []) as string[];
  const [usual, ...others] = asList(one.anyOf).map((each) => each.required as string[]);
  return settings
    .filter((each) => each !== null)
    .map((each) => ({
      ...each,
      ...(first.includes(each.name) ? { first: first.indexOf(each.name) } : {}),
      ...(usual?.includes(each.name) ? { unless: others.flat() } : {}),
    }));
}

/** Return the settings with those marked that have to be said beside what is said. */
export const withRequired = (settings: Setting[], values: Record<string, unknown>): Setting[] =>
  settings.map((each) => ({ ...each, required: each.required || (each.unless !== undefined && !each.unless.some((other) => (values[other] ?? "") !== "")) }));

/** What a file may say, and is said elsewhere in the app or in the file itself. */
const ELSEWHERE = ["alerts"];

function settingOf(name: string, property: Schema, named: Record<string, Schema>, required: boolean): Setting | null {
  const parts = flat(property, named);
  const part = parts.find((each) => each.type === "array") ?? parts[0];
  const kind = part && kindOf(part, named);
  if (!kind || ELSEWHERE.includes(name)) return null;
  const choices = choicesOf(kind === "choices" ? itemOf(part, named) : part);
  const title = titleOf(name, property);
  return { name, kind, about: String(property.description ?? ""), required, usual: property.default ?? null, choices, ...(title ? { title } : {}) };
}

/** Return the title that somebody gave; by itself a schema only repeats the name. */
function titleOf(name: string, { title }: Schema): string | null {
  return typeof title === "string" && title.toLowerCase() !== name.replaceAll("_", " ") ? title : null;
}

function kindOf(part: Schema, named: Record<string, Schema>): Setting["kind"] | null {
  if (part.format === "password") return "secret";
  if (Array.isArray(part.enum)) return "choice";
  if (part.type === "boolean") return "boolean";
  if (part.type === "integer" || part.type === "number") return "number";
  if (part.type === "array") {
    const item = itemOf(part, named);
    if (item?.type !== "string") return null;
    return Array.isArray(item.enum) ? "choices" : "list";
  }
  return part.type === "string" ? "text" : null;
}

const itemOf = (part: Schema, named: Record<string, Schema>): Schema | undefined =>
  part.items ? flat(part.items as Schema, named)[0] : undefined;

const choicesOf = (part: Schema | undefined): string[] => ((part?.enum as unknown[] | undefined) ?? []).map(String);

/** Return what a value may be, without null and `${NAME}`, which no form asks for. */
function flat(schema: Schema, named: Record<string, Schema>): Schema[] {
  if ("anyOf" in schema) return asList(schema.anyOf).flatMap((each) => flat(each, named));
  if (schema.type === "null") return [];
  if (typeof schema.$ref !== "string") return [schema];
  const name = schema.$ref.split("/").at(-1)!;
  return name === "Reference" || !named[name] ? [] : flat(named[name], named);
}

const asList = (value: unknown): Schema[] => (Array.isArray(value) ? (value as Schema[]) : []);
