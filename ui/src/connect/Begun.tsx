import { Alert, Button, Group, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { project, queries } from "../api/queries";
import { Trouble } from "../parts/Trouble";
import { discard } from "./discarding";
import { unnamedOf } from "./unnamed";

/** Destinations that somebody began to add and left without a name. */
export function Begun() {
  const { data: all = [] } = useQuery(project);
  const discarding = useMutation({ mutationFn: discard, onSuccess: () => queries.invalidateQueries() });
  const begun = unnamedOf(all);
  if (begun.length === 0) return null;
  return (
    <Alert color="ink" mb="lg" title="Somebody began to add a destination, and has not named it yet">
      {begun.map((slug) => (
        <Group key={slug} justify="space-between" mt={4}>
          <Text size="sm" className="mono">
            {slug}
          </Text>
          <Group gap="xs">
            <Button size="xs" component={Link} to={`/destinations/${slug}` as string}>
              Go on
            </Button>
            <Button size="xs" variant="default" loading={discarding.isPending} onClick={() => discarding.mutate(slug)}>
              Discard
            </Button>
          </Group>
        </Group>
      ))}
      <Trouble error={discarding.error} />
    </Alert>
  );
}
