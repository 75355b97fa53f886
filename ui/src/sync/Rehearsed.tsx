import { Alert, List, Loader, Select, Stack, Text, Title } from "@mantine/core";

import type { Schemas } from "../api/client";
import { JsonValue } from "../parts/Json";
import { Trouble } from "../parts/Trouble";
import { remedyOf } from "../parts/remedies";
import type { Rehearsing } from "./useRehearsal";

type Rehearsal = Schemas["RehearsalShape"];

/** One row as it would be sent, live beside the form. */
export function Rehearsed({ rehearsing, onChoose }: { rehearsing: Rehearsing; onChoose: (key: string | null) => void }) {
  const { found, error, isFetching } = rehearsing;
  return (
    <section className="panel rehearsed" aria-labelledby="rehearsed">
      <Title order={2} id="rehearsed" mb="xs">
        What is sent {isFetching && <Loader size={12} ml={6} />}
      </Title>
      <Trouble error={error} />
      {!found && !error && (
        <Text size="sm" c="dimmed">
          Choose how a row finds its record, and the first row is shown here as Xero would get it.
        </Text>
      )}
      {found && <Row found={found} onChoose={onChoose} />}
    </section>
  );
}

function Row({ found, onChoose }: { found: Rehearsal; onChoose: (key: string | null) => void }) {
  return (
    <Stack gap="sm">
      {found.keys.length > 0 && (
        <Select label="Row" searchable allowDeselect={false} data={found.keys} value={found.key} onChange={onChoose} maxDropdownHeight={280} />
      )}
      {found.problems.length > 0 && (
        <Alert color="orange" title="Not complete yet" role="status">
          <List size="sm" spacing={4}>
            {found.problems.map((each, index) => (
              <List.Item key={index}>
                {each.message} {each.remedy}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
      {found.rejection && (
        <Alert color="red" title={found.rejection.message} role="status">
          {remedyOf(found.rejection.code, found.rejection.remedy)}
        </Alert>
      )}
      {found.payload && <JsonValue key={found.key} value={found.payload} whole />}
      {found.create_only.length > 0 && (
        <Text size="xs" c="dimmed">
          Only when the record is created: {found.create_only.join(", ")}.
        </Text>
      )}
      {found.notes.map((note) => (
        <Text key={note} size="xs" c="dimmed">
          {note}
        </Text>
      ))}
      {found.keys.length === 0 && found.problems.length === 0 && (
        <Text size="sm" c="dimmed">
          The model has no row to show.
        </Text>
      )}
    </Stack>
  );
}
