import { Button, Group, SegmentedControl, Select, Text } from "@mantine/core";
import { IconEye } from "@tabler/icons-react";

import type { PlacedProblem } from "../api/client";
import { Trouble } from "../parts/Trouble";
import { useRefocus } from "../parts/useRefocus";
import { many, span } from "../parts/words";
import { DbtOrigin } from "./DbtOrigin";
import { type Draft, isWhole, type Method } from "./draft";
import { LookOrigin } from "./LookOrigin";
import { nameOf } from "./names";
import { QueryEditor } from "./QueryEditor";
import { RowTable } from "./RowTable";
import { useTables } from "./tables";
import type { Rows } from "./useRows";

const METHODS: { value: Method; label: string }[] = [
  { value: "sql", label: "SQL query" },
  { value: "table", label: "Table" },
  { value: "dbt", label: "dbt model" },
  { value: "look", label: "Looker Look" },
];

type Props = {
  draft: Draft;
  sources: string[];
  lookers: string[];
  rows: Rows;
  /** What is wrong with the query, if anything. */
  problems: PlacedProblem[];
  error?: string;
  onChange: (part: Partial<Draft>) => void;
};

/** Where a model's rows come from, with a look at the first of them. */
export function Origin({ draft, sources, lookers, rows, problems, error, onChange }: Props) {
  const { preview, isReading, show } = rows;
  const button = useRefocus(isReading);
  const methods = METHODS.filter(({ value }) => value !== "look" || value === draft.method || lookers.length > 0);
  return (
    <>
      <Group align="flex-end">
        <Select label="Source" w={240} allowDeselect={false} data={sources} value={draft.source} error={error} onChange={(source) => onChange({ source, table: null, key: [] })} />
        <SegmentedControl
          aria-label="Method"
          data={methods}
          value={draft.method}
          onChange={(method) => onChange({ method: method as Method, key: [] })}
        />
      </Group>
      <What draft={draft} lookers={lookers} problems={problems} onChange={onChange} onSubmit={show} />
      <Group justify="flex-end">
        <Button ref={button} variant={preview ? "default" : "filled"} leftSection={<IconEye size={16} />} disabled={!isWhole(draft)} loading={isReading} onClick={show}>
          Preview
        </Button>
      </Group>
      <FirstRows rows={rows} />
    </>
  );
}

/** The first rows that were read, or why they were not. */
export function FirstRows({ rows: { preview, error } }: { rows: Rows }) {
  return (
    <>
      <Trouble error={error} />
      <Text size="sm" c="dimmed" aria-live="polite">
        {preview && `${preview.is_whole ? "All" : "The first"} ${many(preview.rows.length, "row")} · ${span(preview.seconds)}`}
      </Text>
      {preview && <RowTable preview={preview} />}
    </>
  );
}

type WhatProps = { draft: Draft; lookers: string[]; problems: PlacedProblem[]; onChange: (part: Partial<Draft>) => void; onSubmit: () => void };

function What({ draft, lookers, problems, onChange, onSubmit }: WhatProps) {
  if (draft.method === "dbt" && draft.git !== null) return null; // there is no list of what is in a repository
  if (draft.method === "dbt") return <DbtOrigin draft={draft} onChange={onChange} />;
  if (draft.method === "look") return <LookOrigin draft={draft} lookers={lookers} onChange={onChange} />;
  if (draft.method === "table") return <TableSelect draft={draft} onChange={onChange} />;
  return <QueryEditor source={draft.source} sql={draft.sql} problems={problems} onChange={(sql) => onChange({ sql })} onSubmit={onSubmit} />;
}

function TableSelect({ draft, onChange }: Pick<WhatProps, "draft" | "onChange">) {
  const { data = [], error } = useTables(draft.source);
  return (
    <>
      <Trouble error={error} />
      <Select
        label="Table"
        placeholder="Table or view"
        searchable
        maw={420}
        allowDeselect={false}
        data={data.map((each) => nameOf(each))}
        value={draft.table}
        onChange={(table) => onChange({ table, key: data.find((each) => nameOf(each) === table)?.primary_key ?? [] })}
      />
    </>
  );
}
