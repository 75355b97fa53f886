import { Anchor, Button, Grid, Group, List, Progress, SimpleGrid, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import type { Schemas } from "../api/client";
import { activity, quotas, runs, standings } from "../api/queries";
import { Activity } from "../charts/Activity";
import { Empty } from "../parts/Empty";
import { Moment } from "../parts/Moment";
import { Page } from "../parts/Page";
import { RunTable } from "../parts/RunLine";
import { isWaiting } from "../parts/runWords";
import { Health } from "../parts/State";
import { Trouble } from "../parts/Trouble";
import { count, many } from "../parts/words";

type Standing = Schemas["StandingShape"];

/** What a finance team opens every morning: what needs somebody, and how everything stands. */
export function Overview() {
  const found = useQuery(standings);
  if (found.error) return <Trouble error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return <Skeleton height={320} />;
  const all = found.data;
  if (all.length === 0) return <FirstSteps />;
  return (
    <Page title="Overview">
      <Stack gap="xl">
        <Tiles all={all} />
        <Needed all={all} />
        <Activity />
        <Grid gap="lg">
          <Grid.Col span={{ base: 12, lg: 8 }}>
            <Standings all={all} />
          </Grid.Col>
          <Grid.Col span={{ base: 12, lg: 4 }}>
            <Quotas />
          </Grid.Col>
        </Grid>
        <Recent />
      </Stack>
    </Page>
  );
}

function FirstSteps() {
  return (
    <Page title="Overview">
      <Empty
        icon={IconRefresh}
        title="Nothing is synced yet"
        action={
          <Button component={Link} to="/syncs" mt="sm">
            To the syncs
          </Button>
        }
      >
        A source holds the data, a model is a query of it with a key, a destination is an organisation in Xero, and a sync
        writes the rows of a model there.
      </Empty>
    </Page>
  );
}

function Tiles({ all }: { all: Standing[] }) {
  const waiting = all.reduce((sum, each) => sum + Object.values(each.waiting).reduce((a, b) => a + b, 0), 0);
  const needed = all.filter(needsSomebody).length;
  const { data: days } = useQuery(activity);
  const tiles = [
    { text: "Syncs", figure: all.length, under: needed === 0 ? "nobody is needed" : `${count(needed)} of them ${needed === 1 ? "needs" : "need"} somebody` },
    { text: "Running now", figure: all.filter((each) => each.health === "running").length, under: "of these syncs" },
    { text: "Rows that wait", figure: waiting, under: "rejected, parked or uncertain" },
    { text: "Rows synced today", figure: days?.at(-1)?.rows_accepted ?? 0, under: "since midnight" },
  ];
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing="md">
      {tiles.map((tile) => (
        <div key={tile.text} className="panel" style={{ padding: "14px 16px" }}>
          <Text size="sm" c="dimmed">
            {tile.text}
          </Text>
          <Text fz={26} fw={600} lh={1.25} className="figures">
            {count(tile.figure)}
          </Text>
          <Text size="xs" c="dimmed">
            {tile.under}
          </Text>
        </div>
      ))}
    </SimpleGrid>
  );
}

const needsSomebody = ({ health }: Standing) => health === "broken" || health === "attention";

function Needed({ all }: { all: Standing[] }) {
  const needed = all.filter(needsSomebody);
  if (needed.length === 0) return null;
  return (
    <section aria-labelledby="needed">
      <Title order={2} id="needed" mb="xs">
        Needs somebody
      </Title>
      <div className="panel" style={{ padding: "10px 16px" }}>
        <List spacing={6} listStyleType="none">
          {needed.map((each) => (
            <List.Item key={each.sync}>
              <Group gap="sm">
                <Health health={each.health} />
                <Anchor component={Link} to={`/syncs/${each.sync}` as string} size="sm" fw={500}>
                  {each.sync}
                </Anchor>
                <Text size="sm" c="dimmed">
                  {whyOf(each)}
                </Text>
                {each.last_run && isWaiting(each.last_run) && (
                  <Anchor component={Link} to={`/syncs/${each.sync}/plans/${each.last_run.id}` as string} size="sm">
                    Look at it
                  </Anchor>
                )}
              </Group>
            </List.Item>
          ))}
        </List>
      </div>
    </section>
  );
}

function whyOf({ last_run: run, waiting }: Standing): string {
  if (run?.state === "parked") return isWaiting(run) ? "a plan waits for approval" : "its last plan was not executed";
  if (run?.state === "failed" && run.error) return run.error.message;
  const rows = Object.entries(waiting).map(([state, number]) => `${many(number, "row")} ${state}`);
  if (run?.counts.rows_left) rows.push(`${many(run.counts.rows_left, "row")} not sent yet`);
  if (rows.length > 0) return rows.join(", ");
  return run?.error?.message ?? (run ? `the last run was ${run.state}` : "its files are wrong");
}

function Standings({ all }: { all: Standing[] }) {
  return (
    <section aria-labelledby="standings">
      <Title order={2} id="standings" mb="xs">
        Syncs
      </Title>
      <div className="panel scroll-x fits">
        <Table miw={420}>
          <Table.Tbody>
            {all.slice(0, 20).map((each) => (
              <Table.Tr key={each.sync}>
                <Table.Td>
                  <Anchor component={Link} to={`/syncs/${each.sync}` as string} size="sm" fw={500}>
                    {each.sync}
                  </Anchor>
                </Table.Td>
                <Table.Td>
                  <Health health={each.health} />
                </Table.Td>
                <Table.Td ta="right">
                  <Moment at={each.last_run?.started_at} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      {all.length > 20 && (
        <Anchor component={Link} to="/syncs" size="sm" mt="xs" display="inline-block">
          All {count(all.length)} syncs
        </Anchor>
      )}
    </section>
  );
}

const DAY = 5_000;

function Quotas() {
  const { data = [] } = useQuery(quotas);
  return (
    <section aria-labelledby="quotas">
      <Title order={2} id="quotas" mb="xs">
        Calls left today
      </Title>
      <Stack className="panel" p="md" gap="md">
        {data.length === 0 && (
          <Text size="sm" c="dimmed">
            Known after the first call to Xero.
          </Text>
        )}
        {data.map((each) => (
          <div key={each.organisation}>
            <Group justify="space-between" mb={4}>
              <Text size="sm" fw={500}>
                {each.name || each.organisation}
              </Text>
              <Text size="sm" className="figures">
                {each.day_left === null ? "–" : count(each.day_left)}
              </Text>
            </Group>
            <Progress
              value={Math.min(100, ((each.day_left ?? 0) / DAY) * 100)}
              color={(each.day_left ?? DAY) < DAY / 10 ? "red" : "ink"}
              size="sm"
              aria-label={`Calls left today for ${each.name}`}
            />
            {each.blocked_until && (
              <Text size="xs" c="dimmed" mt={4}>
                paused until <Moment at={each.blocked_until} exact />
              </Text>
            )}
          </div>
        ))}
      </Stack>
    </section>
  );
}

function Recent() {
  const { data } = useQuery(runs({ limit: 10 }));
  if (!data || data.items.length === 0) return null;
  return (
    <section aria-labelledby="recent">
      <Title order={2} id="recent" mb="xs">
        Last runs
      </Title>
      <RunTable runs={data.items} />
    </section>
  );
}
