import { Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { api, bodyOf } from "../api/client";
import { queries } from "../api/queries";
import { Trouble } from "./Trouble";

/** Lets nobody execute a plan that waits; who did so and why is kept. */
export function Discarding({ sync, plan }: { sync: string; plan: string }) {
  const [asking, setAsking] = useState(false);
  const [why, setWhy] = useState("");
  const discarding = useMutation({
    mutationFn: () =>
      bodyOf(api.POST("/api/v1/syncs/{slug}/plans/{plan}/discard", { params: { path: { slug: sync, plan } }, body: { why } })),
    onSuccess: async () => {
      setAsking(false);
      await queries.invalidateQueries();
    },
  });
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)}>
        Discard
      </Button>
      <Modal opened={asking} onClose={() => setAsking(false)} title="Discard this plan" centered>
        <Stack>
          <Text size="sm">Nobody can execute it any more. Nothing is sent; the next plan or run looks at the same rows again.</Text>
          <Textarea label="Why" description="Those who made it see this." maxLength={500} value={why} onChange={(event) => setWhy(event.currentTarget.value)} />
          <Trouble error={discarding.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setAsking(false)}>
              Back
            </Button>
            <Button color="red" loading={discarding.isPending} onClick={() => discarding.mutate()}>
              Discard
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
