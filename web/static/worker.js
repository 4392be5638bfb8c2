// Keeps a few pages of one's own on this device, to be read where there is no network: the wallet, and the form in
// which a coach records a session. What is kept is thrown away at sign-out. Everything else goes to the network.
const KEPT = "setori-kept";
const LOOSE = "/offline";
const PAGES = ["/wallet", "/provider/sessions/new", LOOSE];
const FILES = 40;
// Who signs out while a page is on its way must not find it kept afterwards: what was asked for before counts no more.
let turn = 0;
let isLeaving = false;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  const { keep, files } = event.data ?? {};
  if (!Array.isArray(keep)) return;
  event.waitUntil(Promise.allSettled([...keep.filter((path) => PAGES.includes(path)).map(renew), keepFiles(files ?? [])]));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method === "POST" && url.origin === self.location.origin && url.pathname === "/sign-out") {
    turn += 1;
    isLeaving = true;
  }
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(fileOf(request));
  else if (request.mode === "navigate") event.respondWith(pageOf(request, url.pathname));
});

async function pageOf(request, path) {
  isLeaving = false;
  const asked = turn;
  let answer;
  try {
    answer = await fetch(request);
  } catch {
    return (await keptPage(path)) ?? (await keptPage(LOOSE)) ?? Response.error();
  }
  if (PAGES.includes(path) && !new URL(request.url).search) await remember(path, answer.clone(), asked);
  return answer;
}

async function renew(path) {
  const asked = turn;
  await remember(path, await fetch(path, { redirect: "manual", headers: { Accept: "text/html" } }), asked);
}

// Whoever is sent away or refused is not the one whose page was kept. A page is read to its end before it takes the
// place of the one before: where the network goes away in the middle, that one stays.
async function remember(path, answer, asked) {
  const kept = await caches.open(KEPT);
  if (answer.status === 200 && !answer.redirected) {
    const page = await answer.blob();
    if (asked !== turn || isLeaving) return;
    await kept.put(path, new Response(page, { status: 200, headers: answer.headers }));
    if (asked !== turn) await kept.delete(path);
  } else if (answer.status < 500) await kept.delete(path);
}

// A page that comes from here says so: its banner tells of when it is.
async function keptPage(path) {
  // Where a QR code leads, the form is what is wanted.
  const found = await caches.match(path === "/redeem" ? "/provider/sessions/new" : path, { cacheName: KEPT });
  if (!found) return undefined;
  const text = (await found.text()).replace('data-kept="fresh"', 'data-kept="kept"');
  const headers = new Headers(found.headers);
  for (const name of ["content-encoding", "content-length"]) headers.delete(name);
  return new Response(text, { status: 200, headers });
}

async function fileOf(request) {
  const found = await caches.match(request, { cacheName: KEPT });
  return found ?? fetch(request);
}

// Files carry their content's hash in their names: what is here is right, and what is old is never asked for again.
async function keepFiles(paths) {
  const kept = await caches.open(KEPT);
  const known = (await kept.keys()).filter((one) => new URL(one.url).pathname.startsWith("/static/"));
  if (known.length > FILES) await Promise.all(known.map((one) => kept.delete(one)));
  await Promise.allSettled(
    paths.filter((path) => path.startsWith("/static/")).map(async (path) => {
      if (!(await kept.match(path))) await kept.add(path);
    }),
  );
}
