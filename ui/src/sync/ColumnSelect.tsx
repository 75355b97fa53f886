import { Group, Select, Text } from "@mantine/core";

import type { Column } from "./draft";

/** A choice among the columns of a model, each with its type. */
export function ColumnSelect({
  label,
  hidden = false,
  columns,
  value,
  onChange,
  error,
}: {
  label: string;
  hidden?: boolean;
  columns: Column[];
  value: string;
  onChange: (name: string) => void;
  error?: string;
}) {
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  // A column that the model no longer has is shown all the same: the API says what is wrong with it.
  const names = value === "" || types.has(value) ? [...types.keys()] : [...types.keys(), value];
  return (
    <Select
      {...(hidden ? { "aria-label": label } : { label })}
      placeholder="Column"
      searchable
      allowDeselect={false}
      data={names}
      value={value || null}
      onChange={(name) => name !== null && onChange(name)}
      error={error}
      maxDropdownHeight={320}
      renderOption={({ option }) => (
        <Group justify="space-between" w="100%" wrap="nowrap">
          <Text size="sm" className="clip">
            {option.value}
          </Text>
          <Text size="xs" c="dimmed" className="mono">
            {types.get(option.value) ?? "not there"}
          </Text>
        </Group>
      )}
    />
  );
}
