import { Anchor, Table, Text } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";

import type { Run } from "../api/queries";
import { Became } from "./Became";
import { Moment } from "./Moment";
import { RowOpener } from "./RowOpener";
import { partOf, restOf } from "./runWords";
import { RunState } from "./State";
import { clock, count, span } from "./words";

/** A table of runs. */
export function RunTable({ runs, withSync = true }: { runs: Run[]; withSync?: boolean }) {
  return (
    <div className="panel scroll-x fits">
      <Table className="stacked" highlightOnHover miw={620}>
        <Table.Thead>
          <Table.Tr>
            {withSync && <Table.Th>Sync</Table.Th>}
            <Table.Th>State</Table.Th>
            <Table.Th className="wide">Started</Table.Th>
            <Table.Th className="wide">Took</Table.Th>
            <Table.Th ta="right" className="wide">Synced</Table.Th>
            <Table.Th ta="right" className="wide">Rejected</Table.Th>
            <Table.Th ta="right" className="wide">Calls</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {runs.map((run) => (
            <RunLine key={run.id} run={run} withSync={withSync} />
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function RunLine({ run, withSync }: { run: Run; withSync: boolean }) {
  const navigate = useNavigate();
  const rejected = run.counts.rows_rejected ?? 0;
  return (
    <RowOpener linked onOpen={() => void navigate({ to: "/runs/$id", params: { id: run.id } })}>
      {withSync && (
        <Table.Td>
          <Anchor
            component={Link}
            to={`/runs/${run.id}` as string}
            size="sm"
            fw={500}
            onClick={(event) => event.stopPropagation()}
          >
            {run.sync}
          </Anchor>
        </Table.Td>
      )}
      <Table.Td>
        <RunState run={run} />
        {run.parked && (
          <Text size="xs" c="dimmed">
            <Became standing={run.parked} approved />
          </Text>
        )}
        {restOf(run) && (
          <Text size="xs" c="dimmed">
            {restOf(run)}
          </Text>
        )}
      </Table.Td>
      <Table.Td className="wide" style={{ whiteSpace: "nowrap" }}>
        {withSync ? <Moment at={run.started_at} /> : <Started run={run} />}
        <Text size="xs" c="dimmed" className="figures">
          {clock(run.started_at)}
        </Text>
        {partOf(run) && (
          <Text size="xs" fw={500}>
            {partOf(run)}
          </Text>
        )}
      </Table.Td>
      <Table.Td className="figures wide">{tookOf(run)}</Table.Td>
      <Table.Td ta="right" className="figures wide">
        {figureOf(run, "rows_accepted")}
      </Table.Td>
      <Table.Td ta="right" className="figures wide">
        <Text span size="sm" c={rejected > 0 ? "red" : undefined} inherit>
          {figureOf(run, "rows_rejected")}
        </Text>
      </Table.Td>
      <Table.Td ta="right" className="figures wide">
        {figureOf(run, "calls")}
      </Table.Td>
      <Table.Td className="headless under">
        <Text span size="xs" c="dimmed" className="figures">
          {clock(run.started_at)}, {withSync ? <Moment at={run.started_at} /> : <Started run={run} />} · {partOf(run) && `${partOf(run)} · `}
          {figureOf(run, "rows_accepted")} synced
          {rejected > 0 && <Text span c="red" inherit> · {count(rejected)} rejected</Text>}
        </Text>
      </Table.Td>
    </RowOpener>
  );
}

/** When a run began, as the link to it. */
function Started({ run }: { run: Run }) {
  return (
    <Anchor component={Link} to={`/runs/${run.id}` as string} inherit underline="always" onClick={(event) => event.stopPropagation()}>
      <Moment at={run.started_at} />
    </Anchor>
  );
}

/** Return a count of a run; of one under way there is none yet, which is not nought. */
const figureOf = (run: Run, name: string): string =>
  run.counts[name] === undefined && run.state === "running" ? "–" : count(run.counts[name] ?? 0);

/** Return how long a run took, or has taken until now. */
export function tookOf(run: Run): string {
  const end = run.finished_at ? new Date(run.finished_at) : new Date();
  return span(Math.max(0, (end.getTime() - new Date(run.started_at).getTime()) / 1000));
}
