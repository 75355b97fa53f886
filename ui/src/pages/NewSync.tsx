import { Button, Stack } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";

import { api, bodyOf } from "../api/client";
import { project, queries } from "../api/queries";
import { NAMELESS, type Named, slugFor, titled, useNaming } from "../connect/Naming";
import { Page } from "../parts/Page";
import { atFields, problemsOf } from "../parts/problems";
import { Trouble } from "../parts/Trouble";
import { useWizard } from "../parts/useWizard";
import { Wizard } from "../parts/Wizard";
import { Choice } from "../sync/Choice";
import { type Draft, proposedName } from "../sync/draft";
import { Mapping, Section } from "../sync/Mapping";
import { Running } from "../sync/Running";
import { DESTINATION, firstStepOf, MAPPING, MODEL, NAME, STEPS } from "../sync/steps";
import { objectOf } from "../sync/useParts";
import { useVerdict } from "../sync/useVerdict";

type Begun = { values: Draft; named: Named };

const isReady = ({ values }: Begun) => [Boolean(values.model), Boolean(values.destination), Boolean(values.object)];

/** A sync, from the model whose rows it takes, which may be chosen already, to the name that it gets. */
export function NewSync() {
  const navigate = useNavigate();
  const { model } = useSearch({ from: "/inside/syncs/$slug" });
  const { data: all = [], error } = useQuery(project);
  const taken = all.filter((each) => each.kind === "syncs").map((each) => each.slug);
  const { draft, set, step, go, finish } = useWizard<Begun>("sync", { values: model ? { model } : {}, named: NAMELESS }, isReady);
  const { values } = draft;
  const named = { ...draft.named, name: draft.named.name ?? proposedName(values, taken) };
  const slug = slugFor(named);
  const { inputs, refuse, isAboutName } = useNaming([named, (now) => set((was) => ({ ...was, named: now }))]);
  const verdict = useVerdict();
  const { data: object } = useQuery(objectOf(String(values.destination ?? ""), String(values.object ?? "")));
  const saving = useMutation({
    onMutate: () => refuse(null),
    onError: (refused) => {
      refuse(refused);
      const first = firstStepOf(problemsOf(refused));
      if (first !== null && first !== step) void go(first);
    },
    mutationFn: async () =>
      bodyOf(api.POST("/api/v1/files/{kind}", { params: { path: { kind: "syncs" } }, body: { slug, values: { ...values, ...titled(draft.named) } } })),
    onSuccess: () =>
      finish(async () => {
        await queries.invalidateQueries();
        await navigate({ to: "/syncs/$slug", params: { slug }, search: {} });
      }),
  });
  const change = (now: Draft) => {
    set((was) => ({ ...was, values: now }));
    verdict.forget();
    saving.reset();
  };
  const next = () => {
    if (step !== MAPPING) void go(step + 1);
    else verdict.ask(values, () => void go(NAME));
  };
  const wrong = isAboutName ? null : saving.error;
  const ready = [...isReady(draft), slug !== ""];
  return (
    <Page title="Add sync" crumbs={[{ text: "Syncs", to: "/syncs" }]}>
      <Wizard
        steps={STEPS}
        step={step}
        onStep={(to) => void go(to)}
        error={verdict.error ?? wrong}
        unwritten={`syncs/${slug}.`}
        actions={
          <>
            {step > 0 && (
              <Button variant="default" onClick={() => void go(step - 1)}>
                Back
              </Button>
            )}
            {step < NAME ? (
              <Button ref={verdict.button} disabled={!ready[step]} loading={verdict.isAsking} onClick={next}>
                Continue
              </Button>
            ) : (
              <Button disabled={!ready[NAME]} loading={saving.isPending} onClick={() => saving.mutate()}>
                Finish
              </Button>
            )}
          </>
        }
      >
        <Trouble error={error} />
        {step === MODEL && <Choice kind="models" all={all} value={values.model} onChange={(model) => change({ ...values, model })} />}
        {step === DESTINATION && (
          <Choice kind="destinations" all={all} value={values.destination} onChange={(destination) => change({ ...values, destination })} />
        )}
        {step === MAPPING && <Mapping slug="new-sync" draft={values} wrong={[...verdict.problems, ...problemsOf(wrong)]} onChange={change} />}
        {step === NAME && (
          <Stack gap="lg" maw={820}>
            <Section title="What it is called">{inputs}</Section>
            <Section title="When it runs">
              <Running slug={slug} hasAmount={object?.has_amount ?? false} draft={values} errors={atFields(problemsOf(wrong))} onChange={change} />
            </Section>
          </Stack>
        )}
      </Wizard>
    </Page>
  );
}