// The page as a browser shows it, over a real daemon. `run` starts it.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { chromium } from "playwright-core";

import { Daemon, TOKEN, lint } from "./daemon.mjs";

const SHOTS = "target/page";
let browser, daemon, context, page, wrong;

before(async () => {
  mkdirSync(SHOTS, { recursive: true });
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
});
after(() => browser.close());

beforeEach(async () => { daemon = await Daemon.start(); wrong = []; });
afterEach(async () => {
  await context?.close();
  await daemon.end();
  assert.deepEqual(wrong, []);
});

// A new visitor. Whatever the page complains of, or asks of another host, is wrong.
async function visit(options = {}, path = "") {
  context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  page = await context.newPage();
  page.on("pageerror", (error) => wrong.push(error.message));
  page.on("console", (message) => { if (/security|violat|uncaught/i.test(message.text())) wrong.push(message.text()); });
  page.on("request", (request) => {
    if (!request.url().startsWith(daemon.url) && !request.url().startsWith("data:")) wrong.push(request.url());
  });
  if (options.clock) await page.clock.install();
  await page.goto(daemon.url + path);
}

const headline = (text) => page.waitForFunction((text) => document.querySelector("h1").textContent === text, text);

test("a failure changes the page without a hand", async () => {
  await visit();
  await headline("All well");
  await page.waitForFunction(() => document.querySelector("#contact").textContent === "live");
  const at = Date.now();
  daemon.takeOver();
  await headline("Moving");
  console.log(`# the page changed ${Date.now() - at} ms after the line was written`);
  assert.match(await page.textContent("#board .urgent"), /east to vmhost2/);
  assert.equal(await page.locator(".running .steps li").count(), 4);
  assert.equal(await page.title(), "Moving · tailswitch");
  daemon.follow();
  await headline("Just moved");
  await page.locator("#history .word.completed").first().waitFor();
  assert.equal(await page.locator(".host.primary h4").textContent().then((text) => text.trim().split(" ")[0]), "vmhost2");
});

test("it reads without a script", async () => {
  await visit({ javaScriptEnabled: false });
  assert.equal(await page.textContent("h1"), "All well");
  assert.equal(await page.locator("table.applications tbody tr").count(), 4);
  assert.match(await page.textContent(".host.primary"), /VM_SIPServer_1.*151.*primary.*running.*sips1\.log:1/s);
  await page.fill("input[name=find]", "nobody");
  await page.press("input[name=find]", "Enter");
  assert.match(await page.textContent("#pairs"), /No pair has that in a name/);
});

test("whoever opened or typed something keeps it when the page changes", async () => {
  await visit();
  await page.click("summary:has-text('Operate east')");
  await page.fill("input[name=find]", "half a na");
  daemon.takeOver();
  await headline("Moving");
  assert.equal(await page.getAttribute("#verbs-east", "open"), "");
  assert.equal(await page.inputValue("input[name=find]"), "half a na");
  assert.equal(await page.evaluate(() => document.activeElement.name), "find");
});

test("a verb is sent from the keyboard, with a token that is kept nowhere", async () => {
  await visit();
  await page.focus("summary:has-text('Operate east')");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Pause east");
  await page.keyboard.press("Enter");
  for (const text of ["1h", "alice", "new cables", "not-the-token-0000"]) {
    await page.keyboard.press("ControlOrMeta+A");
    await page.keyboard.type(text);
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector("#verb-told").textContent === "this is not the token");
  await page.fill("#verb input[name=token]", TOKEN);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => /alice paused east until .*: new cables/.test(document.querySelector("#verb-told").textContent));
  await page.keyboard.press("Escape");
  await headline("Held");
  assert.match(await page.textContent(".hold"), /an operator paused the pair.*59m \d+s.* left/s);
  assert.equal(await page.inputValue("#verb input[name=token]"), "");
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
  assert.equal(kept, '[{},{},""]');
});

test("a page that hears nothing any more says so", async () => {
  await visit({ clock: true });
  await headline("All well");
  await daemon.stop();
  await page.clock.fastForward(20_000);
  await page.waitForFunction(() => document.querySelector("#contact").textContent.startsWith("NO CONTACT"));
});

test("it fits a wall and a telephone, in light and in dark", async () => {
  daemon.takeOver();
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 400]) {
      await visit({ viewport: { width, height: 900 }, colorScheme });
      await page.locator(".running").first().waitFor();
      await page.screenshot({ path: `${SHOTS}/page-${width}-${colorScheme}.png`, fullPage: true });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${width}: scrolls sideways by ${wide}`);
      await context.close();
    }
  }
});

test("an incident has a page with its picture, its lines and its reasons", async () => {
  daemon.takeOver();
  await visit();
  await page.click(".running a");
  await page.locator("svg.picture").waitFor();
  assert.match(await page.textContent("main"), /sips2\.log:2.*gates at the decision/s);
  await page.screenshot({ path: `${SHOTS}/incident-1280-light.png`, fullPage: true });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `scrolls sideways by ${wide}`);
});

test("promtool takes the metrics", { skip: !process.env.PROMTOOL && "promtool is not installed" }, async () => {
  daemon.takeOver();
  assert.equal(await lint(daemon.url), "");
});
