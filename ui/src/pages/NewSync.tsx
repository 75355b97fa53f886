import { Button, Group, Radio, Stack, Stepper, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { api, bodyOf, type Schemas } from "../api/client";
import { project, queries } from "../api/queries";
import { useNaming } from "../connect/Naming";
import { Page } from "../parts/Page";
import { atFields, problemsOf, stillWrong } from "../parts/problems";
import { Trouble } from "../parts/Trouble";
import { asObject, type Draft } from "../sync/draft";
import { Mapping, Section } from "../sync/Mapping";
import { Running } from "../sync/Running";

const STEPS = ["Model", "Destination", "Mapping", "Name and schedule"];

/** A sync, from the model whose rows it takes to the name that it gets. */
export function NewSync() {
  const navigate = useNavigate();
  const { data: all = [], error } = useQuery(project);
  const [step, setStep] = useState(0);
  const [draft, setDraft] = useState<Draft>({});
  const { slug, inputs, refuse, isAboutName } = useNaming();
  const saving = useMutation({
    onMutate: () => refuse(null),
    onError: refuse,
    mutationFn: async (values: Draft) =>
      bodyOf(api.POST("/api/v1/files/{kind}", { params: { path: { kind: "syncs" } }, body: { slug, values } })),
    onSuccess: async () => {
      await queries.invalidateQueries();
      await navigate({ to: "/syncs/$slug", params: { slug }, search: {} });
    },
  });
  const wrong = stillWrong(saving.error, saving.variables, draft);
  const ready = [Boolean(draft.model), Boolean(draft.destination), Object.values(asObject(draft.match)).some(Boolean), slug !== ""];
  return (
    <Page title="Add sync" crumbs={[{ text: "Syncs", to: "/syncs" }]}>
      <Stepper active={step} onStepClick={(chosen) => chosen < step && setStep(chosen)} size="sm" mb="lg" className="steps">
        {STEPS.map((text) => (
          <Stepper.Step key={text} label={text} />
        ))}
      </Stepper>
      <Trouble error={error} />
      {step === 0 && <Choice kind="models" all={all} value={draft.model} onChange={(model) => setDraft({ ...draft, model })} />}
      {step === 1 && (
        <Choice kind="destinations" all={all} value={draft.destination} onChange={(destination) => setDraft({ ...draft, destination })} />
      )}
      {step === 2 && <Mapping slug={slug || "new-sync"} draft={draft} onChange={setDraft} />}
      {step === 3 && (
        <Stack gap="lg" maw={820}>
          <Section title="What it is called">
            {inputs}
          </Section>
          <Section title="When it runs">
            <Running slug={slug} hasAmount={objectOf(draft)?.has_amount ?? false} draft={draft} errors={atFields(problemsOf(wrong))} onChange={setDraft} />
          </Section>
          {!isAboutName && <Trouble error={wrong} />}
        </Stack>
      )}
      <Group justify="flex-end" mt="lg">
        {step > 0 && (
          <Button variant="default" onClick={() => setStep(step - 1)}>
            Back
          </Button>
        )}
        {step < 3 ? (
          <Button disabled={!ready[step]} onClick={() => setStep(step + 1)}>
            Continue
          </Button>
        ) : (
          <Button disabled={!ready[3]} loading={saving.isPending} onClick={() => saving.mutate(draft)}>
            Finish
          </Button>
        )}
      </Group>
    </Page>
  );
}

/** What the mapping's step has read of the object already. */
const objectOf = (draft: Draft) =>
  queries.getQueryData<Schemas["ObjectShape"]>(["objects", String(draft.destination), String(draft.object)]);

function Choice({
  kind,
  all,
  value,
  onChange,
}: {
  kind: string;
  all: Schemas["GlanceShape"][];
  value: unknown;
  onChange: (slug: string) => void;
}) {
  const items = all.filter((each) => each.kind === kind);
  const one = kind.replace(/s$/, "");
  return (
    <Radio.Group aria-label={`The ${one}`} value={typeof value === "string" ? value : null} onChange={onChange}>
      <Stack gap="xs" maw={560}>
        {items.map(({ slug, about }) => (
          <Radio.Card key={slug} value={slug} className="choice" aria-label={slug}>
            <Group wrap="nowrap">
              <Radio.Indicator />
              <div>
                <Text size="sm" fw={500}>
                  {slug}
                </Text>
                <Text size="xs" c="dimmed">
                  {String(about.description ?? "") || String(about.source ?? about.type ?? "")}
                </Text>
              </div>
            </Group>
          </Radio.Card>
        ))}
        {items.length === 0 && <Text c="dimmed">There is no {one} yet: add one first.</Text>}
      </Stack>
    </Radio.Group>
  );
}
