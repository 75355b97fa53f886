import { Button, Group, Stack } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";

import { api, bodyOf, type Schemas } from "../api/client";
import { queries } from "../api/queries";
import { Connection, connection } from "../parts/Connection";
import { Page } from "../parts/Page";
import { Trouble } from "../parts/Trouble";
import { useNaming } from "./Naming";
import { discard } from "./discarding";

/** The last step of adding a destination: which organisation it is, and what it is called. */
export function NameDestination({ file }: { file: Schemas["FileShape"] }) {
  const navigate = useNavigate();
  const { slug, title, inputs, refuse, isAboutName } = useNaming();
  const { data: standing } = useQuery(connection(file.slug));
  const naming = useMutation({
    onMutate: () => refuse(null),
    onError: (error) => {
      refuse(error);
      void queries.invalidateQueries({ queryKey: ["files", "destinations", file.slug] }); // its title may be saved by now
    },
    mutationFn: async () => {
      const params = (etag: string) => ({ path: { slug: file.slug }, header: { "if-match": `"${etag}"` } });
      const values = { ...file.values, ...title };
      const at = { ...params(file.etag), path: { kind: "destinations" as const, slug: file.slug } };
      const saved = title.title ? await bodyOf(api.PUT("/api/v1/files/{kind}/{slug}", { params: at, body: { values } })) : null;
      return bodyOf(api.POST("/api/v1/destinations/{slug}/rename", { params: params(saved?.file?.etag ?? file.etag), body: { slug } }));
    },
    onSuccess: async () => {
      await navigate({ to: "/$kind/$slug", params: { kind: "destinations", slug } });
      await queries.invalidateQueries();
    },
  });
  const discarding = useMutation({
    mutationFn: () => discard(file.slug),
    onSuccess: async () => {
      await navigate({ to: "/destinations" as "/" });
      await queries.invalidateQueries();
    },
  });
  const connected = standing?.state === "connected" && standing.choices.length === 0;
  return (
    <Page title="Add destination" crumbs={[{ text: "Destinations", to: "/destinations" as "/" }]}>
      <Stack maw={720} gap="lg">
        <Connection slug={file.slug} mayConnect />
        {connected && inputs}
        <Trouble error={(isAboutName ? null : naming.error) ?? discarding.error} />
        <Group justify="flex-end">
          <Button variant="default" loading={discarding.isPending} onClick={() => discarding.mutate()}>
            Discard
          </Button>
          <Button disabled={!connected || !slug} loading={naming.isPending} onClick={() => naming.mutate()}>
            Finish
          </Button>
        </Group>
      </Stack>
    </Page>
  );
}
