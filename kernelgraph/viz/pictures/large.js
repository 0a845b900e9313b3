// A picture of many boxes gets a box that scrolls, with buttons and keys that zoom.
function large(box) {
  const picture = box.querySelector("img");
  for (const [name, value] of Object.entries({ tabindex: 0, role: "group", "aria-label": "picture" })) {
    box.setAttribute(name, value);
  }
  box.style.overflow = "auto";
  box.style.maxHeight = "640px";
  zoomable(box, picture);
}
