import { Anchor, Button, Group, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { api, bodyOf, type Schemas } from "../api/client";
import { isSame, read } from "../api/exact";
import type { Run } from "../api/queries";
import { BriefFacts } from "./Brief";
import { CallDetail } from "./CallDetail";
import { shortly } from "./changes";
import { JsonValue } from "./Json";
import { Lines, linesOf } from "./Lines";
import { Moment } from "./Moment";
import { remedyOf } from "./remedies";
import { RowState } from "./State";
import { Trouble } from "./Trouble";

type Row = Schemas["RunRowShape"];
type Story = Schemas["RowStoryShape"];

/** All that is known of one row of a run: where it came from, what was sent, by which calls, and what came of it. */
export function RowStory({ run, row }: { run: Run; row: Row }) {
  const { data: story, error } = useQuery({
    queryKey: ["runs", run.id, "row", row.seq, row.status],
    queryFn: async () => {
      const params = { path: { id: run.id, seq: row.seq } };
      return read<Story>(await bodyOf(api.GET("/api/v1/runs/{id}/rows/{seq}", { params, parseAs: "text" })));
    },
  });
  return <Told run={run.id} row={row} story={story} error={error} />;
}

/** The same of a row of a sync, as of the run that brought it where it stands. */
export function SyncRowStory({ sync, row }: { sync: string; row: Schemas["SyncRowShape"] }) {
  const { data: story, error } = useQuery({
    queryKey: ["rows", sync, "row", row.key, row.run, row.state],
    queryFn: async () => {
      const params = { path: { slug: sync }, query: { key: row.key } };
      return read<Story>(await bodyOf(api.GET("/api/v1/syncs/{slug}/row", { params, parseAs: "text" })));
    },
  });
  if (story) return <Told run={row.run} row={story} story={story} error={null} />;
  return (
    <>
      {row.rejection && <Why rejection={row.rejection} />}
      <Trouble error={error} />
      {!error && <Skeleton height={200} />}
    </>
  );
}

function Told({ run, row, story, error }: { run: string; row: Row; story: Story | undefined; error: Error | null }) {
  return (
    <Stack>
      <Facts row={row} story={story} />
      {row.rejection && <Why rejection={row.rejection} />}
      {row.warnings.map((each) => (
        <Text key={each} size="sm">
          {each}
        </Text>
      ))}
      <Trouble error={error} />
      {!story && !error && <Skeleton height={200} />}
      {story && <Parts run={run} story={story} />}
    </Stack>
  );
}

function Facts({ row, story }: { row: Row; story: Story | undefined }) {
  const facts: [string, ReactNode][] = [
    ["Outcome", <RowState state={row.status} />],
    ["Operation", `${row.kind}, for a row that is ${row.change}`],
    ["When", story?.at ? <Moment at={story.at} exact /> : story && "nothing was sent"],
    ["Record", <span className="mono">{row.remote_id ?? "–"}</span>],
  ];
  return (
    <div>
      <Table withRowBorders={false} verticalSpacing={4}>
        <Table.Tbody>
          {facts.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Td c="dimmed" w={120}>
                {name}
              </Table.Td>
              <Table.Td>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {story?.page && (
        <Anchor href={story.page} target="_blank" rel="noreferrer" size="sm" ml="md">
          Open it in Xero <IconExternalLink size={13} style={{ verticalAlign: -2 }} />
        </Anchor>
      )}
    </div>
  );
}

function Why({ rejection }: { rejection: NonNullable<Row["rejection"]> }) {
  return (
    <div className="panel" style={{ padding: 14 }}>
      <Text fw={500}>{rejection.message}</Text>
      <Text size="sm" mt={4}>
        {remedyOf(rejection.code, rejection.remedy)}
      </Text>
      <Text size="xs" c="dimmed" mt={6} className="mono">
        {rejection.code}
        {rejection.field && ` · ${rejection.field}`}
      </Text>
    </div>
  );
}

function Parts({ run, story }: { run: string; story: Story }) {
  const { brief, payload, hidden } = story;
  const lines = linesOf(payload);
  return (
    <>
      <BriefFacts brief={brief} taxed={lines !== null} />
      {hidden && (
        <Text size="sm" c="dimmed">
          What the row says and what was sent name people and sums; they are shown to editors.
        </Text>
      )}
      {!hidden && <Source story={story} />}
      {lines && (
        <Section title="Its lines">
          <Lines lines={lines} />
        </Section>
      )}
      {payload && Object.keys(payload).length > 0 && (
        <Section title={story.calls.length > 0 ? "What was sent" : "What it would be sent as"}>
          <div className="panel" style={{ padding: 12 }}>
            <JsonValue value={payload} whole />
          </div>
        </Section>
      )}
      <Calls run={run} numbers={story.calls} />
    </>
  );
}

/** The row as the model has it, beside what was accepted of it before. */
function Source({ story: { source, former } }: { story: Story }) {
  if (!source && !former) {
    return (
      <Text size="sm" c="dimmed">
        The row itself is not kept any more, or was left out for its key.
      </Text>
    );
  }
  const columns = Object.keys(source ?? former ?? {});
  return (
    <Section title={source ? "The row in the source" : "The row before it left the model"}>
      <div className="panel scroll-x">
        <Table verticalSpacing={4}>
          <Table.Tbody>
            {columns.map((name) => {
              const now = (source ?? former)![name];
              const moved = source && former && !isSame(former[name] ?? null, now ?? null);
              return (
                <Table.Tr key={name}>
                  <Table.Td c="dimmed" w={180} className="mono">
                    {name}
                  </Table.Td>
                  <Table.Td>
                    {moved && <span className="before">{shortly(former[name])} </span>}
                    {shortly(now)}
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </div>
    </Section>
  );
}

function Calls({ run, numbers }: { run: string; numbers: number[] }) {
  const [shown, setShown] = useState<number | null>(null);
  if (numbers.length === 0) return null;
  return (
    <Section title={numbers.length === 1 ? "The API call that carried it" : "The API calls that carried it"}>
      <Group gap="xs" mb="sm">
        {numbers.map((number) => (
          <Button
            key={number}
            size="compact-sm"
            variant={number === shown ? "filled" : "default"}
            aria-expanded={number === shown}
            onClick={() => setShown(number === shown ? null : number)}
          >
            Call {number}
          </Button>
        ))}
      </Group>
      {shown !== null && <CallDetail run={run} number={shown} />}
    </Section>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <Title order={3} size="sm" mb={6}>
        {title}
      </Title>
      {children}
    </section>
  );
}
