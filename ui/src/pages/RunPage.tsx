import { Alert, Button, Grid, Group, Progress, Skeleton, Stack, Tabs, Text } from "@mantine/core";
import { IconFileText, IconPlayerStop } from "@tabler/icons-react";
import { useMutation, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";

import { api, Refusal, type Schemas } from "../api/client";
import { type LiveRun, useLive } from "../api/live";
import { me, tickets } from "../api/queries";
import { Became } from "../parts/Became";
import { CallList } from "../parts/CallList";
import { guardsInForm } from "../parts/guardWords";
import { Moment } from "../parts/Moment";
import { Page } from "../parts/Page";
import { remedyOf, waysOf } from "../parts/remedies";
import { tookOf } from "../parts/RunLine";
import { RunRows } from "../parts/RunRows";
import { beganBy, isWaiting, partOf } from "../parts/runWords";
import { RunState } from "../parts/State";
import { Trouble } from "../parts/Trouble";
import { useWhose, Ways } from "../parts/Ways";
import { count, many, span } from "../parts/words";
import { isAtLeast } from "../session/roles";

/** One run, while it happens and afterwards. */
export function RunPage() {
  const { id } = useParams({ from: "/inside/runs/$id" });
  const { tab = "rows" } = useSearch({ from: "/inside/runs/$id" });
  const navigate = useNavigate();
  const live = useLive(id);
  if (live instanceof Refusal) return <Trouble error={live} />;
  if (live === null) return <Skeleton height={360} />;
  const { run } = live;
  return (
    <Page
      title={run.sync}
      crumbs={[
        { text: "Runs", to: "/runs" },
        { text: run.sync, to: `/syncs/${run.sync}` as "/" },
      ]}
      under={
        <Group gap="sm">
          <RunState run={run} />
          <span className="mono">{run.id}</span>
          <Moment at={run.started_at} />
          {run.organisation && <span>{run.organisation.name}</span>}
          {run.reason && <span>{beganBy(run)}</span>}
          {partOf(run) && <Text span size="sm" fw={500}>{partOf(run)}</Text>}
        </Group>
      }
      actions={<Actions run={run} />}
    >
      <Stack gap="lg">
        <Trouble error={live.error} />
        {run.parked && !isWaiting(run) && (
          <Alert color="gray" role="status">
            <Became standing={run.parked} approved exact />
          </Alert>
        )}
        {run.error && (run.state !== "parked" || isWaiting(run)) && <WhyNot run={run} error={run.error} />}
        <Bar live={live} />
        <Figures live={live} />
        <Tabs
          value={tab}
          onChange={(chosen) => void navigate({ to: "/runs/$id", params: { id }, search: { tab: chosen ?? undefined }, replace: true })}
        >
          <Tabs.List mb="md">
            <Tabs.Tab value="rows">Rows</Tabs.Tab>
            <Tabs.Tab value="calls">API calls ({count(live.calls.length)})</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="rows">
            <RunRows run={run} />
          </Tabs.Panel>
          <Tabs.Panel value="calls">
            <CallList run={run.id} calls={live.calls} />
          </Tabs.Panel>
        </Tabs>
      </Stack>
    </Page>
  );
}

/** Why a run did not come to its end, and where that is put right. */
function WhyNot({ run, error }: { run: Schemas["RunShape"]; error: NonNullable<Schemas["RunShape"]["error"]> }) {
  const whose = useWhose(run.sync, true);
  return (
    <Alert color={run.state === "failed" ? "red" : "yellow"} title={guardsInForm(error.message)} role="status">
      {remedyOf(error.code, error.remedy ?? "")}
      {run.resume_at && (
        <Text size="sm">
          It goes on <Moment at={run.resume_at} />.
        </Text>
      )}
      <Group gap="md" mt={4}>
        <Ways ways={waysOf(error.code, whose)} />
      </Group>
    </Alert>
  );
}

function Actions({ run }: { run: Schemas["RunShape"] }) {
  const { data: person } = useSuspenseQuery(me);
  const { data: open = [] } = useQuery({ ...tickets(run.sync), enabled: run.state === "running" });
  const ticket = open.find((each) => each.run === run.id);
  const plan = run.state === "parked" ? run.id : run.plan; // a plan that was not executed has the run's own id
  const stopping = useMutation({
    mutationFn: (id: string) => api.POST("/api/v1/tickets/{id}/cancel", { params: { path: { id } } }),
  });
  return (
    <>
      {plan && (
        <Button
          component={Link}
          to={`/syncs/${run.sync}/plans/${plan}` as string}
          {...(isWaiting(run) ? { color: "orange.8" } : { variant: "default" })}
        >
          {isWaiting(run) ? "Look at the plan that waits" : "Plan"}
        </Button>
      )}
      {run.state !== "running" && (
        <Button
          component="a"
          href={`/api/v1/runs/${run.id}/report`}
          target="_blank"
          variant="default"
          leftSection={<IconFileText size={16} />}
        >
          Report
        </Button>
      )}
      {run.state === "running" && ticket && isAtLeast(person.role, "editor") && (
        <Button
          color="red"
          variant="light"
          leftSection={<IconPlayerStop size={16} />}
          loading={stopping.isPending || stopping.isSuccess}
          onClick={() => stopping.mutate(ticket.id)}
        >
          Stop cleanly
        </Button>
      )}
    </>
  );
}

function Bar({ live: { run, outcomes } }: { live: LiveRun }) {
  const pending = outcomes.pending ?? 0;
  const total = Object.values(outcomes).reduce((sum, each) => sum + each, 0);
  if (run.state !== "running" || total === 0) return null;
  const done = total - pending;
  const seconds = (Date.now() - new Date(run.started_at).getTime()) / 1000;
  const rate = done / Math.max(seconds, 1);
  return (
    <div>
      <Group justify="space-between" mb={4}>
        <Text size="sm" className="figures">
          {count(done)} of {many(total, "row")}
        </Text>
        <Text size="sm" c="dimmed" className="figures">
          {rate.toFixed(1)} rows/s{done > 0 && pending > 0 && ` · about ${span(pending / rate)} to go`}
        </Text>
      </Group>
      <Progress value={(done / total) * 100} animated size="md" aria-label="Progress of the run" />
    </div>
  );
}

function Figures({ live: { run, outcomes, calls } }: { live: LiveRun }) {
  const shown = Object.entries(outcomes).filter(([, number]) => number > 0);
  return (
    <Grid gap="md">
      {shown.map(([name, number]) => (
        <Figure key={name} text={name} figure={count(number)} bad={name === "rejected" || name === "uncertain"} />
      ))}
      <Figure text="API calls" figure={count(calls.length)} />
      <Figure text="took" figure={tookOf(run)} />
    </Grid>
  );
}

function Figure({ text, figure, bad = false }: { text: string; figure: string; bad?: boolean }) {
  return (
    <Grid.Col span={{ base: 6, sm: 3, lg: 2 }}>
      <div className="panel" style={{ padding: "10px 14px" }}>
        <Text size="xs" c="dimmed">
          {text}
        </Text>
        <Text fz={20} fw={600} className="figures" c={bad ? "red" : undefined}>
          {figure}
        </Text>
      </div>
    </Grid.Col>
  );
}

