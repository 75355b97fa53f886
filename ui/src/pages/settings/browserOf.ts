// The more particular ones first: Edge says that it is Chrome, too, and Chrome that it is Safari.
const BROWSERS = [["Edg", "Edge"], ["OPR", "Opera"], ["Firefox"], ["Chrome"], ["Safari"]] as const;
const SYSTEMS = [["iPhone"], ["iPad"], ["Android"], ["CrOS", "ChromeOS"], ["Windows"], ["Mac OS X", "macOS"], ["Linux"]] as const;

/** Return what a browser calls itself in two words, such as "Firefox on Windows"; others as they say it. */
export function browserOf(agent: string): string {
  const browser = BROWSERS.find(([sign]) => agent.includes(`${sign}/`));
  const system = SYSTEMS.find(([sign]) => agent.includes(sign));
  if (!browser || !system) return agent || "unknown";
  return `${browser[1] ?? browser[0]} on ${system[1] ?? system[0]}`;
}
