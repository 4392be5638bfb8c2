// Pages of one's own that can be read without a network, and sessions that a coach records there: they wait on this
// device and are sent once, under the id that each got when it was written.
const KEPT = "setori-kept";
const FORM = "/provider/sessions/new";
const who = document.body.dataset.who ?? "";
const shelf = `setori-waiting-${who}`;
const kept = document.querySelector("[data-kept]");
const isKept = kept?.dataset.kept === "kept";

const waiting = () => { try { return JSON.parse(localStorage.getItem(shelf) ?? "[]"); } catch { return []; } };
const wait = (all) => {
  if (all.length) localStorage.setItem(shelf, JSON.stringify(all));
  else localStorage.removeItem(shelf);
  show();
};
const change = (id, told) => wait(waiting().map((one) => (one.redemption_id === id ? { ...one, ...told } : one)));

async function begin() {
  if (!("serviceWorker" in navigator)) return;
  if (!who) { await globalThis.caches?.delete(KEPT); return; }
  const pages = (document.body.dataset.keep ?? "").split(" ").filter(Boolean);
  if (!pages.length || isKept) return;
  await navigator.serviceWorker.register("/worker.js");
  const { active } = await navigator.serviceWorker.ready;
  const files = performance.getEntriesByType("resource").map((one) => new URL(one.name).pathname);
  active.postMessage({ keep: pages, files });
}

document.addEventListener("submit", (event) => {
  if (new URL(event.target.action).pathname === "/sign-out") globalThis.caches?.delete(KEPT);
});

// The form of a session: with a network it goes its ordinary way, without one it waits here.
const form = document.querySelector("form[data-waits]");
if (form && who && isSecureContext) {
  if (isKept) {
    const day = form.elements.service_day;
    const now = new Date();
    day.value = new Date(now - now.getTimezoneOffset() * 60000).toISOString().slice(0, 10);
    form.elements.voucher_code.value ||= new URLSearchParams(location.search).get("code") ?? "";
    form.elements.redemption_id.value = crypto.randomUUID();
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!isKept && (await isReached())) { form.submit(); return; }
    const told = Object.fromEntries([...new FormData(form)].filter(([name]) => name !== "_csrf"));
    if (!told.voucher_code || !told.service_day) { form.reportValidity(); form.elements.voucher_code.focus(); return; }
    wait([...waiting().filter((one) => one.redemption_id !== told.redemption_id), { ...told, said: "" }]);
    form.reset();
    form.elements.voucher_code.value = "";
    form.elements.redemption_id.value = crypto.randomUUID();
    document.querySelector("[data-waiting]")?.scrollIntoView();
    document.querySelector("[data-waiting] h2")?.focus();
  });
}

async function isReached() {
  if (navigator.onLine === false) return false;
  try {
    await fetch("/offline", { cache: "no-store", signal: AbortSignal.timeout(5000) });
    return true;
  } catch { return false; }
}

// Sent one after the other, by one page of this browser at a time; the next in line sends what a page that was left
// meanwhile has not. A session that was sent twice is recorded once.
async function send() {
  if (!who || !waiting().some((one) => !one.said) || !(await isReached())) return;
  await navigator.locks.request(shelf, async () => {
    if (!waiting().some((one) => !one.said)) return;
    const page = await fetch(FORM, { headers: { Accept: "text/html" } });
    if (page.redirected) return; // signed out meanwhile: it waits for the next time
    const token = parsed(await page.text()).querySelector("input[name=_csrf]")?.value;
    for (const one of waiting().filter((each) => !each.said)) {
      const { said, ...told } = one;
      const answer = await fetch("/provider/sessions", { method: "POST", body: new URLSearchParams({ ...told, _csrf: token }) });
      if (answer.redirected && /\/provider\/sessions\/[0-9a-f-]{36}/.test(answer.url)) {
        wait(waiting().filter((each) => each.redemption_id !== one.redemption_id));
        sent.push(answer.url);
      } else if (answer.status === 409 || answer.status === 422) {
        const words = parsed(await answer.text()).querySelector(".error-summary")?.textContent ?? String(answer.status);
        change(one.redemption_id, { said: words.replace(/\s+/g, " ").trim() });
      } else break;
      show();
    }
  }).catch(() => {}); // the network went away again: what is left waits on
}
const parsed = (text) => new DOMParser().parseFromString(text, "text/html");
const sent = [];

function show() {
  const box = document.querySelector("[data-waiting]");
  if (!box) return;
  const all = waiting();
  box.hidden = !all.length && !sent.length;
  const list = box.querySelector("ul");
  const pattern = box.querySelector("template").content.firstElementChild;
  list.replaceChildren(
    ...sent.map((url) => {
      const row = pattern.cloneNode(true);
      row.querySelector("[data-sent]").hidden = false;
      row.querySelector("[data-sent] a").href = url;
      for (const part of row.querySelectorAll("[data-row]")) part.remove();
      return row;
    }),
    ...all.map((one) => {
      const row = pattern.cloneNode(true);
      row.querySelector("[data-day]").textContent = one.service_day.split("-").reverse().map(Number).join(".");
      row.querySelector("[data-code]").textContent = one.voucher_code;
      row.querySelector("[data-said]").textContent = one.said;
      row.querySelector("[data-sent]").remove();
      const away = row.querySelector("button");
      away.addEventListener("click", () => {
        if (confirm(away.dataset.asks)) wait(waiting().filter((each) => each.redemption_id !== one.redemption_id));
      });
      return row;
    }),
  );
}

begin().catch(() => {});
show();
addEventListener("online", () => send());
addEventListener("storage", ({ key }) => { if (key === shelf) show(); }); // another page has sent, or thrown away
send();
