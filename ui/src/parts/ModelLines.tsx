import { Checkbox, Group, MultiSelect } from "@mantine/core";

import type { Lines } from "./lines";

type Props = { lines: Lines | null; columns: string[]; proposed: () => Lines | null; onChange: (lines: Lines | null) => void };

/** Whether rows of one key are the lines of one record, in which order, and what differs among them. */
export function ModelLines({ lines, columns, proposed, onChange }: Props) {
  return (
    <>
      <Checkbox
        label="Rows with one key are the lines of one record"
        description="As an invoice has lines: they are gathered into one row, in its column lines."
        checked={lines !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? (proposed() ?? { order_by: [], columns: [] }) : null)}
      />
      {lines && (
        <Group grow align="flex-start">
          <MultiSelect
            label="Lines come in the order of"
            description="No two lines of a record share a place in it."
            required
            searchable
            data={columns}
            value={lines.order_by}
            onChange={(order_by) => onChange({ ...lines, order_by })}
          />
          <MultiSelect
            label="Columns of a line"
            description="What differs from line to line; all others belong to the record."
            required
            searchable
            data={columns.filter((name) => !lines.order_by.includes(name))}
            value={lines.columns}
            onChange={(chosen) => onChange({ ...lines, columns: chosen })}
          />
        </Group>
      )}
    </>
  );
}
