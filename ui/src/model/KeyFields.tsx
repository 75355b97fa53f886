import { Alert, Checkbox, MultiSelect, Text } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";

import type { Schemas } from "../api/client";
import { type Lines, proposedLines } from "../parts/lines";
import { ModelLines } from "../parts/ModelLines";
import { Trouble } from "../parts/Trouble";
import { count, many } from "../parts/words";
import type { KeyFound } from "./keys";

type Props = {
  value: string[];
  lines: Lines | null;
  columns: string[];
  /** The first rows, so far as they were read. */
  read: Pick<Schemas["PreviewShape"], "rows" | "columns">;
  checking: Pick<UseQueryResult<KeyFound>, "data" | "error" | "isFetching">;
  leavesOut: boolean;
  errors?: Record<string, string>;
  onChange: (key: string[]) => void;
  onLines: (lines: Lines | null) => void;
  onLeavesOut: (leavesOut: boolean) => void;
  /** The columns are about to be chosen from. */
  onOpen?: () => void;
};

/** What tells a model's rows apart, and how it does so. */
export function KeyFields({ value, lines, columns, read, checking, leavesOut, errors = {}, onChange, onLines, onLeavesOut, onOpen }: Props) {
  return (
    <>
      <MultiSelect
        label="Primary key"
        description="The column, or the columns together, that tell one row from every other."
        placeholder={value.length > 0 ? "" : "Column"}
        required
        searchable
        data={columns}
        value={value}
        error={errors.primary_key}
        onDropdownOpen={onOpen}
        onChange={onChange}
      />
      <ModelLines
        lines={lines}
        columns={columns.filter((name) => !value.includes(name))}
        proposed={() => proposedLines(read.rows, value, read.columns)}
        errors={errors}
        onOpen={onOpen}
        onChange={onLines}
      />
      {checking.isFetching && <Text size="sm" c="dimmed">The key is held against all rows …</Text>}
      <Trouble error={checking.error} />
      {checking.data && <KeySaid found={checking.data} ofLines={lines !== null} leavesOut={leavesOut} onLeavesOut={onLeavesOut} />}
    </>
  );
}

type KeySaidProps = { found: KeyFound; ofLines: boolean; leavesOut: boolean; onLeavesOut: (leavesOut: boolean) => void };

function KeySaid({ found, ofLines, leavesOut, onLeavesOut }: KeySaidProps) {
  if (found.left_out === 0) {
    return (
      <Text size="sm" c="dimmed" role="status">
        {ofLines ? `All ${many(found.rows, "line")} have a place in a record of their key.` : `The key tells all ${many(found.rows, "row")} apart.`}
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
