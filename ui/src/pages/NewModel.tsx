import { Button, Group, MultiSelect, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconEye } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { api, bodyOf, Refusal } from "../api/client";
import { project, queries } from "../api/queries";
import { Editor } from "../parts/Editor";
import { RowTable } from "../parts/ModelPreview";
import { Page } from "../parts/Page";
import { Trouble } from "../parts/Trouble";
import { many, slugOf, span } from "../parts/words";

/** A model in two steps: what it returns, then what it is called and what tells its rows apart. */
export function NewModel() {
  const navigate = useNavigate();
  const { data: all = [] } = useQuery(project);
  const sources = all.filter((each) => each.kind === "sources").map((each) => each.slug);
  const [chosen, setSource] = useState<string | null>(null);
  const [sql, setSql] = useState("");
  const [name, setName] = useState("");
  const [slugSaid, setSlug] = useState<string | null>(null);
  const [primaryKey, setPrimaryKey] = useState<string[]>([]);
  const source = chosen ?? sources[0] ?? null;
  const slug = slugSaid ?? slugOf(name);

  const previewing = useMutation({
    mutationFn: () => {
      const values = { source, primary_key: primaryKey.length > 0 ? primaryKey : "id", sql };
      return bodyOf(api.POST("/api/v1/models/{slug}/preview", { params: { path: { slug: slug || "new-model" } }, body: { values } }));
    },
    onSuccess: ({ columns }) => {
      const likely = columns.find((each) => each.name.toLowerCase() === "id");
      if (primaryKey.length === 0 && likely) setPrimaryKey([likely.name]);
    },
  });
  const saving = useMutation({
    mutationFn: () => {
      const key = primaryKey.length === 1 ? primaryKey[0] : primaryKey;
      const body = { slug, values: { source, primary_key: key, sql } };
      return bodyOf(api.POST("/api/v1/files/{kind}", { params: { path: { kind: "models" } }, body }));
    },
    onSuccess: async () => {
      await queries.invalidateQueries();
      await navigate({ to: "/$kind/$slug", params: { kind: "models", slug } });
    },
  });
  const refused = previewing.error instanceof Refusal ? previewing.error.problems : [];
  const marks = refused.map(({ line = null, column = null, message, remedy }) => ({ line, column, message: `${message} ${remedy}` }));
  const preview = previewing.data;
  return (
    <Page title="Add model" crumbs={[{ text: "Models", to: "/models" as "/" }]}>
      <Stack gap="lg">
        <Group align="flex-end" justify="space-between">
          <Select label="Source" w={280} allowDeselect={false} data={sources} value={source} onChange={setSource} />
          <Button
            variant={preview ? "default" : "filled"}
            leftSection={<IconEye size={16} />}
            disabled={!source || sql.trim() === ""}
            loading={previewing.isPending}
            onClick={() => previewing.mutate()}
          >
            Preview
          </Button>
        </Group>
        <Editor language="sql" label="Query" value={sql} onChange={setSql} marks={marks} minHeight={140} onSubmit={() => previewing.mutate()} />
        <Trouble error={previewing.error} />
        {preview && (
          <>
            <Text size="sm" c="dimmed">
              {many(preview.rows.length, "row")} · {span(preview.seconds)}
            </Text>
            <RowTable preview={preview} />
            <Group grow align="flex-start" maw={860}>
              <TextInput label="Name" required value={name} onChange={(event) => setName(event.currentTarget.value)} />
              <TextInput label="Slug" required value={slug} onChange={(event) => setSlug(event.currentTarget.value)} />
              <MultiSelect
                label="Primary key"
                placeholder={primaryKey.length > 0 ? "" : "Column"}
                required
                data={preview.columns.map((each) => each.name)}
                value={primaryKey}
                onChange={setPrimaryKey}
              />
            </Group>
            <Trouble error={saving.error} />
            <Group justify="flex-end">
              <Button disabled={!slug || primaryKey.length === 0} loading={saving.isPending} onClick={() => saving.mutate()}>
                Finish
              </Button>
            </Group>
          </>
        )}
      </Stack>
    </Page>
  );
}
