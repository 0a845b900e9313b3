// A live view is published below its static copy. Where it does not come to life (an exported page, a
// notebook that was closed and opened again) the copy opens by itself, and the error that JupyterLab
// writes in the place of the view gives way to a sentence.
const copy = document.currentScript && document.currentScript.parentNode;
const inLab = document.querySelector(".jp-LabShell") !== null;
const patience = Date.now() + (inLab ? 60000 : 2000);

function openCopy() {
  copy.querySelector("details").open = true;
}

function look() {
  const area = copy.closest(".jp-OutputArea") || copy.closest(".jp-Cell") || document;
  if (area.querySelector('[data-kg="explorer-live"]')) return;
  for (const output of area.querySelectorAll(".jp-OutputArea-output")) {
    if (!output.children.length && output.textContent.startsWith("Error displaying widget")) {
      output.textContent = "(the live view needs a running kernel: run the cell again)";
      return openCopy();
    }
  }
  if (Date.now() < patience) setTimeout(look, 100);
  else openCopy();
}

if (copy) setTimeout(look, 100);
