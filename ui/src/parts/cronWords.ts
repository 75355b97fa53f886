import cronstrue from "cronstrue";

/** Return what a cron expression says, such as "At 07:00, every day"; undefined for what is none. */
export function cronWords(expression: string): string | undefined {
  try {
    return cronstrue.toString(expression, { use24HourTimeFormat: true, verbose: true });
  } catch {
    return undefined;
  }
}
