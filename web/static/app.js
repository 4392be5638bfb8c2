import "./offline.js";

// Small helps on top of pages that work without them: the focus goes to what went wrong, a button is pressed once.

const focusOnErrors = (root) => root.querySelector("[data-focus]")?.focus();

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!(button instanceof HTMLButtonElement) || event.target.method !== "post") return;
  setTimeout(() => { button.disabled = true; });
  setTimeout(() => { button.disabled = false; }, 4000);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

// What is saved as it is typed says so only while it is so.
const saver = (event) => event.target.closest?.("form[hx-target='#saved']");
const say = (which) => {
  const line = document.getElementById("saved");
  if (line?.dataset[which]) line.textContent = line.dataset[which];
};
document.addEventListener("input", (event) => { if (saver(event)) say("waits"); });
document.addEventListener("htmx:sendError", (event) => { if (saver(event)) say("lost"); });
document.addEventListener("htmx:responseError", (event) => {
  if (saver(event)) say(event.detail.xhr.status === 401 ? "out" : "lost");
});

document.addEventListener("htmx:afterSwap", (event) => focusOnErrors(event.target));
focusOnErrors(document);

// An error in the summary names its field too: without this script its link leads there all the same.
for (const link of document.querySelectorAll(".error-summary a[href^='#f-']")) {
  const field = document.getElementById(link.hash.slice(1));
  const named = field?.closest("fieldset.field")?.querySelector("legend") ?? field?.labels?.[0];
  const words = named?.firstChild?.textContent.trim();
  if (words) link.textContent = `${words}: ${link.textContent}`;
}

// Whoever comes back to the coaches finds the filters as they were; without this script the list begins anew.
const filters = () => { if (location.pathname === "/coaches") sessionStorage.setItem("coaches", location.search); };
filters();
document.addEventListener("htmx:pushedIntoHistory", filters);
const back = document.querySelector("a.back[href='/coaches']");
if (back) back.search = sessionStorage.getItem("coaches") ?? "";
