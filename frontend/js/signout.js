// Signing out clears what the browser keeps, also what the phone has not sent yet: so it is said first.

document.addEventListener("submit", (event) => {
  const { waiting } = event.target.dataset;
  if (waiting && Number(localStorage.getItem("sanbao-waiting")) > 0 && !confirm(waiting)) event.preventDefault();
});
