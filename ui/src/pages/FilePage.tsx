import { Button, Skeleton, Stack, Tabs, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";

import { Hearing } from "../alerts/Hearing";
import { Messages } from "../alerts/Messages";
import type { Schemas } from "../api/client";
import { file, type Kind, me, project } from "../api/queries";
import { FileForm } from "../connect/FileForm";
import { type Described, kinds } from "../connect/kinds";
import { NameDestination } from "../connect/NameDestination";
import { unnamedOf } from "../connect/unnamed";
import { ModelForm } from "../model/ModelForm";
import { Connection } from "../parts/Connection";
import { FileEditor } from "../parts/FileEditor";
import { FileHistory } from "../parts/FileHistory";
import { Gone, isGone } from "../parts/Gone";
import { ObjectMenu } from "../parts/ObjectMenu";
import { Page } from "../parts/Page";
import { Trouble } from "../parts/Trouble";
import { calledBy } from "../parts/words";
import { isAtLeast } from "../session/roles";
import { NotFound } from "../shell/NotFound";
import { NewConnection } from "./NewConnection";
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
  if (slug === "new") return <New key={kind} kind={kind as Kind} />;
  return <One key={`${kind}/${slug}`} kind={kind as Kind} slug={slug} />;
}

function New({ kind }: { kind: Kind }) {
  return kind === "models" ? <NewModel /> : <NewConnection kind={kind as Described} />;
}

function One({ kind, slug }: { kind: Kind; slug: string }) {
  const { data: person } = useSuspenseQuery(me);
  const found = useQuery(file(kind, slug));
  const { data: all } = useQuery(project);
  const mayName = kind === "destinations" && isAtLeast(person.role, "admin");
  if (mayName && !all) return <Skeleton height={320} />;
  if (mayName && all && found.data && unnamedOf(all).includes(slug)) return <NameDestination file={found.data} />;
  return (
    <Page
      title={calledBy(slug, found.data?.values)}
      slug={slug}
      crumbs={[{ text: TITLES[kind]!, to: `/${kind}` as "/" }]}
      actions={
        found.data &&
        isAtLeast(person.role, "editor") && (
          <>
            {kind === "models" && <AddSync model={slug} all={all} />}
            <ObjectMenu file={found.data} />
          </>
        )
      }
    >
      {!found.data && isGone(found.error) && <Gone kind={kind} one={kind.slice(0, -1)} slug={slug} />}
      {found.error && (found.data || !isGone(found.error)) && <Trouble error={found.error} onRetry={() => void found.refetch()} />}
      {found.isPending && <Skeleton height={320} />}
      {found.data && (
        <Stack gap="lg">
          {kind === "destinations" && <Connection slug={slug} mayConnect={isAtLeast(person.role, "admin")} />}
          {kind === "alerts" && <Hearing alert={slug} />}
          <Parts file={found.data} mayEdit={isAtLeast(person.role, "editor")} />
        </Stack>
      )}
    </Page>
  );
}

/** What a model is for; until a sync takes its rows, that is what comes next. */
function AddSync({ model, all }: { model: string; all: Schemas["GlanceShape"][] | undefined }) {
  const isTaken = all?.some((each) => each.kind === "syncs" && each.about.model === model) ?? true;
  return (
    <Button
      variant={isTaken ? "default" : "filled"}
      leftSection={<IconPlus size={16} />}
      component={Link}
      to={"/syncs/new" as string}
      search={{ model, step: 2 } as never}
    >
      Add sync
    </Button>
  );
}

function Parts({ file, mayEdit }: { file: Schemas["FileShape"]; mayEdit: boolean }) {
  const { kind, slug } = file;
  const search = useSearch({ from: "/inside/$kind/$slug" });
  const navigate = useNavigate();
  const isModel = kind === "models";
  const hasForm = mayEdit && file.values !== null;
  const tabs = [
    ...(hasForm && isModel ? [{ value: "settings", text: "Query and key", part: <ModelForm file={file} /> }] : []),
    ...(hasForm && !isModel ? [{ value: "settings", text: "Settings", part: <Settings file={file} /> }] : []),
    { value: "file", text: "File", part: <FileEditor file={file} mayEdit={mayEdit} /> },
    ...(kind === "alerts" ? [{ value: "messages", text: "Messages", part: <Messages alert={slug} /> }] : []),
    { value: "history", text: "History", part: <FileHistory file={file} mayEdit={mayEdit} /> },
  ];
  const shown = tabs.find(({ value }) => value === search.tab) ?? tabs[0]!;
  return (
    <Tabs
      value={shown.value}
      keepMounted={false}
      onChange={(tab) => void navigate({ to: "/$kind/$slug", params: { kind, slug }, search: { tab: tab ?? undefined }, replace: true })}
    >
      <Tabs.List mb="md">
        {tabs.map(({ value, text }) => (
          <Tabs.Tab key={value} value={value}>
            {text}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={shown.value}>{shown.part}</Tabs.Panel>
    </Tabs>
  );
}

function Settings({ file }: { file: Schemas["FileShape"] }) {
  const found = useQuery(kinds(file.kind as Described));
  if (!found.data) return found.error ? <Trouble error={found.error} onRetry={() => void found.refetch()} /> : <Skeleton height={320} />;
  const kind = found.data.find((each) => each.type === file.values?.type);
  if (!kind) return <Text size="sm">There is no form for this type: change it under <i>File</i>.</Text>;
  return <FileForm file={file} kind={kind} />;
}
