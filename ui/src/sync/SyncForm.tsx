import { Button, Group, Stack } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { useEffect, useState } from "react";

import { api, bodyOf, Refusal, type Schemas } from "../api/client";
import { queries } from "../api/queries";
import { Trouble } from "../parts/Trouble";
import { Mapping, Section } from "./Mapping";
import { Running } from "./Running";

/** A sync's file as a form; what the form cannot express stays in the file as it is. */
export function SyncForm({ file }: { file: Schemas["FileShape"] }) {
  const [draft, setDraft] = useState(file.values ?? {});
  const changed = draft !== file.values;
  useEffect(() => setDraft(file.values ?? {}), [file.etag]);
  useBlocker({
    shouldBlockFn: () => !window.confirm("What you changed is not saved. Leave it?"),
    enableBeforeUnload: changed,
    disabled: !changed,
  });
  const path = { slug: String(draft.destination), object: String(draft.object) };
  const { data: object } = useQuery({
    queryKey: ["objects", path.slug, path.object],
    staleTime: Infinity,
    queryFn: () => bodyOf(api.GET("/api/v1/destinations/{slug}/objects/{object}", { params: { path } })),
  });
  const saving = useMutation({
    mutationFn: () =>
      bodyOf(
        api.PUT("/api/v1/files/{kind}/{slug}", {
          params: { path: { kind: "syncs", slug: file.slug }, header: { "if-match": `"${file.etag}"` } },
          body: { values: draft },
        }),
      ),
    onSuccess: async (saved) => {
      notifications.show({ message: saved.commit ? `Saved and committed as ${saved.commit.slice(0, 8)}` : "Saved" });
      await queries.invalidateQueries();
    },
  });
  return (
    <Stack gap="lg">
      <Mapping slug={file.slug} draft={draft} onChange={setDraft} />
      <Section title="When it runs">
        <Running slug={file.slug} hasAmount={object?.has_amount ?? false} draft={draft} onChange={setDraft} />
      </Section>
      <Trouble error={saving.error} />
      <Group justify="flex-end" gap="xs">
        {saving.error instanceof Refusal && saving.error.status === 412 && (
          <Button variant="default" onClick={() => void queries.invalidateQueries({ queryKey: ["files"] })}>
            Show what is there now
          </Button>
        )}
        <Button variant="default" disabled={!changed} onClick={() => setDraft(file.values ?? {})}>
          Undo all
        </Button>
        <Button disabled={!changed} loading={saving.isPending} onClick={() => saving.mutate()}>
          Save
        </Button>
      </Group>
    </Stack>
  );
}
