import { Alert, Badge, Button, Grid, Group, Loader, Skeleton, Stack, Tabs, Text, Title } from "@mantine/core";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

import { api, bodyOf, type Schemas } from "../api/client";
import { file, me, queries, runs, schedule, standings, tickets, type Ticket } from "../api/queries";
import { FileEditor } from "../parts/FileEditor";
import { FileHistory } from "../parts/FileHistory";
import { Moment } from "../parts/Moment";
import { ObjectMenu } from "../parts/ObjectMenu";
import { Page } from "../parts/Page";
import { RunTable } from "../parts/RunLine";
import { NextRuns } from "../parts/NextRuns";
import { ScheduleWords } from "../parts/ScheduleWords";
import { Health } from "../parts/State";
import { SyncRows } from "../parts/SyncRows";
import { Trouble } from "../parts/Trouble";
import { many } from "../parts/words";
import { isAtLeast } from "../session/roles";
import { Asking } from "../sync/Asking";
import { SyncForm } from "../sync/SyncForm";
import { NewSync } from "./NewSync";

export function SyncPage() {
  const { slug } = useParams({ from: "/inside/syncs/$slug" });
  return slug === "new" ? <NewSync /> : <One key={slug} slug={slug} />;
}

function One({ slug }: { slug: string }) {
  const { tab = "overview" } = useSearch({ from: "/inside/syncs/$slug" });
  const navigate = useNavigate();
  const { data: person } = useSuspenseQuery(me);
  const found = useQuery(file("syncs", slug));
  const { data: all = [] } = useQuery(standings);
  const mayEdit = isAtLeast(person.role, "editor");
  const standing = all.find((each) => each.sync === slug);
  if (found.error) return <Trouble error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return <Skeleton height={360} />;
  const values = found.data.values ?? {};
  return (
    <Page
      title={slug}
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
            <Asking slug={slug} isFirst={standing?.last_run == null} />
            <ObjectMenu file={found.data} />
          </>
        )
      }
    >
      <Work slug={slug} />
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
          <SyncRows sync={slug} mayRetry={mayEdit} />
        </Tabs.Panel>
        <Tabs.Panel value="mapping">{mayEdit && <SyncForm file={found.data} />}</Tabs.Panel>
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

/** What of the sync waits or is under way; a plan or run that has begun is opened once it can be looked at. */
function Work({ slug }: { slug: string }) {
  const navigate = useNavigate();
  const { data: open = [] } = useQuery(tickets(slug));
  const followed = useRef(new Map<string, Ticket>());
  useEffect(() => {
    for (const ticket of open) followed.current.set(ticket.id, ticket);
    const ended = [...followed.current.values()].filter((each) => !open.some(({ id }) => id === each.id));
    for (const ticket of ended) {
      followed.current.delete(ticket.id);
      void queries.invalidateQueries();
      if (ticket.work === "plan") void openPlan(ticket.id);
    }
    async function openPlan(id: string) {
      const ticket = await bodyOf(api.GET("/api/v1/tickets/{id}", { params: { path: { id } } }));
      if (ticket.run) void navigate({ to: "/syncs/$slug/plans/$plan", params: { slug, plan: ticket.run } });
    }
  }, [open, navigate, slug]);
  return (
    <Stack gap="xs" mb={open.length > 0 ? "lg" : 0}>
      {open.map((ticket) => (
        <Alert key={ticket.id} color="ink" icon={ticket.state === "working" ? <Loader size={16} /> : undefined} role="status">
          <Group justify="space-between">
            <Text size="sm">
              <b>{ticket.work === "plan" ? "Plan" : "Run"}</b> {ticket.state === "working" ? "under way" : "waits"} ·{" "}
              {ticket.asked_by ?? ticket.reason} · <Moment at={ticket.asked_at} />
              {ticket.said && ` · ${ticket.said}`}
            </Text>
            {ticket.run && ticket.work === "run" && (
              <Button size="xs" variant="light" component={Link} to={`/runs/${ticket.run}` as string}>
                Watch
              </Button>
            )}
          </Group>
        </Alert>
      ))}
    </Stack>
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
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, lg: 8 }}>
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
            <NextRuns times={coming?.next ?? []} schedule={values.schedule} />
          </div>
          <div className="panel" style={{ padding: 16 }}>
            <Title order={2} mb={6}>
              Rows that wait
            </Title>
            {waiting.length === 0 && (
              <Text size="sm" c="dimmed">
                None.
              </Text>
            )}
            <Group gap="xs">
              {waiting.map(([state, number]) => (
                <Badge key={state} color="orange">
                  {many(number, "row")} {state}
                </Badge>
              ))}
            </Group>
          </div>
        </Stack>
      </Grid.Col>
    </Grid>
  );
}
