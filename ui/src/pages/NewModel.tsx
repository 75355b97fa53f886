import { Alert, Button, Group, MultiSelect, SegmentedControl, Select, Stack, Text } from "@mantine/core";
import { IconEye } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";

import { api, bodyOf, Refusal, type Schemas } from "../api/client";
import { project, queries } from "../api/queries";
import { useNaming } from "../connect/Naming";
import { Editor } from "../parts/Editor";
import { RowTable } from "../parts/ModelPreview";
import { Page } from "../parts/Page";
import { Trouble } from "../parts/Trouble";
import { count, many, span } from "../parts/words";

type Method = "sql" | "table";
type Draft = { source: string | null; method: Method; sql: string; table: string | null };

/** A model in two steps: what it returns, then what it is called and what tells its rows apart. */
export function NewModel() {
  const { data: all = [] } = useQuery(project);
  const sources = all.filter((each) => each.kind === "sources").map((each) => each.slug);
  const [said, setDraft] = useState<Draft>({ source: null, method: "sql", sql: "", table: null });
  const [naming, setNaming] = useState(false);
  const draft = { ...said, source: said.source ?? sources[0] ?? null };
  const previewing = useMutation({
    mutationFn: () => {
      const body = { values: valuesOf(draft, ["id"]) };
      return bodyOf(api.POST("/api/v1/models/{slug}/preview", { params: { path: { slug: "new-model" } }, body }));
    },
  });
  const change = (part: Partial<Draft>) => {
    setDraft({ ...said, ...part });
    setNaming(false);
    if (previewing.data || previewing.error) previewing.reset();
  };
  const preview = previewing.data;
  return (
    <Page title="Add model" crumbs={[{ text: "Models", to: "/models" as "/" }]}>
      <Stack gap="lg">
        <Group align="flex-end" justify="space-between">
          <Group align="flex-end">
            <Select label="Source" w={240} allowDeselect={false} data={sources} value={draft.source} onChange={(source) => change({ source, table: null })} />
            <SegmentedControl
              aria-label="Method"
              data={[
                { value: "sql", label: "SQL query" },
                { value: "table", label: "Table" },
              ]}
              value={draft.method}
              onChange={(method) => change({ method: method as Method })}
            />
          </Group>
          <Button
            variant={preview ? "default" : "filled"}
            leftSection={<IconEye size={16} />}
            disabled={!draft.source || (draft.method === "sql" ? draft.sql.trim() === "" : !draft.table)}
            loading={previewing.isPending}
            onClick={() => previewing.mutate()}
          >
            Preview
          </Button>
        </Group>
        <What draft={draft} error={previewing.error} onChange={change} onSubmit={() => previewing.mutate()} />
        <Trouble error={previewing.error} />
        {preview && (
          <>
            <Text size="sm" c="dimmed">
              {many(preview.rows.length, "row")} · {span(preview.seconds)}
            </Text>
            <RowTable preview={preview} />
            {naming ? (
              <Finishing draft={draft} columns={preview.columns.map((each) => each.name)} />
            ) : (
              <Group justify="flex-end">
                <Button onClick={() => setNaming(true)}>Continue</Button>
              </Group>
            )}
          </>
        )}
      </Stack>
    </Page>
  );
}

function valuesOf({ source, method, sql, table }: Draft, key: string[]): Record<string, unknown> {
  return { source, primary_key: key.length === 1 ? key[0] : key, ...(method === "sql" ? { sql } : { table }) };
}

type WhatProps = { draft: Draft; error: unknown; onChange: (part: Partial<Draft>) => void; onSubmit: () => void };

function What({ draft, error, onChange, onSubmit }: WhatProps) {
  const { data = [], error: unlisted } = useQuery({
    queryKey: ["tables", draft.source],
    enabled: draft.source !== null,
    staleTime: 60_000,
    queryFn: async () => (await bodyOf(api.GET("/api/v1/sources/{slug}/tables", { params: { path: { slug: draft.source! } } }))).tables,
  });
  const tables = useMemo(() => Object.fromEntries(data.map((each) => [nameOf(each), each.columns.map(({ name }) => name)])), [data]);
  if (draft.method === "table") {
    return (
      <>
        <Trouble error={unlisted} />
        <Select
          label="Table"
          placeholder="Table or view"
          searchable
          maw={420}
          allowDeselect={false}
          data={Object.keys(tables)}
          value={draft.table}
          onChange={(table) => onChange({ table })}
        />
      </>
    );
  }
  const refused = error instanceof Refusal ? error.problems : [];
  const marks = refused.map(({ line = null, column = null, message, remedy }) => ({ line, column, message: `${message} ${remedy}` }));
  return (
    <Editor language="sql" label="Query" value={draft.sql} onChange={(sql) => onChange({ sql })} marks={marks} tables={tables} minHeight={140} onSubmit={onSubmit} />
  );
}

/** Return a table as a model's file names it: quoted where SQL would fold it or not take it. */
const nameOf = ({ schema, name }: Schemas["ListedTableShape"]) =>
  [schema, name]
    .filter((part) => part !== "")
    .map((part) => (/^[a-z_][a-z0-9_]*$/.test(part) ? part : `"${part.replaceAll('"', '""')}"`))
    .join(".");

function Finishing({ draft, columns }: { draft: Draft; columns: string[] }) {
  const navigate = useNavigate();
  const { slug, inputs } = useNaming();
  const likely = columns.find((each) => each.toLowerCase() === "id");
  const [key, setKey] = useState<string[]>(likely ? [likely] : []);
  const values = valuesOf(draft, key);
  const checking = useQuery({
    queryKey: ["key", values],
    enabled: key.length > 0,
    staleTime: 60_000,
    queryFn: () => bodyOf(api.POST("/api/v1/models/{slug}/key", { params: { path: { slug: "new-model" } }, body: { values } })),
  });
  const saving = useMutation({
    mutationFn: () => bodyOf(api.POST("/api/v1/files/{kind}", { params: { path: { kind: "models" } }, body: { slug, values } })),
    onSuccess: async () => {
      await queries.invalidateQueries();
      await navigate({ to: "/$kind/$slug", params: { kind: "models", slug } });
    },
  });
  return (
    <Stack maw={860}>
      {inputs}
      <MultiSelect
        label="Primary key"
        description="The column, or the columns together, that tell one row from every other."
        placeholder={key.length > 0 ? "" : "Column"}
        required
        searchable
        data={columns}
        value={key}
        onChange={setKey}
      />
      {checking.isFetching && <Text size="sm" c="dimmed">The key is held against all rows …</Text>}
      <Trouble error={checking.error ?? saving.error} />
      {checking.data && <KeySaid found={checking.data} />}
      <Group justify="flex-end">
        <Button disabled={!slug || key.length === 0 || checking.isFetching} loading={saving.isPending} onClick={() => saving.mutate()}>
          Finish
        </Button>
      </Group>
    </Stack>
  );
}

function KeySaid({ found }: { found: Schemas["KeyShape"] }) {
  if (found.left_out === 0) {
    return (
      <Text size="sm" c="dimmed" role="status">
        The key tells all {many(found.rows, "row")} apart.
      </Text>
    );
  }
  return (
    <Alert color="orange" role="status" title={`${count(found.left_out)} of ${many(found.rows, "row")} cannot be synced with this key`}>
      {found.reasons.map((each, index) => (
        <Text size="sm" key={index}>
          {each.message}
        </Text>
      ))}
    </Alert>
  );
}
