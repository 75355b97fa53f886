import type { Schemas } from "../api/client";
import { asObject, type Draft, type Field, type ObjectType, type Spec, type Specs } from "./draft";

type Suggestion = Schemas["SuggestionShape"];

/** Return a sync with what was suggested for it; what somebody has mapped already stays. */
export function suggested(draft: Draft, found: Suggestion, object: ObjectType): Draft {
  const lookUps = new Map(object.look_ups.map((each) => [each.field, each]));
  const before = asObject(draft.fields);
  let fields: Specs = {};
  const look_up = { ...asObject(draft.look_up) };
  for (const { field, column } of found.fields) {
    const [head, by] = field.split(".") as [string, string | undefined];
    if (by && lookUps.has(head)) look_up[head] ??= { by, column };
    else fields = put(fields, object.fields, field.split("."), column);
  }
  for (const { field, choices } of found.missing) {
    const path = field.split(".");
    if (path.length > 1 && choices[0] && path[0]! in fields) fields = put(fields, object.fields, path, { value: choices[0] });
  }
  const [group] = found.lines.map(({ field }) => field.split(".")[0]!);
  if (group !== undefined) {
    const inner = object.fields.find((each) => each.name === group)?.fields ?? [];
    const entry = found.lines.reduce<Specs>((all, { field, column }) => put(all, inner, field.split(".").slice(1), column), {});
    fields[group] = { each: "lines", fields: entry };
  }
  const match = found.match && Object.keys(asObject(draft.match)).length === 0;
  return {
    ...draft,
    ...(match ? { match: { [found.match!.field]: found.match!.column } } : {}),
    ...(Object.keys(look_up).length > 0 ? { look_up } : {}),
    fields: { ...fields, ...before },
  };
}

/** Return mappings with one more, as deep as its path goes; a list gets its first entry. */
function put(specs: Specs, fields: Field[], [name, ...rest]: string[], value: Spec): Specs {
  if (name === undefined) return specs;
  if (rest.length === 0) return { ...specs, [name]: value };
  const field = fields.find((each) => each.name === name);
  const there = specs[name];
  const inner = asObject(Array.isArray(there) ? there[0] : there);
  const made = put(inner, field?.fields ?? [], rest, value);
  return { ...specs, [name]: field?.kind === "list" ? [made] : made };
}
