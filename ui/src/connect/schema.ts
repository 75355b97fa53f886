/** One setting of a kind of source or destination, as its JSON Schema describes it. */
export type Setting = {
  name: string;
  kind: "secret" | "choice" | "boolean" | "number" | "list" | "text";
  about: string;
  required: boolean;
  usual: unknown;
  choices: string[];
};

/** One kind of source or destination. */
export type SourceKind = { type: string; title: string; about: string; settings: Setting[] };

type Schema = Record<string, unknown>;

/** Return the kinds that a schema of files tells of, each with the settings that a form can ask for. */
export function kindsOf(schema: unknown): SourceKind[] {
  return asList((schema as Schema).oneOf).map((one) => {
    const { type, ...properties } = one.properties as Record<string, Schema>;
    const required = (one.required ?? []) as string[];
    const settings = Object.entries(properties).map(([name, property]) => settingOf(name, property, required.includes(name)));
    return {
      type: String(type?.const),
      title: String(type?.description || type?.const).replace(/\.$/, ""),
      about: String(one.description ?? ""),
      settings: settings.filter((each) => each !== null),
    };
  });
}

/** What every file may say, and is said elsewhere in the app or in the file itself. */
const ELSEWHERE = ["description", "alerts"];

function settingOf(name: string, property: Schema, required: boolean): Setting | null {
  // A value may also be a reference or null: what the form asks for is neither.
  const parts = flat(property).filter((part) => part.type !== "null" && !("$ref" in part));
  const part = parts.find((each) => each.type === "array") ?? parts[0];
  const kind = part && kindOf(part);
  if (!kind || ELSEWHERE.includes(name)) return null;
  const choices = ((part.enum as unknown[] | undefined) ?? []).map(String);
  return { name, kind, about: String(property.description ?? ""), required, usual: property.default ?? null, choices };
}

function kindOf(part: Schema): Setting["kind"] | null {
  if (part.format === "password") return "secret";
  if (Array.isArray(part.enum)) return "choice";
  if (part.type === "boolean") return "boolean";
  if (part.type === "integer" || part.type === "number") return "number";
  if (part.type === "array" && (part.items as Schema | undefined)?.type === "string") return "list";
  return part.type === "string" ? "text" : null;
}

const flat = (schema: Schema): Schema[] => ("anyOf" in schema ? asList(schema.anyOf).flatMap(flat) : [schema]);

const asList = (value: unknown): Schema[] => (Array.isArray(value) ? (value as Schema[]) : []);
