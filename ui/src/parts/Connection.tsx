import { Alert, Anchor, Button, Group, Select, Stack, Text } from "@mantine/core";
import { IconExternalLink, IconPlugConnected, IconPlugOff } from "@tabler/icons-react";
import { queryOptions, useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, bodyOf, type Schemas } from "../api/client";
import { queries } from "../api/queries";
import { Moment } from "./Moment";
import { Trouble } from "./Trouble";

type SignIn = Schemas["SignInShape"];

const key = (slug: string) => ["connection", slug];

export const connection = (slug: string) =>
  queryOptions({
    queryKey: key(slug),
    queryFn: () => bodyOf(api.GET("/api/v1/destinations/{slug}/connection", { params: { path: { slug } } })),
  });

/** How the sign-in of a destination stands, and the ways to change that. */
export function Connection({ slug, mayConnect }: { slug: string; mayConnect: boolean }) {
  const params = { path: { slug } };
  const { data, error } = useQuery(connection(slug));
  const again = () => queries.invalidateQueries({ queryKey: key(slug) });
  const connecting = useMutation({
    mutationFn: () => bodyOf(api.POST("/api/v1/destinations/{slug}/connect", { params })),
    onSuccess: ({ url }) => {
      if (url) window.location.assign(url);
      else void again();
    },
  });
  const disconnecting = useMutation({
    mutationFn: () => api.POST("/api/v1/destinations/{slug}/disconnect", { params }),
    onSuccess: again,
  });
  if (error) return <Trouble error={error} />;
  if (!data) return null;
  const connected = data.state === "connected";
  return (
    <Stack className="panel" p="md" gap="sm">
      <Group justify="space-between">
        <How standing={data} />
        {mayConnect && (
          <Group gap="xs">
            <Button
              variant={connected ? "default" : "filled"}
              leftSection={<IconPlugConnected size={16} />}
              loading={connecting.isPending}
              onClick={() => connecting.mutate()}
            >
              {connected ? "Sign in again" : "Connect"}
            </Button>
            {data.organisation && (
              <Button
                variant="subtle"
                color="red"
                leftSection={<IconPlugOff size={16} />}
                loading={disconnecting.isPending}
                onClick={() => window.confirm(`Sign out of ${data.organisation?.name}?`) && disconnecting.mutate()}
              >
                Disconnect
              </Button>
            )}
          </Group>
        )}
      </Group>
      <Trouble error={connecting.error ?? disconnecting.error} />
      {data.choices.length > 0 && mayConnect && <Choosing slug={slug} choices={data.choices} />}
    </Stack>
  );
}

function How({ standing }: { standing: SignIn }) {
  const { state, organisation, lost_at, page } = standing;
  if (state === "connected" && organisation) {
    return (
      <Text size="sm">
        Connected to{" "}
        {page ? (
          <Anchor href={page} target="_blank" rel="noreferrer" fw={600}>
            {organisation.name} <IconExternalLink size={13} style={{ verticalAlign: -2 }} />
          </Anchor>
        ) : (
          <b>{organisation.name}</b>
        )}
      </Text>
    );
  }
  if (state === "lost") {
    return (
      <Text size="sm" c="red">
        The sign-in to {organisation?.name ?? "the organisation"} was lost <Moment at={lost_at} />: sign in again.
      </Text>
    );
  }
  if (state === "elsewhere") {
    return (
      <Text size="sm" c="red">
        The sign-in to {organisation?.name ?? "the organisation"} was made at another server than the one that the file
        names now, and is not sent there: correct <code>base_url</code> in the file, or sign in again.
      </Text>
    );
  }
  return <Text size="sm">Not connected yet.</Text>;
}

function Choosing({ slug, choices }: { slug: string; choices: SignIn["choices"] }) {
  const [id, setId] = useState<string | null>(null);
  const choosing = useMutation({
    mutationFn: () =>
      api.POST("/api/v1/destinations/{slug}/organisation", { params: { path: { slug } }, body: { id: id ?? "" } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: key(slug) }),
  });
  return (
    <Alert color="ink" title="Choose the organisation whose books this destination is">
      <Group align="flex-end">
        <Select
          aria-label="Organisation"
          placeholder="Organisation"
          data={choices.map((each) => ({ value: each.id, label: each.name }))}
          value={id}
          onChange={setId}
        />
        <Button disabled={id === null} loading={choosing.isPending} onClick={() => choosing.mutate()}>
          Choose
        </Button>
      </Group>
      <Trouble error={choosing.error} />
    </Alert>
  );
}
