// Copy buttons: `data-copy` names the element whose text is copied.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  const said = button.textContent;
  const done = () => {
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = said; }, 1500);
  };
  if (navigator.clipboard) {
    navigator.clipboard.writeText(source.textContent).then(done);
    return;
  }
  // Without https the browser has no clipboard for pages: select it, so that the keyboard can copy.
  const range = document.createRange();
  range.selectNodeContents(source);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
});
