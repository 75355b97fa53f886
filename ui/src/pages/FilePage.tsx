import { Button, Skeleton, Stack, Tabs } from "@mantine/core";
import { IconPlugConnected } from "@tabler/icons-react";
import { useMutation, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";

import { api, bodyOf } from "../api/client";
import { file, type Kind, me } from "../api/queries";
import { FileEditor } from "../parts/FileEditor";
import { FileHistory } from "../parts/FileHistory";
import { ModelPreview } from "../parts/ModelPreview";
import { Page } from "../parts/Page";
import { Steps } from "../parts/Steps";
import { Trouble } from "../parts/Trouble";
import { isAtLeast } from "../session/roles";
import { NotFound } from "../shell/NotFound";
import { NewFile } from "./NewFile";

const TITLES: Record<string, string> = {
  sources: "Sources",
  models: "Models",
  destinations: "Destinations",
  alerts: "Alerts",
};

/** One source, model, destination or alert. */
export function FilePage() {
  const { kind, slug } = useParams({ from: "/inside/$kind/$slug" });
  if (!(kind in TITLES)) return <NotFound />;
  return slug === "new" ? <NewFile kind={kind as Kind} /> : <One key={`${kind}/${slug}`} kind={kind as Kind} slug={slug} />;
}

function One({ kind, slug }: { kind: Kind; slug: string }) {
  const { data: person } = useSuspenseQuery(me);
  const found = useQuery(file(kind, slug));
  const mayEdit = isAtLeast(person.role, "editor");
  const testing = useMutation({ mutationFn: () => test(kind, slug) });
  const connects = (kind === "sources" || kind === "destinations") && mayEdit;
  return (
    <Page
      title={slug}
      crumbs={[{ text: TITLES[kind]!, to: `/${kind}` as "/" }]}
      actions={
        connects && (
          <Button
            variant="default"
            leftSection={<IconPlugConnected size={16} />}
            loading={testing.isPending}
            onClick={() => testing.mutate()}
          >
            Test connection
          </Button>
        )
      }
    >
      {found.error && <Trouble error={found.error} onRetry={() => void found.refetch()} />}
      {found.isPending && <Skeleton height={320} />}
      {found.data && (
        <Stack gap="lg">
          <Trouble error={testing.error} />
          {testing.data && <Steps connection={testing.data} />}
          <Tabs defaultValue="file" keepMounted={false}>
            <Tabs.List mb="md">
              <Tabs.Tab value="file">{kind === "models" ? "Query and key" : "Settings"}</Tabs.Tab>
              {kind === "models" && mayEdit && <Tabs.Tab value="preview">Preview</Tabs.Tab>}
              <Tabs.Tab value="history">History</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="file" keepMounted>
              <FileEditor file={found.data} mayEdit={mayEdit} />
            </Tabs.Panel>
            <Tabs.Panel value="preview">
              <ModelPreview model={slug} />
            </Tabs.Panel>
            <Tabs.Panel value="history">
              <FileHistory file={found.data} mayEdit={mayEdit} />
            </Tabs.Panel>
          </Tabs>
        </Stack>
      )}
    </Page>
  );
}

function test(kind: Kind, slug: string) {
  const params = { path: { slug } };
  return bodyOf(
    kind === "sources"
      ? api.POST("/api/v1/sources/{slug}/test", { params })
      : api.POST("/api/v1/destinations/{slug}/test", { params }),
  );
}
