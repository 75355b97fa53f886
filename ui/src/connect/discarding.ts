import { api } from "../api/client";
import { file, names, queries, secrets } from "../api/queries";
import { connection } from "../parts/Connection";
import { nameFrom } from "./sealing";

const REFERENCES = /\$\{(\w+)\}/g;

/** Take back what somebody began to add: its sign-in, its file, and the secrets that no other file names. */
export async function discard(slug: string): Promise<void> {
  const params = { path: { slug } };
  const mine = await textOf(slug);
  const { organisation } = await queries.fetchQuery({ ...connection(slug), staleTime: 0 });
  if (organisation) await api.POST("/api/v1/destinations/{slug}/disconnect", { params });
  await api.DELETE("/api/v1/files/{kind}/{slug}", {
    params: { path: { kind: "destinations", slug }, header: { "if-match": `"${mine.etag}"` } },
  });
  const others = await queries.fetchQuery({ ...names("destinations"), staleTime: 0 });
  const texts = await Promise.all(others.map(textOf));
  const sealed = await queries.fetchQuery({ ...secrets, staleTime: 0 });
  const made = nameFrom(`${slug}_`);
  for (const [whole, name] of mine.text.matchAll(REFERENCES)) {
    const isOwn = name!.startsWith(made) && sealed.some((each) => each.name === name);
    if (isOwn && !texts.some(({ text }) => text.includes(whole))) {
      await api.DELETE("/api/v1/secrets/{name}", { params: { path: { name: name! } } });
    }
  }
}

const textOf = (slug: string) => queries.fetchQuery({ ...file("destinations", slug), staleTime: 0 });
