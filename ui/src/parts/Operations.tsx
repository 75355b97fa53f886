import { Badge, Button, Drawer, Group, Select, Skeleton, Stack, Table, Text, TextInput, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, bodyOf, type Schemas } from "../api/client";
import { changesOf } from "./changes";
import { JsonValue } from "./Json";
import { COLOURS } from "./operationWords";
import { Trouble } from "./Trouble";

type Operation = Schemas["OperationShape"];

/** The operations of a plan, with what they change. */
export function Operations({ sync, plan, kinds }: { sync: string; plan: string; kinds: string[] }) {
  const [text, setText] = useState("");
  const [search] = useDebouncedValue(text, 250);
  const [kind, setKind] = useState<string | null>(null);
  const [chosen, setChosen] = useState<Operation | null>(null);
  const found = useInfiniteQuery({
    queryKey: ["plans", sync, plan, "operations", search, kind],
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam }) => {
      const query = { search, limit: 100, cursor: pageParam, ...(kind ? { kind: [kind as Operation["kind"]] } : {}) };
      const params = { path: { slug: sync, plan }, query };
      return bodyOf(api.GET("/api/v1/syncs/{slug}/plans/{plan}/operations", { params }));
    },
    getNextPageParam: (page) => (page.next === null ? undefined : Number(page.next)),
  });
  const items = found.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <Group mb="sm">
        <TextInput
          w={300}
          aria-label="Search the operations"
          placeholder="Key, record or reason …"
          leftSection={<IconSearch size={15} />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Select w={170} aria-label="Kind" placeholder="Every kind" clearable data={kinds} value={kind} onChange={setKind} />
      </Group>
      <Trouble error={found.error} onRetry={() => void found.refetch()} />
      {found.isPending && <Skeleton height={240} />}
      {found.data && (
        <div className="panel scroll-x">
          <Table highlightOnHover miw={640} layout="fixed">
            <Table.Thead>
              <Table.Tr>
                <Table.Th w={170}>Row</Table.Th>
                <Table.Th w={110}>What</Table.Th>
                <Table.Th>Changes</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((operation) => (
                <Table.Tr key={operation.seq} className="row-link" onClick={() => setChosen(operation)}>
                  <Table.Td className="mono clip">{operation.key}</Table.Td>
                  <Table.Td>
                    <Badge color={COLOURS[operation.kind] ?? "gray"}>{operation.kind}</Badge>
                  </Table.Td>
                  <Table.Td className="clip">
                    <InShort operation={operation} />
                  </Table.Td>
                </Table.Tr>
              ))}
              {items.length === 0 && (
                <Table.Tr>
                  <Table.Td colSpan={3} c="dimmed">
                    No such operation.
                  </Table.Td>
                </Table.Tr>
              )}
            </Table.Tbody>
          </Table>
        </div>
      )}
      {found.hasNextPage && (
        <Button variant="default" mt="md" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          More
        </Button>
      )}
      <Drawer opened={chosen !== null} onClose={() => setChosen(null)} position="right" size="xl" title={`Row ${chosen?.key ?? ""}`}>
        {chosen && <Detail operation={chosen} />}
      </Drawer>
    </>
  );
}

function InShort({ operation }: { operation: Operation }) {
  if (operation.rejection) return <>{operation.rejection.message}</>;
  return (
    <>
      {changesOf(operation).map(([name, before, after]) => (
        <Text span size="sm" key={name} mr="md">
          <Text span inherit c="dimmed">
            {name}
          </Text>{" "}
          {before !== undefined && <span className="before">{shortly(before)}</span>} {shortly(after)}
        </Text>
      ))}
    </>
  );
}

function Detail({ operation }: { operation: Operation }) {
  const fields = changesOf(operation);
  return (
    <Stack>
      <Group>
        <Badge color={COLOURS[operation.kind] ?? "gray"}>{operation.kind}</Badge>
        {operation.remote_id && <Text className="mono" size="sm">{operation.remote_id}</Text>}
      </Group>
      {operation.rejection && (
        <div className="panel" style={{ padding: 14 }}>
          <Text fw={500}>{operation.rejection.message}</Text>
          <Text size="sm">{operation.rejection.remedy}</Text>
        </div>
      )}
      {operation.notes.map((note) => (
        <Text size="sm" key={note}>
          {note}
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
                  <Table.Td className="before">{before === undefined ? "" : shortly(before)}</Table.Td>
                  <Table.Td>{shortly(after)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      {operation.payload && (
        <section>
          <Title order={3} size="sm" mb={6}>
            What is sent
          </Title>
          <div className="panel" style={{ padding: 12 }}>
            <JsonValue value={operation.payload} />
          </div>
        </section>
      )}
    </Stack>
  );
}

function shortly(value: unknown): string {
  if (value === null || value === undefined || value === "") return "nothing";
  if (Array.isArray(value)) return value.length === 1 ? "1 entry" : `${value.length} entries`;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
