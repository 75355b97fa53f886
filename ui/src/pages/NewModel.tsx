import { Button, Stack } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

import { api, bodyOf } from "../api/client";
import { queries } from "../api/queries";
import { NAMELESS, type Named, slugFor, titled, useNaming } from "../connect/Naming";
import { type Draft, EMPTY, isWhole, valuesOf } from "../model/draft";
import { KeyFields } from "../model/KeyFields";
import { isCheckable, isSound, keyCheck, likelyKey } from "../model/keys";
import { FirstRows, Origin } from "../model/Origin";
import { useRows } from "../model/useRows";
import { useSources } from "../model/useSources";
import type { Lines } from "../parts/lines";
import { Page } from "../parts/Page";
import { problemsOf } from "../parts/problems";
import { useWizard } from "../parts/useWizard";
import { Wizard } from "../parts/Wizard";

const STEPS = ["Rows", "Name and key"];

type Begun = {
  origin: Draft;
  named: Named;
  /** Null until somebody chooses one. */
  key: string[] | null;
  lines: Lines | null;
  leavesOut: boolean;
};

const NOTHING: Begun = { origin: EMPTY, named: NAMELESS, key: null, lines: null, leavesOut: false };

/** A model in two steps: what it returns, then what it is called and what tells its rows apart. */
export function NewModel() {
  const navigate = useNavigate();
  const { sources, lookers } = useSources();
  const withUsual = (said: Draft) => ({ ...said, source: said.source ?? sources[0] ?? null, looker: said.looker ?? lookers[0] ?? null });
  const { draft: begun, set, step, go, finish } = useWizard<Begun>("model", NOTHING, ({ origin }) => [isWhole(withUsual(origin))]);
  const draft = withUsual(begun.origin);
  const rows = useRows("new-model", valuesOf(draft, ["id"]));
  const { preview } = rows;
  const columns = preview?.columns.map((each) => each.name) ?? [];
  const key = begun.key ?? likelyKey(draft.key, columns);
  const { named, lines, leavesOut } = begun;
  const slug = slugFor(named);
  const values = valuesOf(draft, key, lines);
  const { inputs, refuse, isAboutName } = useNaming([named, (now) => set((was) => ({ ...was, named: now }))]);
  const isNaming = step === 1 && preview !== undefined;
  const checking = useQuery({ ...keyCheck("new-model", values), enabled: isNaming && isCheckable(key, lines) });
  const mayFinish = isCheckable(key, lines) && !checking.isFetching && checking.data !== undefined && isSound(checking.data, leavesOut);
  const saving = useMutation({
    onMutate: () => refuse(null),
    onError: refuse,
    mutationFn: () => bodyOf(api.POST("/api/v1/files/{kind}", { params: { path: { kind: "models" } }, body: { slug, values: { ...values, ...titled(named) } } })),
    onSuccess: () =>
      finish(async () => {
        await queries.invalidateQueries();
        await navigate({ to: "/$kind/$slug", params: { kind: "models", slug }, search: {} });
      }),
  });
  const change = (part: Partial<Begun>) => {
    set((was) => ({ ...was, ...part }));
    saving.reset();
  };
  useRowsAgain(step === 1 && !preview && !rows.error, rows.show);
  return (
    <Page title="Add model" crumbs={[{ text: "Models", to: "/models" as "/" }]}>
      <Wizard
        steps={STEPS}
        step={step}
        onStep={(to) => void go(to)}
        error={isAboutName ? null : saving.error}
        unwritten={`models/${slug}.`}
        actions={
          step === 0 ? (
            <Button disabled={!preview} onClick={() => void go(1)}>
              Continue
            </Button>
          ) : (
            <>
              <Button variant="default" onClick={() => void go(0)}>
                Back
              </Button>
              <Button disabled={!slug || !mayFinish} loading={saving.isPending} onClick={() => saving.mutate()}>
                Finish
              </Button>
            </>
          )
        }
      >
        <Stack gap="lg">
          {step === 0 && (
            <Origin
              draft={draft}
              sources={sources}
              lookers={lookers}
              rows={rows}
              problems={problemsOf(rows.error)}
              onChange={(part) => change({ origin: { ...begun.origin, ...part }, key: null, lines: null, leavesOut: false })}
            />
          )}
          {isNaming && (
            <Stack maw={860}>
              {inputs}
              <KeyFields
                value={key}
                lines={lines}
                columns={columns}
                read={preview}
                checking={checking}
                leavesOut={leavesOut}
                onChange={(chosen) => change({ key: chosen, lines: null, leavesOut: false })}
                onLines={(said) => change({ lines: said, leavesOut: false })}
                onLeavesOut={(isAllowed) => change({ leavesOut: isAllowed })}
              />
            </Stack>
          )}
          {step === 1 && <FirstRows rows={rows} />}
        </Stack>
      </Wizard>
    </Page>
  );
}

/** Read the rows once more where a step needs them and the page was loaded anew. */
function useRowsAgain(areMissing: boolean, read: () => void) {
  const asked = useRef(false);
  useEffect(() => {
    if (!areMissing) asked.current = false;
    else if (!asked.current) {
      asked.current = true;
      read();
    }
  }, [areMissing, read]);
}
