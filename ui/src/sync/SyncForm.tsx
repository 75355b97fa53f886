import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { api, bodyOf, type Schemas } from "../api/client";
import { atFields, problemsOf } from "../parts/problems";
import { SaveBar } from "../parts/SaveBar";
import { useEditing } from "../parts/useEditing";
import { Mapping, Section } from "./Mapping";
import { Running } from "./Running";

/** A sync's file as a form; what the form cannot express stays in the file as it is. */
export function SyncForm({ file }: { file: Schemas["FileShape"] }) {
  const editing = useEditing(
    file,
    ({ values }) => values ?? {},
    (values) => ({ values }),
  );
  const { draft, setDraft } = editing;
  const path = { slug: String(draft.destination), object: String(draft.object) };
  const { data: object } = useQuery({
    queryKey: ["objects", path.slug, path.object],
    staleTime: Infinity,
    queryFn: () => bodyOf(api.GET("/api/v1/destinations/{slug}/objects/{object}", { params: { path } })),
  });
  return (
    <Stack gap="lg">
      <Mapping slug={file.slug} draft={draft} onChange={setDraft} />
      <Section title="When it runs">
        <Running slug={file.slug} hasAmount={object?.has_amount ?? false} draft={draft} errors={atFields(problemsOf(editing.error))} onChange={setDraft} />
      </Section>
      <SaveBar editing={editing} />
    </Stack>
  );
}
