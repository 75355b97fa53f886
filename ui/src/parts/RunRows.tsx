import { Button, Drawer, Group, Select, Skeleton, Stack, Table, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, bodyOf, type Schemas } from "../api/client";
import type { Run } from "../api/queries";
import { RowState } from "./State";
import { Trouble } from "./Trouble";

type Row = Schemas["RunRowShape"];

const STATUSES = ["accepted", "adopted", "unchanged", "rejected", "uncertain", "skipped", "pending"];

/** What became of the rows of a run. */
export function RunRows({ run }: { run: Run }) {
  const [text, setText] = useState("");
  const [search] = useDebouncedValue(text, 250);
  const [status, setStatus] = useState<string | null>((run.counts.rows_rejected ?? 0) > 0 ? "rejected" : null);
  const [chosen, setChosen] = useState<Row | null>(null);
  const found = useInfiniteQuery({
    queryKey: ["runs", run.id, "rows", search, status, run.state === "running"],
    initialPageParam: undefined as number | undefined,
    refetchInterval: run.state === "running" ? 3_000 : false,
    queryFn: ({ pageParam }) => {
      const query = { search, limit: 100, cursor: pageParam, ...(status ? { status } : {}) };
      return bodyOf(api.GET("/api/v1/runs/{id}/rows", { params: { path: { id: run.id }, query } }));
    },
    getNextPageParam: (page) => (page.next === null ? undefined : Number(page.next)),
  });
  const rows = found.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <Group mb="sm">
        <TextInput
          w={300}
          aria-label="Search the rows"
          placeholder="Key, record or reason …"
          leftSection={<IconSearch size={15} />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Select w={170} aria-label="Outcome" placeholder="Every outcome" clearable data={STATUSES} value={status} onChange={setStatus} />
      </Group>
      <Trouble error={found.error} onRetry={() => void found.refetch()} />
      {found.isPending && <Skeleton height={240} />}
      {found.data && (
        <div className="panel scroll-x">
          <Table highlightOnHover miw={680}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Row</Table.Th>
                <Table.Th>What</Table.Th>
                <Table.Th>Outcome</Table.Th>
                <Table.Th>Record</Table.Th>
                <Table.Th>Why</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row) => (
                <Table.Tr key={row.seq} className="row-link" onClick={() => setChosen(row)}>
                  <Table.Td className="mono">{row.key}</Table.Td>
                  <Table.Td>{row.kind}</Table.Td>
                  <Table.Td>
                    <RowState state={row.status} />
                  </Table.Td>
                  <Table.Td className="mono clip" maw={140} title={row.remote_id ?? undefined}>
                    {row.remote_id ?? "–"}
                  </Table.Td>
                  <Table.Td className="clip" maw={360}>
                    {row.rejection?.message ?? row.warnings.join(" ")}
                  </Table.Td>
                </Table.Tr>
              ))}
              {rows.length === 0 && (
                <Table.Tr>
                  <Table.Td colSpan={5} c="dimmed">
                    No such row.
                  </Table.Td>
                </Table.Tr>
              )}
            </Table.Tbody>
          </Table>
        </div>
      )}
      {found.hasNextPage && (
        <Button variant="default" mt="md" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          More rows
        </Button>
      )}
      <Drawer opened={chosen !== null} onClose={() => setChosen(null)} position="right" size="lg" title={`Row ${chosen?.key ?? ""}`}>
        {chosen && <RowDetail row={chosen} />}
      </Drawer>
    </>
  );
}

function RowDetail({ row }: { row: Row }) {
  const facts = { Change: row.change, Operation: row.kind, Outcome: row.status, Record: row.remote_id ?? "–" };
  return (
    <Stack>
      <Table withRowBorders={false} verticalSpacing={4}>
        <Table.Tbody>
          {Object.entries(facts).map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Td c="dimmed" w={120}>
                {name}
              </Table.Td>
              <Table.Td>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {row.rejection && (
        <div className="panel" style={{ padding: 14 }}>
          <Text fw={500}>{row.rejection.message}</Text>
          <Text size="sm" mt={4}>
            {row.rejection.remedy}
          </Text>
          <Text size="xs" c="dimmed" mt={6} className="mono">
            {row.rejection.code}
            {row.rejection.field && ` · ${row.rejection.field}`}
          </Text>
        </div>
      )}
      {row.warnings.map((each) => (
        <Text key={each} size="sm">
          {each}
        </Text>
      ))}
    </Stack>
  );
}
