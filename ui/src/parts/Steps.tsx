import { List, Text, ThemeIcon } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";

import type { Schemas } from "../api/client";
import { inApp } from "./remedies";

/** The test of a connection, check by check. */
export function Steps({ connection }: { connection: Schemas["ConnectionShape"] }) {
  return (
    <div className="panel" style={{ padding: "12px 16px" }} role="status">
      <List spacing={8} center>
        {connection.steps.map((step) => (
          <List.Item
            key={step.name}
            icon={
              <ThemeIcon size={20} radius="xl" color={step.ok ? "teal" : "red"} variant="light">
                {step.ok ? <IconCheck size={13} aria-label="good" /> : <IconX size={13} aria-label="failed" />}
              </ThemeIcon>
            }
          >
            <Text size="sm" fw={500} span>
              {step.name}
            </Text>{" "}
            <Text size="sm" c="dimmed" span>
              {step.detail}
            </Text>
            {!step.ok && step.remedy && (
              <Text size="sm" mt={2}>
                {inApp(step.remedy)}
              </Text>
            )}
          </List.Item>
        ))}
      </List>
    </div>
  );
}
