import { Button, Group, Stack } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { api, bodyOf, type Schemas } from "../api/client";
import { queries } from "../api/queries";
import { useNaming } from "../connect/Naming";
import { type Draft, EMPTY, valuesOf } from "../model/draft";
import { KeyFields } from "../model/KeyFields";
import { isCheckable, isSound, keyCheck, likelyKey } from "../model/keys";
import { Origin } from "../model/Origin";
import { useRows } from "../model/useRows";
import { useSources } from "../model/useSources";
import type { Lines } from "../parts/lines";
import { Page } from "../parts/Page";
import { problemsOf } from "../parts/problems";
import { Trouble } from "../parts/Trouble";

/** A model in two steps: what it returns, then what it is called and what tells its rows apart. */
export function NewModel() {
  const { sources, lookers } = useSources();
  const [said, setDraft] = useState<Draft>(EMPTY);
  const [naming, setNaming] = useState(false);
  const draft = { ...said, source: said.source ?? sources[0] ?? null, looker: said.looker ?? lookers[0] ?? null };
  const rows = useRows("new-model", valuesOf(draft, ["id"]));
  const change = (part: Partial<Draft>) => {
    setDraft({ ...said, ...part });
    setNaming(false);
  };
  return (
    <Page title="Add model" crumbs={[{ text: "Models", to: "/models" as "/" }]}>
      <Stack gap="lg">
        <Origin draft={draft} sources={sources} lookers={lookers} rows={rows} problems={problemsOf(rows.error)} onChange={change} />
        {rows.preview &&
          (naming ? (
            <Finishing draft={draft} preview={rows.preview} />
          ) : (
            <Group justify="flex-end">
              <Button onClick={() => setNaming(true)}>Continue</Button>
            </Group>
          ))}
      </Stack>
    </Page>
  );
}

function Finishing({ draft, preview }: { draft: Draft; preview: Schemas["PreviewShape"] }) {
  const navigate = useNavigate();
  const columns = preview.columns.map((each) => each.name);
  const { slug, inputs, refuse, isAboutName } = useNaming();
  const [key, setKey] = useState<string[]>(likelyKey(draft.key, columns));
  const [leavesOut, setLeavesOut] = useState(false);
  const [lines, setLines] = useState<Lines | null>(null);
  const values = valuesOf(draft, key, lines);
  const checking = useQuery({ ...keyCheck("new-model", values), enabled: isCheckable(key, lines) });
  const mayFinish = isCheckable(key, lines) && !checking.isFetching && checking.data !== undefined && isSound(checking.data, leavesOut);
  const saving = useMutation({
    onMutate: () => refuse(null),
    onError: refuse,
    mutationFn: () => bodyOf(api.POST("/api/v1/files/{kind}", { params: { path: { kind: "models" } }, body: { slug, values } })),
    onSuccess: async () => {
      await queries.invalidateQueries();
      await navigate({ to: "/$kind/$slug", params: { kind: "models", slug } });
    },
  });
  return (
    <Stack maw={860}>
      {inputs}
      <KeyFields
        value={key}
        lines={lines}
        columns={columns}
        read={preview}
        checking={checking}
        leavesOut={leavesOut}
        onChange={(chosen) => {
          setKey(chosen);
          setLines(null);
          setLeavesOut(false);
        }}
        onLines={setLines}
        onLeavesOut={setLeavesOut}
      />
      <Trouble error={isAboutName ? null : saving.error} />
      <Group justify="flex-end">
        <Button disabled={!slug || !mayFinish} loading={saving.isPending} onClick={() => saving.mutate()}>
          Finish
        </Button>
      </Group>
    </Stack>
  );
}
