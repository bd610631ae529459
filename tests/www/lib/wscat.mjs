// wscat.mjs - the command-line client from npm, as a person would start it: what it prints is what
// it was sent. `heard` holds the messages; stop() ends it.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const program = new URL("../../../node_modules/.bin/wscat", import.meta.url).pathname;

export class Wscat {
  heard = [];

  constructor(url, token) {
    this.child = spawn(program, ["-c", url, "-H", `Authorization: Bearer ${token}`], { stdio: ["pipe", "pipe", "inherit"] });
    createInterface({ input: this.child.stdout }).on("line", (line) => {
      const text = line.replace(/^[<> ]+/, "");
      if (text.startsWith("{")) this.heard.push(JSON.parse(text));
    });
  }

  stop() {
    this.child.kill();
  }
}
