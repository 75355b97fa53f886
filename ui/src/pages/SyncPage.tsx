import { Badge, Grid, Group, Skeleton, Stack, Tabs, Text, Title } from "@mantine/core";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";

import type { Schemas } from "../api/client";
import { file, me, runs, schedule, standings } from "../api/queries";
import { FileEditor } from "../parts/FileEditor";
import { FileHistory } from "../parts/FileHistory";
import { Gone, isGone } from "../parts/Gone";
import { ObjectMenu } from "../parts/ObjectMenu";
import { Page } from "../parts/Page";
import { RunTable } from "../parts/RunLine";
import { NextRuns } from "../parts/NextRuns";
import { ScheduleWords } from "../parts/ScheduleWords";
import { Health } from "../parts/State";
import { SyncRows } from "../parts/SyncRows";
import { Trouble } from "../parts/Trouble";
import { calledBy, many } from "../parts/words";
import { isAtLeast } from "../session/roles";
import { Asking } from "../sync/Asking";
import { OpenPlans, WaitingPlan } from "../sync/OpenPlans";
import { SyncForm } from "../sync/SyncForm";
import { Work } from "../sync/Work";
import { NewSync } from "./NewSync";

export function SyncPage() {
  const { slug } = useParams({ from: "/inside/syncs/$slug" });
  return slug === "new" ? <NewSync /> : <One key={slug} slug={slug} />;
}

function One({ slug }: { slug: string }) {
  const { tab = "overview", state } = useSearch({ from: "/inside/syncs/$slug" });
  const navigate = useNavigate();
  const { data: person } = useSuspenseQuery(me);
  const found = useQuery(file("syncs", slug));
  const { data: all = [] } = useQuery(standings);
  const mayEdit = isAtLeast(person.role, "editor");
  const standing = all.find((each) => each.sync === slug);
  if (!found.data && isGone(found.error)) {
    return (
      <Page title={slug} crumbs={[{ text: "Syncs", to: "/syncs" }]}>
        <Gone kind="syncs" one="sync" slug={slug} />
      </Page>
    );
  }
  // What is on the page stays while the server cannot be asked again: somebody may be writing there.
  const trouble = <Trouble error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return found.error ? trouble : <Skeleton height={360} />;
  const values = found.data.values ?? {};
  return (
    <Page
      title={calledBy(slug, values)}
      slug={slug}
      crumbs={[{ text: "Syncs", to: "/syncs" }]}
      under={
        <Group gap="sm">
          {standing && <Health health={standing.health} />}
          <span>
            {String(values.model ?? "?")} → {String(values.destination ?? "?")} · {String(values.object ?? "?")} ·{" "}
            {String(values.mode ?? "upsert")}
          </span>
        </Group>
      }
      actions={
        mayEdit && (
          <>
            <Asking slug={slug} standing={standing} />
            <ObjectMenu file={found.data} />
          </>
        )
      }
    >
      {trouble}
      <Work slug={slug} />
      <WaitingPlan sync={slug} />
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(chosen) =>
          void navigate({ to: "/syncs/$slug", params: { slug }, search: { tab: chosen ?? undefined }, replace: true })
        }
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="overview">Overview</Tabs.Tab>
          <Tabs.Tab value="rows">Rows</Tabs.Tab>
          {mayEdit && <Tabs.Tab value="mapping">Configuration</Tabs.Tab>}
          <Tabs.Tab value="file">File</Tabs.Tab>
          <Tabs.Tab value="history">History</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="overview">
          <Overview slug={slug} standing={standing} values={values} />
        </Tabs.Panel>
        <Tabs.Panel value="rows">
          <SyncRows key={state} sync={slug} mayRetry={mayEdit} only={state} />
        </Tabs.Panel>
        <Tabs.Panel value="mapping">{mayEdit && (found.data.values ? <SyncForm file={found.data} /> : <FileEditor file={found.data} mayEdit />)}</Tabs.Panel>
        <Tabs.Panel value="file">
          <FileEditor file={found.data} mayEdit={mayEdit} />
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <FileHistory file={found.data} mayEdit={mayEdit} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Overview({
  slug,
  standing,
  values,
}: {
  slug: string;
  standing: Schemas["StandingShape"] | undefined;
  values: Record<string, unknown>;
}) {
  const { data: last } = useQuery(runs({ sync: slug, limit: 10 }));
  const { data: times = [] } = useQuery(schedule);
  const coming = times.find((each) => each.sync === slug);
  const waiting = Object.entries(standing?.waiting ?? {});
  const left = standing?.last_run?.counts.rows_left ?? 0;
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, lg: 8 }}>
        <OpenPlans sync={slug} />
        <Title order={2} mb="xs">
          Last runs
        </Title>
        {last && last.items.length > 0 ? (
          <RunTable runs={last.items} withSync={false} />
        ) : (
          <Text size="sm" c="dimmed">
            It was never run. <b>Plan</b> shows what a run would do, and writes nothing.
          </Text>
        )}
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 4 }}>
        <Stack>
          <div className="panel" style={{ padding: 16 }}>
            <Title order={2} mb={6}>
              When it runs
            </Title>
            <ScheduleWords schedule={values.schedule} />
            {coming?.closed && (
              <Text size="sm" c="red">
                The books are closed: {coming.closed.reason}
              </Text>
            )}
            {coming?.problem && (
              <Text size="sm" c="red">
                {coming.problem}
              </Text>
            )}
            <NextRuns times={coming?.next ?? []} schedule={values.schedule} />
          </div>
          <div className="panel" style={{ padding: 16 }}>
            <Title order={2} mb={6}>
              Rows that wait
            </Title>
            {waiting.length === 0 && left === 0 && (
              <Text size="sm" c="dimmed">
                None.
              </Text>
            )}
            <Group gap="xs">
              {waiting.map(([state, number]) => (
                <Badge
                  key={state}
                  color="orange"
                  td="underline"
                  style={{ cursor: "pointer" }}
                  renderRoot={(props) => <Link to="/syncs/$slug" params={{ slug }} search={{ tab: "rows", state }} {...props} />}
                >
                  {many(number, "row")} {state}
                </Badge>
              ))}
            </Group>
            {left > 0 && (
              <Text size="sm" mt={waiting.length > 0 ? "xs" : 0}>
                {many(left, "row")} not sent yet: the last run was one of chosen rows only. The next run sends {left === 1 ? "it" : "them"}.
              </Text>
            )}
          </div>
        </Stack>
      </Grid.Col>
    </Grid>
  );
}
