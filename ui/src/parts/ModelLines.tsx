import { Checkbox, Group, MultiSelect } from "@mantine/core";

import type { Lines } from "./lines";

type Props = {
  lines: Lines | null;
  columns: string[];
  proposed: () => Lines | null;
  errors: Record<string, string>;
  onChange: (lines: Lines | null) => void;
  /** The columns are about to be chosen from. */
  onOpen?: () => void;
};

/** Whether rows of one key are the lines of one record, in which order, and what differs among them. */
export function ModelLines({ lines, columns, proposed, errors, onChange, onOpen }: Props) {
  const errorAt = (name: string) => Object.entries(errors).find(([at]) => at === name || at.startsWith(`${name}.`))?.[1];
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
            error={errorAt("lines.order_by")}
            onDropdownOpen={onOpen}
            onChange={(order_by) => onChange({ ...lines, order_by })}
          />
          <MultiSelect
            label="Columns of a line"
            description="What differs from line to line; all others belong to the record."
            required
            searchable
            data={columns.filter((name) => !lines.order_by.includes(name))}
            value={lines.columns}
            error={errorAt("lines.columns")}
            onDropdownOpen={onOpen}
            onChange={(chosen) => onChange({ ...lines, columns: chosen })}
          />
        </Group>
      )}
    </>
  );
}
