import { Button, Skeleton, Stack, Tabs } from "@mantine/core";
import { IconPlugConnected } from "@tabler/icons-react";
import { useMutation, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";

import { api, bodyOf } from "../api/client";
import { file, type Kind, me } from "../api/queries";
import { NameDestination } from "../connect/NameDestination";
import { isUnnamed } from "../connect/unnamed";
import { Connection } from "../parts/Connection";
import { FileEditor } from "../parts/FileEditor";
import { FileHistory } from "../parts/FileHistory";
import { ModelPreview } from "../parts/ModelPreview";
import { Page } from "../parts/Page";
import { Steps } from "../parts/Steps";
import { Trouble } from "../parts/Trouble";
import { isAtLeast } from "../session/roles";
import { NotFound } from "../shell/NotFound";
import { NewConnection } from "./NewConnection";
import { NewFile } from "./NewFile";
import { NewModel } from "./NewModel";

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
  if (slug === "new") return <New kind={kind as Kind} />;
  return <One key={`${kind}/${slug}`} kind={kind as Kind} slug={slug} />;
}

function New({ kind }: { kind: Kind }) {
  if (kind === "models") return <NewModel />;
  return kind === "alerts" ? <NewFile kind={kind} /> : <NewConnection kind={kind as "sources"} />;
}

function One({ kind, slug }: { kind: Kind; slug: string }) {
  const { data: person } = useSuspenseQuery(me);
  const found = useQuery(file(kind, slug));
  const mayEdit = isAtLeast(person.role, "editor");
  const testing = useMutation({ mutationFn: () => test(kind, slug) });
  if (kind === "destinations" && found.data && isUnnamed(slug)) return <NameDestination file={found.data} />;
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
          {kind === "destinations" && <Connection slug={slug} mayConnect={isAtLeast(person.role, "admin")} />}
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
