import { Alert, Button, Checkbox, Group, Modal, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import { IconPlayerPlay, IconShieldCheck } from "@tabler/icons-react";
import { useMutation, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";

import { api, bodyOf, type Schemas } from "../api/client";
import { read } from "../api/exact";
import { file, follow, me } from "../api/queries";
import { Became } from "../parts/Became";
import { Discarding } from "../parts/Discarding";
import { guardsInForm } from "../parts/guardWords";
import { Moment } from "../parts/Moment";
import { Operations } from "../parts/Operations";
import { LEFT_OUT, saysOf, SENDING } from "../parts/operationWords";
import { comesFrom, netOf } from "../parts/moved";
import { Page } from "../parts/Page";
import { Trouble } from "../parts/Trouble";
import { count, many, span } from "../parts/words";
import { isAtLeast } from "../session/roles";

type Plan = Schemas["PlanShape"];

/** What a run would do, before anything touches the books. */
export function PlanPage() {
  const { slug, plan: id } = useParams({ from: "/inside/syncs/$slug/plans/$plan" });
  const found = useQuery({
    queryKey: ["plans", slug, id],
    queryFn: async () => {
      const params = { path: { slug, plan: id } };
      return read<Plan>(await bodyOf(api.GET("/api/v1/syncs/{slug}/plans/{plan}", { params, parseAs: "text" })));
    },
  });
  if (found.error) return <Trouble error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return <Skeleton height={360} />;
  return <Shown plan={found.data} />;
}

function Shown({ plan }: { plan: Plan }) {
  const slug = plan.sync;
  const open = plan.standing.state === "open";
  const { data: person } = useSuspenseQuery(me);
  const mayRun = open && isAtLeast(person.role, "editor");
  const { data: written } = useQuery({ ...file("syncs", slug), retry: false });
  const taxed = written !== undefined && written.values?.object !== "payments";
  return (
    <Page
      title={`Plan of ${slug}`}
      crumbs={[
        { text: "Syncs", to: "/syncs" },
        { text: slug, to: `/syncs/${slug}` as "/" },
      ]}
      under={
        <Group gap="sm">
          <span>{plan.organisation.name}</span>
          <span>
            made{plan.made_by && ` by ${plan.made_by}`} <Moment at={plan.created} />
            {open && (
              <>
                , can be executed until <Moment at={plan.expires} exact />
              </>
            )}
          </span>
        </Group>
      }
      actions={<Executing plan={plan} taxed={taxed} />}
    >
      <Stack gap="lg">
        {!open && (
          <Alert color={plan.standing.state === "executed" ? "teal" : "gray"} role="status">
            <Became standing={plan.standing} exact />
          </Alert>
        )}
        {plan.tripped.length > 0 && (
          <Alert color={open ? "orange" : "gray"} icon={<IconShieldCheck size={18} />} title={open ? "Beyond the guards: it waits for approval" : "Beyond the guards"}>
            {plan.tripped.map((sentence) => (
              <Text size="sm" key={sentence}>
                {guardsInForm(sentence)}
              </Text>
            ))}
          </Alert>
        )}
        {plan.grave !== null && (
          <Alert color={open ? "orange" : "gray"} icon={<IconShieldCheck size={18} />} title={open ? "It waits for approval" : undefined}>
            {plan.grave}
          </Alert>
        )}
        {plan.notes.map((note) => (
          <Alert key={note} color="gray">
            {note}
          </Alert>
        ))}
        <Summary plan={plan} taxed={taxed} mode={written?.values?.mode} />
        <section aria-labelledby="operations">
          <Title order={2} id="operations" mb="xs">
            Row by row
          </Title>
          <Operations sync={slug} plan={plan.id} kinds={Object.keys(plan.operations)} mayRun={mayRun} />
        </section>
      </Stack>
    </Page>
  );
}

function Summary({ plan, taxed, mode }: { plan: Plan; taxed: boolean; mode: unknown }) {
  const kinds = Object.entries(plan.operations).sort(([a], [b]) => SENDING.indexOf(b) - SENDING.indexOf(a));
  const { calls = 0, seconds, day_left: left } = plan.forecast;
  return (
    <div className="panel scroll-x">
      <Table miw={460}>
        <Table.Tbody>
          {kinds.length === 0 && (
            <Table.Tr>
              <Table.Td>Nothing to do: the books say what the model says.</Table.Td>
            </Table.Tr>
          )}
          {kinds.map(([kind, number]) => (
            <Table.Tr key={kind}>
              <Table.Td w={110} ta="right" className="figures" fw={600} fz="lg">
                {count(number)}
              </Table.Td>
              <Table.Td w={110}>{kind}</Table.Td>
              <Table.Td c="dimmed">{saysOf(kind, mode)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Group px="md" py="sm" gap="xl" style={{ borderTop: "1px solid var(--bw-line)" }}>
        <Fact name="Rows read" value={count(plan.rows_read)} />
        <Fact name="Calls" value={left == null ? count(calls) : `${count(calls)} of ${count(left)} left today`} />
        {seconds != null && <Fact name="Takes about" value={span(Number(seconds))} />}
        {Object.entries(plan.money).map(([currency, moved]) => (
          <Fact key={currency} name={taxed ? "Books, without added tax" : "Books"} value={netOf(moved, currency)} under={comesFrom(moved)} />
        ))}
        {Object.entries(plan.first).map(([kind, number]) => (
          <Fact key={kind} name="Made first" value={`${count(number)} ${kind}`} />
        ))}
      </Group>
    </div>
  );
}

function Fact({ name, value, under }: { name: string; value: string; under?: string }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {name}
      </Text>
      <Text size="sm" fw={500} className="figures">
        {value}
      </Text>
      {under && (
        <Text size="xs" c="dimmed" className="figures">
          {under}
        </Text>
      )}
    </div>
  );
}

function Executing({ plan, taxed }: { plan: Plan; taxed: boolean }) {
  const { data: person } = useSuspenseQuery(me);
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const [read, setRead] = useState(false);
  const params = { path: { slug: plan.sync } };
  const guarded = plan.tripped.length > 0 || plan.grave !== null;
  const mayExecute = isAtLeast(person.role, guarded ? "approver" : "editor");
  const executing = useMutation({
    mutationFn: () =>
      bodyOf(
        guarded
          ? api.POST("/api/v1/syncs/{slug}/approvals", { params, body: { plan: plan.id } })
          : api.POST("/api/v1/syncs/{slug}/runs", { params, body: { plan: plan.id } }),
      ),
    onSuccess: async (ticket) => {
      await follow(ticket);
      await navigate({ to: "/syncs/$slug", params: { slug: plan.sync } });
    },
  });
  const sends = SENDING.reduce((sum, kind) => sum + (plan.operations[kind] ?? 0), 0);
  const left = LEFT_OUT.reduce((sum, kind) => sum + (plan.operations[kind] ?? 0), 0);
  if (!isAtLeast(person.role, "editor")) return null;
  if (plan.standing.state !== "open") {
    const { run } = plan.standing;
    return (
      run && (
        <Button component={Link} to={`/runs/${run}` as string} variant="default">
          Executed: see the run
        </Button>
      )
    );
  }
  return (
    <>
      <Button component={Link} to={`/syncs/${plan.sync}` as string} variant="default">
        Not now
      </Button>
      <Discarding sync={plan.sync} plan={plan.id} />
      {mayExecute && (
        <Button
          leftSection={guarded ? <IconShieldCheck size={16} /> : <IconPlayerPlay size={16} />}
          color={guarded ? "orange.8" : undefined}
          variant={sends === 0 ? "default" : "filled"}
          onClick={() => setAsking(true)}
        >
          {guarded ? "Approve and run" : "Run this plan"}
        </Button>
      )}
      <Modal opened={asking} onClose={() => setAsking(false)} title={guarded ? "Approve this plan" : "Run this plan"} centered>
        <Stack>
          <Text size="sm">
            {sends === 0
              ? "Nothing is sent; what was found is taken down."
              : `${many(sends, "record")} in ${plan.organisation.name} will be written, exactly as shown here.`}
            {Object.entries(plan.money).map(([currency, moved]) => ` It books ${netOf(moved, currency)}${taxed ? ", and the tax that Xero adds" : ""}.`)}
          </Text>
          {left > 0 && (
            <Text size="sm" fw={500}>
              {many(left, "row")} cannot be synced and {left === 1 ? "is" : "are"} not in it.
            </Text>
          )}
          {guarded && (
            <Checkbox
              label={plan.grave === null ? "I have looked at what is beyond the guards" : "I have looked at what it does"}
              checked={read}
              onChange={(event) => setRead(event.currentTarget.checked)}
            />
          )}
          <Trouble error={executing.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setAsking(false)}>
              Back
            </Button>
            <Button disabled={guarded && !read} loading={executing.isPending} onClick={() => executing.mutate()}>
              {guarded ? "Approve and run" : "Run"}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
