import { type PlacedProblem, Refusal } from "../api/client";
import { GUARDS } from "./guardWords";

const SHORT = /\b(id|url|ssl|sql|ca|db)\b/gi;
const MISSING = /^The key '.+' is missing\.$/;
const TITLES = ["fields", "values", "look_up"]; // what a form has as a heading needs no name of its own

/** Return a setting's name as people read it. */
export function wordsOf(name: string): string {
  if (Object.hasOwn(GUARDS, name)) return GUARDS[name as keyof typeof GUARDS];
  if (/^[A-Z]/.test(name)) return name;
  const words = name.replaceAll("_", " ");
  return (words[0]!.toUpperCase() + words.slice(1)).replace(SHORT, (word) => word.toUpperCase());
}

/** Return the label of a field that stands at a dotted place of a file. */
export function labelOf(field: string): string {
  const parts = field.split(".").filter((part) => !TITLES.includes(part));
  return parts.map((part) => (/^\d+$/.test(part) ? String(Number(part) + 1) : part === "" ? "" : wordsOf(part))).join(", ");
}

/** Return what is wrong with a field in the words of a form: there are no keys of a file there. */
export function saidOf(problem: Pick<PlacedProblem, "message" | "remedy" | "field">): string {
  const message = messageOf(problem);
  return MISSING.test(problem.message) ? message : `${message} ${problem.remedy ?? ""}`.trim();
}

/** Return the message for who sees the field: its own name is not repeated. */
export function messageOf({ message, field }: Pick<PlacedProblem, "message" | "field">): string {
  if (MISSING.test(message)) return "It has no value yet.";
  const own = `'${field?.split(".").at(-1)}' `;
  return message.startsWith(own) ? message.charAt(own.length).toUpperCase() + message.slice(own.length + 1) : message;
}

/** Return what is wrong, by the place of the field. */
export const atFields = (problems: PlacedProblem[]): Record<string, string> =>
  Object.fromEntries(problems.flatMap((each) => (each.field ? [[each.field, saidOf(each)]] : [])));

/** Return what is wrong within a group, by the place in it. */
export const errorsIn = (errors: Record<string, string>, group: string): Record<string, string> =>
  Object.fromEntries(Object.entries(errors).flatMap(([at, said]) => (at.startsWith(`${group}.`) ? [[at.slice(group.length + 1), said]] : [])));

/** Return what was refused, where it was something of the kind. */
export const problemsOf = (error: unknown): PlacedProblem[] => (error instanceof Refusal ? error.problems : []);

/**
 * Return what was refused less what was wrong with values that are not said any more; null where nothing is left.
 *
 * @param sent what was refused.
 * @param said what stands there now.
 */
export function stillWrong(error: unknown, sent: unknown, said: unknown): unknown {
  if (!(error instanceof Refusal)) return error;
  const left = error.problems.filter(({ field }) => !field || !isAt(sent, field) || isAt(said, field));
  if (left.length === error.problems.length) return error;
  return left.length === 0 ? null : new Refusal(error.status, error.code, error.message, error.remedy, left);
}

function isAt(values: unknown, field: string): boolean {
  let at = values;
  for (const part of field.split(".")) {
    if (at === null || typeof at !== "object" || !(part in at)) return false;
    at = (at as Record<string, unknown>)[part];
  }
  return true;
}

/** Return where in the project's files a problem is, "" where that is not known. */
export const placeOf = ({ path, line }: PlacedProblem): string => (path ? `${path}${line ? `, line ${line}` : ""}` : "");

/** Return what is said of a name that is asked for; undefined where an error is about something else. */
export function aboutName(error: unknown): string | undefined {
  if (!(error instanceof Refusal)) return undefined;
  const whole = error.problems.length === 1 && !error.problems[0]!.field && /slug|name/i.test(error.message);
  if (error.code === "files_in_the_way") return `${error.message} Choose another name.`;
  return whole ? saidOf(error.problems[0]!) : undefined;
}
