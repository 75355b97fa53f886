import { Badge, Group, Stack, Table, Text, Title } from "@mantine/core";

import type { Schemas } from "../api/client";
import { BriefFacts } from "./Brief";
import { changesOf, inWords } from "./changes";
import { JsonValue } from "./Json";
import { Lines, linesOf } from "./Lines";
import { COLOURS } from "./operationWords";
import { inApp, remedyOf } from "./remedies";

/** What a plan does about one row, whole. */
export function OperationDetail({ operation }: { operation: Schemas["OperationShape"] }) {
  const fields = changesOf(operation);
  const lines = linesOf(operation.payload);
  return (
    <Stack>
      <Group>
        <Badge color={COLOURS[operation.kind] ?? "gray"}>{operation.kind}</Badge>
        {operation.remote_id && <Text className="mono" size="sm">{operation.remote_id}</Text>}
      </Group>
      <BriefFacts brief={operation.brief} taxed={lines !== null} />
      {operation.rejection && (
        <div className="panel" style={{ padding: 14 }}>
          <Text fw={500}>{operation.rejection.message}</Text>
          <Text size="sm">{remedyOf(operation.rejection.code, operation.rejection.remedy)}</Text>
        </div>
      )}
      {operation.notes.map((note) => (
        <Text size="sm" key={note}>
          {inApp(note)}
        </Text>
      ))}
      {fields.length > 0 && (
        <div className="panel scroll-x">
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Field</Table.Th>
                <Table.Th>Before</Table.Th>
                <Table.Th>After</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {fields.map(([name, before, after]) => (
                <Table.Tr key={name}>
                  <Table.Td>{name}</Table.Td>
                  <Table.Td className="before">{before === undefined ? "" : inWords(name, before, undefined)}</Table.Td>
                  <Table.Td>{inWords(name, after, operation.brief?.party)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      {lines && (
        <section>
          <Title order={3} size="sm" mb={6}>
            Its lines
          </Title>
          <Lines lines={lines} />
        </section>
      )}
      {operation.payload && (
        <section>
          <Title order={3} size="sm" mb={6}>
            What is sent
          </Title>
          <div className="panel" style={{ padding: 12 }}>
            <JsonValue value={operation.payload} whole />
          </div>
        </section>
      )}
    </Stack>
  );
}
