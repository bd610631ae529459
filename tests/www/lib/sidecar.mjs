// The house's sidecar, killed as a crash would; the supervisor starts another.

import { readFileSync } from "node:fs";
import { eventually } from "./house.mjs";

const pid = () => Number(readFileSync(`${process.env.MAITRED_DIR}/run/realtime.pid`, "utf8"));

// Kills it at once; resolves when the next one is ready.
export function killed() {
  const old = pid();
  process.kill(old, "SIGKILL");
  return eventually(async () => {
    if (pid() === old) throw new Error("no other sidecar yet");
    const answer = await fetch(`http://127.0.0.1:${process.env.MAITRED_RT_PORT}/readyz`);
    if (!answer.ok) throw new Error("not ready yet");
  }, { within: 30000 });
}
