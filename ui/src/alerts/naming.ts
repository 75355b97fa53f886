import { api, bodyOf } from "../api/client";
import { file, type Kind, queries } from "../api/queries";
import { withKey } from "../sync/draft";

/** What an alert is told of: everything, or what some files stand for (`syncs/invoices`), or nothing. */
export type Told = { way: "everything" | "some" | "nothing"; files: string[] };

/** The project's own file stands for everything. */
export const WHOLE = "project";

/** Return what an alert is told of that these files name. */
export function toldOf(namedBy: string[]): Told {
  const files = namedBy.filter((each) => each !== WHOLE);
  return { way: files.length < namedBy.length ? "everything" : files.length > 0 ? "some" : "nothing", files };
}

/** Return the files that name an alert which is told of something; to everything, what names it besides adds nothing. */
export function namingOf({ way, files }: Told): string[] {
  return { everything: [WHOLE, ...files], some: files, nothing: [] }[way];
}

/** Return the values of a file that names an alert, or does not any more. */
export function withAlert(values: Record<string, unknown>, slug: string, named: boolean): Record<string, unknown> {
  const said = [values.alerts ?? []].flat();
  const all = named ? [...new Set([...said, slug])] : said.filter((each) => each !== slug);
  return withKey(values, "alerts", all.length > 0 ? all : undefined);
}

/** Write an alert's name into the files that are to name it, and take it out of the others that did. */
export async function nameIn(slug: string, before: string[], after: string[]): Promise<void> {
  const changed = [...after.filter((each) => !before.includes(each)), ...before.filter((each) => !after.includes(each))];
  for (const path of changed) {
    const [kind, name] = path === WHOLE ? [WHOLE, WHOLE] : (path.split("/") as [string, string]);
    const seen = await queries.fetchQuery({ ...file(kind as Kind, name), staleTime: 0 });
    const values = withAlert(seen.values ?? {}, slug, after.includes(path));
    const params = { path: { kind: kind as Kind, slug: name }, header: { "if-match": `"${seen.etag}"` } };
    await bodyOf(api.PUT("/api/v1/files/{kind}/{slug}", { params, body: { values } }));
  }
}
