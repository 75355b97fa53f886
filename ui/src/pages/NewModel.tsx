import { Alert, Button, Checkbox, Group, MultiSelect, SegmentedControl, Select, Stack, Text } from "@mantine/core";
import { IconEye } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";

import { api, bodyOf, Refusal, type Schemas } from "../api/client";
import { project, queries } from "../api/queries";
import { useNaming } from "../connect/Naming";
import { DbtOrigin } from "../model/DbtOrigin";
import { type Draft, EMPTY, isWhole, type Method, valuesOf } from "../model/draft";
import { LookOrigin } from "../model/LookOrigin";
import { useTables } from "../model/tables";
import { Editor } from "../parts/Editor";
import { ModelLines } from "../parts/ModelLines";
import { type Lines, proposedLines } from "../parts/lines";
import { RowTable } from "../parts/ModelPreview";
import { Page } from "../parts/Page";
import { Trouble } from "../parts/Trouble";
import { count, many, span } from "../parts/words";

const METHODS: { value: Method; label: string }[] = [
  { value: "sql", label: "SQL query" },
  { value: "table", label: "Table" },
  { value: "dbt", label: "dbt model" },
  { value: "look", label: "Looker Look" },
];

/** A model in two steps: what it returns, then what it is called and what tells its rows apart. */
export function NewModel() {
  const { data: all = [] } = useQuery(project);
  const given = all.filter((each) => each.kind === "sources");
  const sources = given.map((each) => each.slug);
  const lookers = given.filter(({ about }) => about.type === "looker").map((each) => each.slug);
  const [said, setDraft] = useState<Draft>(EMPTY);
  const [naming, setNaming] = useState(false);
  const draft = { ...said, source: said.source ?? sources[0] ?? null, looker: said.looker ?? lookers[0] ?? null };
  const methods = METHODS.filter(({ value }) => value !== "look" || lookers.length > 0);
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
            <Select label="Source" w={240} allowDeselect={false} data={sources} value={draft.source} onChange={(source) => change({ source, table: null, key: [] })} />
            <SegmentedControl
              aria-label="Method"
              data={methods}
              value={draft.method}
              onChange={(method) => change({ method: method as Method, key: [] })}
            />
          </Group>
          <Button
            variant={preview ? "default" : "filled"}
            leftSection={<IconEye size={16} />}
            disabled={!isWhole(draft)}
            loading={previewing.isPending}
            onClick={() => previewing.mutate()}
          >
            Preview
          </Button>
        </Group>
        <What draft={draft} lookers={lookers} error={previewing.error} onChange={change} onSubmit={() => previewing.mutate()} />
        <Trouble error={previewing.error} />
        {preview && (
          <>
            <Text size="sm" c="dimmed">
              The first {many(preview.rows.length, "row")} · {span(preview.seconds)}
            </Text>
            <RowTable preview={preview} />
            {naming ? (
              <Finishing draft={draft} preview={preview} />
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

type WhatProps = { draft: Draft; lookers: string[]; error: unknown; onChange: (part: Partial<Draft>) => void; onSubmit: () => void };

function What({ draft, lookers, error, onChange, onSubmit }: WhatProps) {
  const { data = [], error: unlisted } = useTables(draft.source);
  const tables = useMemo(() => Object.fromEntries(data.map((each) => [nameOf(each), each.columns.map(({ name }) => name)])), [data]);
  if (draft.method === "dbt") return <DbtOrigin draft={draft} onChange={onChange} />;
  if (draft.method === "look") return <LookOrigin draft={draft} lookers={lookers} onChange={onChange} />;
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
          onChange={(table) => onChange({ table, key: data.find((each) => nameOf(each) === table)?.primary_key ?? [] })}
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

function Finishing({ draft, preview }: { draft: Draft; preview: Schemas["PreviewShape"] }) {
  const navigate = useNavigate();
  const columns = preview.columns.map((each) => each.name);
  const { slug, inputs, refuse, isAboutName } = useNaming();
  const [key, setKey] = useState<string[]>(likelyKey(draft.key, columns));
  const [leavesOut, setLeavesOut] = useState(false);
  const [lines, setLines] = useState<Lines | null>(null);
  const values = valuesOf(draft, key, lines);
  const isOrdered = lines === null || (lines.order_by.length > 0 && lines.columns.length > 0);
  const checking = useQuery({
    queryKey: ["key", values],
    enabled: key.length > 0 && isOrdered,
    staleTime: 60_000,
    queryFn: () => bodyOf(api.POST("/api/v1/models/{slug}/key", { params: { path: { slug: "new-model" } }, body: { values } })),
  });
  const failing = checking.data?.left_out ?? 0;
  const isSound = checking.data !== undefined && (failing === 0 || (leavesOut && failing < checking.data.rows));
  const saving = useMutation({
    onMutate: () => refuse(null),
    onError: refuse,
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
        onChange={(chosen) => {
          setKey(chosen);
          setLines(null);
          setLeavesOut(false);
        }}
      />
      <ModelLines
        lines={lines}
        columns={columns.filter((name) => !key.includes(name))}
        proposed={() => proposedLines(preview.rows, key, columns)}
        onChange={setLines}
      />
      {checking.isFetching && <Text size="sm" c="dimmed">The key is held against all rows …</Text>}
      <Trouble error={checking.error ?? (isAboutName ? null : saving.error)} />
      {checking.data && <KeySaid found={checking.data} leavesOut={leavesOut} onLeavesOut={setLeavesOut} />}
      <Group justify="flex-end">
        <Button disabled={!slug || key.length === 0 || !isOrdered || checking.isFetching || !isSound} loading={saving.isPending} onClick={() => saving.mutate()}>
          Finish
        </Button>
      </Group>
    </Stack>
  );
}

/** Return the key that is known of what was chosen, else a column that is called like one. */
function likelyKey(known: string[], columns: string[]): string[] {
  const found = known.map((name) => columns.find((each) => each.toLowerCase() === name.toLowerCase()));
  if (known.length > 0 && found.every((each) => each !== undefined)) return found;
  return columns.filter((each) => each.toLowerCase() === "id").slice(0, 1);
}

type KeySaidProps = { found: Schemas["KeyShape"]; leavesOut: boolean; onLeavesOut: (leavesOut: boolean) => void };

function KeySaid({ found, leavesOut, onLeavesOut }: KeySaidProps) {
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
      <Text size="sm" mt={4}>
        Choose another key, or correct the query. Are the rows with one key the lines of one record, as of an invoice? Say so above.
      </Text>
      {found.left_out < found.rows && (
        <Checkbox
          mt="sm"
          label={`Leave ${found.left_out === 1 ? "this row" : `these ${count(found.left_out)} rows`} out: each run names them as rejected`}
          checked={leavesOut}
          onChange={(event) => onLeavesOut(event.currentTarget.checked)}
        />
      )}
    </Alert>
  );
}
