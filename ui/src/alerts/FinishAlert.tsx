import { Alert, Button, Group, Stack } from "@mantine/core";
import { useMutation, useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { me, queries } from "../api/queries";
import { useNaming } from "../connect/Naming";
import type { SourceKind } from "../connect/schema";
import { create } from "../connect/sealing";
import type { Values } from "../connect/SettingsForm";
import { Trouble } from "../parts/Trouble";
import { isAtLeast } from "../session/roles";
import { nameIn, namingOf, type Told } from "./naming";
import { isSaid, ToldOf } from "./ToldOf";

type Props = { chosen: SourceKind; values: Values; leaving: () => void; onRefused: (error: unknown) => void; onBack: () => void };

/** The last step of a new alert: its name, and what it is told of. */
export function FinishAlert({ chosen, values, leaving, onRefused, onBack }: Props) {
  const navigate = useNavigate();
  const { data: person } = useSuspenseQuery(me);
  const mayAll = isAtLeast(person.role, "admin");
  const [told, setTold] = useState<Told>({ way: mayAll ? "everything" : "some", files: [] });
  const [made, setMade] = useState<string | null>(null);
  const { slug, title, inputs, refuse, isAboutName } = useNaming();
  const saving = useMutation({
    onMutate: () => refuse(null),
    mutationFn: async () => {
      if (made === null) await created();
      await nameIn(made ?? slug, [], namingOf(told));
    },
    onSuccess: async () => {
      leaving();
      await queries.invalidateQueries();
      await navigate({ to: "/$kind/$slug", params: { kind: "alerts", slug: made ?? slug } });
    },
  });
  const created = async () => {
    try {
      await create("alerts", slug, chosen.settings, { type: chosen.type, ...values, ...title });
    } catch (error) {
      refuse(error);
      onRefused(error);
      throw error;
    }
    setMade(slug);
  };
  return (
    <Stack maw={720}>
      {made === null && inputs}
      {made !== null && saving.isError && (
        <Alert color="orange" title={`The alert ${made} is saved, but not everything names it yet`}>
          Finish goes on with the rest.
        </Alert>
      )}
      <ToldOf told={told} mayAll={mayAll} onChange={setTold} />
      {!isAboutName && <Trouble error={saving.error} />}
      <Group justify="flex-end">
        {made === null && (
          <Button variant="default" onClick={onBack}>
            Back
          </Button>
        )}
        <Button disabled={!(made ?? slug) || !isSaid(told)} loading={saving.isPending} onClick={() => saving.mutate()}>
          Finish
        </Button>
      </Group>
    </Stack>
  );
}
