import { ActionIcon, Checkbox, Group, Popover, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconAdjustments, IconTrash } from "@tabler/icons-react";

import { ColumnSelect } from "./ColumnSelect";
import { type Column, type Field, originOf, said, type Spec, withOrigin, withSaid } from "./draft";

const NULLS = [
  { value: "omit", label: "Leave the field as it is" },
  { value: "clear", label: "Empty the field" },
  { value: "reject", label: "Reject the row" },
];

type Props = {
  field: Field;
  path: string;
  spec: Spec;
  columns: Column[];
  error?: string;
  onChange: (spec: Spec) => void;
  onRemove?: () => void;
};

/** One field with one value: where it comes from, and what happens when there is none. */
export function ScalarField(props: Props) {
  const { field, path, spec, onChange, onRemove } = props;
  const origin = originOf(spec);
  const fixed = field.choices.length > 0;
  return (
    <div className="map-row">
      <FieldName field={field} />
      <div className="map-origin">
        <Select
          aria-label={`${path} comes from`}
          allowDeselect={false}
          data={[
            { value: "column", label: fixed ? "Use column" : "Column" },
            { value: "value", label: fixed ? "List" : "Constant" },
            { value: "template", label: "Template" },
          ]}
          value={origin}
          onChange={(chosen) => chosen && chosen !== origin && onChange(withOrigin(spec, chosen as "column"))}
        />
      </div>
      <div className="map-value">
        <Value {...props} />
      </div>
      <Group gap={2} wrap="nowrap" justify="flex-end" className="map-more">
        <More {...props} />
        {onRemove && (
          <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${path}`} onClick={onRemove}>
            <IconTrash size={16} />
          </ActionIcon>
        )}
      </Group>
    </div>
  );
}

export function FieldName({ field }: { field: Field }) {
  const limit = field.max_length === null ? "" : `, at most ${field.max_length}`;
  return (
    <div>
      <Text size="sm" fw={500}>
        {field.name}
        {field.required && (
          <Text span c="red" title="required">
            {" *"}
          </Text>
        )}
      </Text>
      <Text size="xs" c="dimmed">
        {field.choices.length > 0 ? "one of a list" : field.kind}
        {limit}
      </Text>
    </div>
  );
}

function Value({ field, path, spec, columns, error, onChange }: Props) {
  const origin = originOf(spec);
  if (origin === "column") {
    return (
      <ColumnSelect
        hidden
        label={`${path} column`}
        columns={columns}
        value={said(spec, "column")}
        onChange={(name) => onChange(withSaid(spec, "column", name))}
        error={error}
      />
    );
  }
  if (origin === "value" && field.choices.length > 0) {
    return (
      <Select
        aria-label={`${path} value`}
        placeholder="Value"
        searchable
        allowDeselect={false}
        data={field.choices}
        value={said(spec, "value") || null}
        onChange={(value) => value !== null && onChange(withSaid(spec, "value", value))}
        error={error}
      />
    );
  }
  const template = origin === "template";
  return (
    <TextInput
      aria-label={template ? `${path} template` : `${path} value`}
      placeholder={template ? "{{ first_name }} {{ last_name }}" : "The same for every row"}
      className={template ? "mono" : undefined}
      value={said(spec, origin)}
      onChange={(event) => onChange(withSaid(spec, origin, event.currentTarget.value))}
      error={error}
    />
  );
}

function More({ field, path, spec, onChange }: Props) {
  const origin = originOf(spec);
  const policies = NULLS.filter(({ value }) => value !== "clear" || field.clearable);
  const special = said(spec, "when_null") || said(spec, "only_on_create") === "true";
  return (
    <Popover position="bottom-end" withArrow shadow="md" trapFocus>
      <Popover.Target>
        <ActionIcon variant={special ? "light" : "subtle"} color={special ? "ink" : "gray"} aria-label={`More about ${path}`}>
          <IconAdjustments size={16} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm" w={250}>
          {origin !== "value" && (
            <Select
              label="When it is empty"
              allowDeselect={false}
              comboboxProps={{ withinPortal: false }}
              data={policies}
              value={said(spec, "when_null") || "omit"}
              onChange={(chosen) => onChange(withSaid(spec, "when_null", chosen === "omit" ? undefined : chosen))}
            />
          )}
          <Checkbox
            label="Only when the record is created"
            checked={said(spec, "only_on_create") === "true"}
            onChange={(event) => onChange(withSaid(spec, "only_on_create", event.currentTarget.checked || undefined))}
          />
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
