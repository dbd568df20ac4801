"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const contact = byId("contact");
  const sample = (page) => Date.parse(page.querySelector("main").dataset.now) - Date.now();
  // By how much the daemon's clock is ahead of this browser's.
  let ahead = sample(document);
  let heard = Date.now();
  let told = "";

  // Makes `old` equal to `fresh`, and leaves alone what is equal, what is focused, and what a reader has opened.
  const same = (old, fresh) => old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName && old.id === fresh.id;
  const morph = (old, fresh) => {
    if (old.nodeType === Node.TEXT_NODE) {
      if (old.data !== fresh.data) {
        old.data = fresh.data;
        const around = old.parentElement;
        if (!around.closest("time, .by, #board")) {
          around.classList.add("changed");
          around.addEventListener("animationend", () => around.classList.remove("changed"), { once: true });
        }
      }
      return;
    }
    if (old === document.activeElement && old.matches("input")) return;
    for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    for (const { name } of [...old.attributes]) {
      const kept = name === "open" && old.matches("details");
      if (!kept && !fresh.hasAttribute(name)) old.removeAttribute(name);
    }
    const olds = [...old.childNodes], freshes = [...fresh.childNodes];
    const kept = new Set(freshes.map((child) => child.id).filter(Boolean));
    freshes.forEach((child, at) => {
      const place = old.childNodes[at];
      const known = child.id ? olds.find((each) => each.id === child.id) : place;
      if (known && known !== place && place) old.insertBefore(known, place);
      const now = old.childNodes[at];
      if (!now) old.append(document.importNode(child, true));
      else if (same(now, child)) morph(now, child);
      else if ((child.id && !known) || kept.has(now.id)) old.insertBefore(document.importNode(child, true), now);
      else now.replaceWith(document.importNode(child, true));
    });
    while (old.childNodes.length > freshes.length) old.lastChild.remove();
  };

  const refresh = async () => {
    const answer = await fetch(location.pathname + location.search, { cache: "no-store" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    ahead = sample(page);
    morph(document.querySelector("main"), page.querySelector("main"));
    document.title = page.title;
    const icon = document.querySelector("link[rel=icon]");
    const fresh = page.querySelector("link[rel=icon]").getAttribute("href");
    if (icon.getAttribute("href") !== fresh) icon.setAttribute("href", fresh);
    tick();
  };
  // One at a time, and once more if something changed meanwhile.
  let busy = false, again = false;
  const renew = async () => {
    if (busy) { again = true; return; }
    busy = true;
    do {
      again = false;
      try { await refresh(); } catch { /* The stream tells of a daemon that is gone. */ }
    } while (again);
    busy = false;
  };

  const spoken = (seconds) => {
    const parts = [[Math.floor(seconds / 3600), "h"], [Math.floor(seconds / 60) % 60, "m"], [seconds % 60, "s"]];
    return parts.filter(([count]) => count > 0).map((part) => part.join("")).join(" ") || "0s";
  };
  const tick = () => {
    const now = new Date(Date.now() + ahead);
    const clock = document.querySelector("#clock time");
    clock.textContent = now.toISOString().slice(11, 19);
    for (const timer of document.querySelectorAll("[data-until]")) {
      const left = Math.max(0, Date.parse(timer.dataset.until) - now);
      timer.firstChild.data = spoken(Math.floor(left / 1000));
    }
    const silent = Date.now() - heard > 15000;
    const word = silent ? "NO CONTACT: what stands here is old" : "live";
    if (contact.textContent !== word) contact.textContent = word;
    document.documentElement.classList.toggle("silent", silent);
  };

  const stream = new EventSource("/api/v1/stream?of=summary");
  const hear = () => { heard = Date.now(); };
  stream.addEventListener("open", renew);
  stream.addEventListener("summary", (event) => {
    hear();
    if (event.lastEventId !== told) { told = event.lastEventId; renew(); }
  });
  setInterval(tick, 1000);
  tick();

  const dialog = byId("verb");
  if (!dialog) return;
  const form = dialog.querySelector("form"), what = byId("verb-what"), result = byId("verb-told");
  let verb = "", body = {};
  const sentence = {
    pause: (of) => `Pause ${of.solution}: no step until then.`,
    resume: (of) => `Resume ${of.solution}.`,
    force: (of) => `Move ${of.solution} to ${of.to}, past block, lock and pause.`,
    ack: (of) => `Acknowledge ${of.incident}: what it locks or blocks is free again.`,
    "owed/forgive": (of) => `Let the debt ${of.id} be: the host is not asked again.`,
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.act");
    if (!button) return;
    ({ verb, ...body } = button.dataset);
    byId("verb-title").textContent = button.textContent;
    what.textContent = sentence[verb](body);
    byId("verb-for").hidden = verb !== "pause";
    result.textContent = "";
    dialog.showModal();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { token, by, why } = form.elements;
    const sent = { ...body, by: by.value, why: why.value };
    if (verb === "pause") sent.for = form.elements.for.value;
    result.textContent = "…";
    try {
      const answer = await fetch(`/api/v1/${verb}`, {
        method: "POST",
        headers: { Authorization: `Bearer ${token.value}`, "Content-Type": "application/json" },
        body: JSON.stringify(sent),
      });
      const { done, reason } = await answer.json();
      result.textContent = done ? done.join("\n") || "Done." : reason;
    } catch {
      result.textContent = "The daemon did not answer; look at the page before you repeat it.";
    }
  });
  byId("verb-close").addEventListener("click", () => dialog.close());
  // Kept nowhere, not even in a field that nobody sees.
  dialog.addEventListener("close", () => { form.elements.token.value = ""; });
})();
