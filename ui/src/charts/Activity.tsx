import { Grid, Skeleton, Text, Title, VisuallyHidden } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useMemo } from "react";

import { activity, runs } from "../api/queries";
import { stateOf } from "../parts/runWords";
import { many, moment } from "../parts/words";
import { failuresOf } from "./timeline";

const DayChart = lazy(() => import("./DayChart"));
const RunChart = lazy(() => import("./RunChart"));

const HEIGHT = 220;
const MINUTE = 60_000;

/** What was synced and rejected day by day, and when which sync ran. */
export function Activity() {
  const { data: days } = useQuery(activity);
  const { data: last } = useQuery({ ...runs({ limit: 500 }), refetchInterval: MINUTE });
  // Of many runs the failed ones may be further back than the last ones.
  const { data: broken } = useQuery({ ...runs({ state: "failed", limit: 100 }), refetchInterval: MINUTE });
  const all = useMemo(() => [...(last?.items ?? []), ...(broken?.items ?? [])], [last, broken]);
  const failed = failuresOf(all, Date.now() / 1000);
  const rejected = useMemo(() => days?.reduce((sum, each) => sum + each.rows_rejected, 0) ?? 0, [days]);
  if (!days || !last || last.items.length === 0) return null;
  const synced = days.reduce((sum, each) => sum + each.rows_accepted, 0);
  return (
    <Grid gap="lg">
      <Chart id="by-day" title="Rows by day" under={`${many(synced, "row")} synced and ${many(rejected, "row")} rejected in 30 days`}>
        <DayChart days={days} height={HEIGHT} />
        <VisuallyHidden>
          <table>
            <caption>Rows by day</caption>
            <thead>
              <tr>
                <th scope="col">Day</th>
                <th scope="col">Synced</th>
                <th scope="col">Rejected</th>
                <th scope="col">Runs</th>
                <th scope="col">Failed runs</th>
              </tr>
            </thead>
            <tbody>
              {days.map((each) => (
                <tr key={each.day}>
                  <th scope="row">{each.day}</th>
                  <td>{each.rows_accepted}</td>
                  <td>{each.rows_rejected}</td>
                  <td>{each.runs}</td>
                  <td>{each.failed}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </VisuallyHidden>
      </Chart>
      <Chart id="by-sync" title="Runs of the last 24 hours" under={`${failed === 0 ? "None failed" : `${many(failed, "run")} failed`}. Green done, yellow in part or waiting, red failed, blue running`}>
        <RunChart runs={all} least={HEIGHT} />
        <VisuallyHidden>
          <table>
            <caption>Last runs</caption>
            <thead>
              <tr>
                <th scope="col">Sync</th>
                <th scope="col">State</th>
                <th scope="col">From</th>
                <th scope="col">To</th>
              </tr>
            </thead>
            <tbody>
              {last.items.slice(0, 50).map((run) => (
                <tr key={run.id}>
                  <th scope="row">{run.sync}</th>
                  <td>{stateOf(run)[1]}</td>
                  <td>{moment(run.started_at)}</td>
                  <td>{run.finished_at ? moment(run.finished_at) : "now"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </VisuallyHidden>
      </Chart>
    </Grid>
  );
}

function Chart({ id, title, under, children }: { id: string; title: string; under: string; children: ReactNode }) {
  return (
    <Grid.Col span={{ base: 12, lg: 6 }}>
      <section aria-labelledby={id}>
        <Title order={2} id={id}>
          {title}
        </Title>
        <Text size="sm" c="dimmed" mb="xs">
          {under}
        </Text>
        <div className="panel" style={{ padding: "12px 12px 4px" }}>
          <Suspense fallback={<Skeleton height={HEIGHT} />}>{children}</Suspense>
        </div>
      </section>
    </Grid.Col>
  );
}
