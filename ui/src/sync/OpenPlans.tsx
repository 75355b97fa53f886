import { Alert, Anchor, Badge, Group, Table, Text, Title } from "@mantine/core";
import { IconShieldCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { openPlans } from "../api/queries";
import { Moment } from "../parts/Moment";
import { many } from "../parts/words";

/** Says that a plan waits for somebody who approves. */
export function WaitingPlan({ sync }: { sync: string }) {
  const { data: plans = [] } = useQuery(openPlans(sync));
  const waits = plans.find((plan) => plan.needs_approval);
  if (!waits) return null;
  return (
    <Alert color="orange" icon={<IconShieldCheck size={18} />} role="status" mb="lg">
      <Group gap="xs">
        <Text size="sm">A plan waits for approval.</Text>
        <Anchor component={Link} to={`/syncs/${sync}/plans/${waits.id}` as string} size="sm">
          Look at it
        </Anchor>
      </Group>
    </Alert>
  );
}

const SHOWN = 5;

/** The newest plans that can be executed. */
export function OpenPlans({ sync }: { sync: string }) {
  const { data: plans = [] } = useQuery(openPlans(sync));
  if (plans.length === 0) return null;
  return (
    <section aria-labelledby="open-plans">
      <Title order={2} id="open-plans" mb="xs">
        Plans that can be executed
      </Title>
      <div className="panel scroll-x fits" style={{ marginBottom: 24 }}>
        <Table>
          <Table.Tbody>
            {plans.slice(0, SHOWN).map((plan) => (
              <Table.Tr key={plan.id}>
                <Table.Td>
                  <Anchor component={Link} to={`/syncs/${sync}/plans/${plan.id}` as string} size="sm" fw={500}>
                    Plan <Moment at={plan.created} />
                  </Anchor>
                  <Text size="xs" c="dimmed">
                    {plan.made_by ?? "by its schedule"}, until <Moment at={plan.expires} exact />
                  </Text>
                </Table.Td>
                <Table.Td>
                  {plan.sends === 0 ? "nothing to send" : `${many(plan.sends, "record")} to write`}
                  {plan.left_out > 0 && `, ${many(plan.left_out, "row")} left out`}
                </Table.Td>
                <Table.Td ta="right">{plan.needs_approval && <Badge color="orange" style={{ flex: "none", overflow: "visible" }} miw="max-content">Needs approval</Badge>}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </section>
  );
}
