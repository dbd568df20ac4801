// A daemon with a pair of its own, whose logs a test writes.

import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const TOKEN = "0123456789abcdef";

const CONFIGURATION = `
state: ./state
listen: 127.0.0.1:0
token_file: token
solutions:
  east:
    mode: active
    hosts: { vmhost1: { address: 10.0.0.11 }, vmhost2: { address: 10.0.0.12 } }
    vip: 10.0.0.10
    window: 2s
    verify: 2m
    applications:
      VM_SIPServer_1: { dbid: 151, component: vm-sip-server, host: vmhost1 }
      VM_SIPServer_2: { dbid: 152, component: vm-sip-server, host: vmhost2 }
      VM_Server_1: { dbid: 153, component: vm-server, host: vmhost1 }
      VM_Server_2: { dbid: 154, component: vm-server, host: vmhost2 }
sources:
  - { path: "logs/sips1.log", application: VM_SIPServer_1, host: vmhost1 }
  - { path: "logs/sips2.log", application: VM_SIPServer_2, host: vmhost2 }
  - { path: "logs/vms1.log", application: VM_Server_1, host: vmhost1 }
  - { path: "logs/vms2.log", application: VM_Server_2, host: vmhost2 }
actions:
  switch-to-primary: { command: ["true"], timeout: 5s }
  vip-enable: { command: ["true"], timeout: 5s }
  vip-disable: { command: ["true"], timeout: 3s }
`;

const PRIMARY = "Std 04563 Hot Standby (Primary) mode activated";
const BACKUP = "Std 04561 Hot Standby (Backup) mode activated";

export class Daemon {
  static async start() {
    const daemon = new Daemon();
    daemon.folder = mkdtempSync(join(tmpdir(), "tailswitch-page-"));
    mkdirSync(join(daemon.folder, "logs"));
    writeFileSync(join(daemon.folder, "tailswitch.yaml"), CONFIGURATION);
    writeFileSync(join(daemon.folder, "token"), TOKEN, { mode: 0o600 });
    for (const [log, line] of [["sips1", PRIMARY], ["vms1", PRIMARY], ["sips2", BACKUP], ["vms2", BACKUP]]) {
      daemon.write(log, line);
    }
    daemon.process = spawn(process.env.TAILSWITCH, ["run"], { cwd: daemon.folder, stdio: ["ignore", "ignore", "pipe"] });
    daemon.url = await daemon.#listening();
    await daemon.#until((summary) => summary.armed && summary.outlook === "well");
    return daemon;
  }

  // The port is the system's choice; the daemon tells it.
  #listening() {
    return new Promise((found, failed) => {
      let told = "";
      this.process.stderr.on("data", (data) => {
        told += data;
        // Colours may stand between the name and its value.
        const address = told.replace(/\x1b\[[0-9;]*m/g, "").match(/listening address=([0-9.:]+)/);
        if (address) found(`http://${address[1]}/`);
      });
      this.process.on("exit", () => failed(new Error(told)));
    });
  }

  async #until(holds) {
    for (;;) {
      const summary = await (await fetch(`${this.url}api/v1/summary`)).json();
      if (holds(summary)) return;
      await new Promise((later) => setTimeout(later, 50));
    }
  }

  write(log, line) {
    appendFileSync(join(this.folder, "logs", `${log}.log`), `${new Date().toISOString().slice(0, 23)} ${line}\n`);
  }

  // The VM SIP Server of the second host takes over; the pair has to follow.
  takeOver() {
    this.write("sips2", PRIMARY);
  }

  follow() {
    this.write("vms2", PRIMARY);
  }

  async stop() {
    if (this.process.exitCode !== null) return;
    const ended = new Promise((done) => this.process.removeAllListeners("exit").on("exit", done));
    this.process.kill("SIGTERM");
    await ended;
  }

  async end() {
    await this.stop();
    rmSync(this.folder, { recursive: true });
  }
}

// What promtool has against the metrics; empty if nothing.
export async function lint(url) {
  const metrics = await (await fetch(`${url}metrics`)).text();
  const checked = spawnSync(process.env.PROMTOOL, ["check", "metrics"], { input: metrics, encoding: "utf8" });
  return checked.status === 0 ? checked.stderr : `${checked.status}: ${checked.stderr}`;
}
