import type { Schemas } from "../api/client";
import { file, type Kind, project, queries } from "../api/queries";

type Named = { kind: Kind; slug: string };
type Values = Record<string, unknown>;

/** Return the files that refer to a file, as they are now; what only `project.yaml` says, the server refuses. */
export async function usersOf(kind: Kind, slug: string): Promise<Named[]> {
  const all = await queries.fetchQuery({ ...project, staleTime: 0 });
  const wanted = all.filter((each) => REFERRING[each.kind as Kind]?.includes(kind));
  const read = await Promise.all(wanted.map((each) => queries.fetchQuery(file(each.kind as Kind, each.slug))));
  return read.filter((each) => refersTo(each, kind, slug)).map((each) => ({ kind: each.kind, slug: each.slug }));
}

/** The kinds of files that a kind of file can name. */
const REFERRING: Partial<Record<Kind, Kind[]>> = {
  models: ["sources"],
  destinations: ["alerts"],
  syncs: ["models", "destinations", "alerts", "syncs"],
};

/** Return whether a file names another. */
export function refersTo({ kind, values }: Pick<Schemas["FileShape"], "kind" | "values">, of: Kind, slug: string): boolean {
  const said = (values ?? {}) as Values;
  const after = (said.schedule as Values | null | undefined)?.after;
  const named: Partial<Record<Kind, unknown[]>> = {
    sources: kind === "models" ? [said.source] : [],
    models: [said.model],
    destinations: [said.destination],
    alerts: [said.alerts].flat(),
    syncs: [after].flat(),
  };
  return named[of]!.includes(slug);
}
