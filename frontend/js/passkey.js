// <form data-passkey="create|get" data-options="…"> with a hidden field `credential` and <button type="button" data-use-passkey hidden>:
// the browser makes or uses a passkey, and the form is sent with its answer. Without script or passkeys the button stays hidden.

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

function read(options) {
  const asked = { ...options.publicKey, challenge: bytes(options.publicKey.challenge) };
  if (asked.user) asked.user = { ...asked.user, id: bytes(asked.user.id) };
  for (const list of ["excludeCredentials", "allowCredentials"])
    if (asked[list]) asked[list] = asked[list].map((each) => ({ ...each, id: bytes(each.id) }));
  return { publicKey: asked };
}

function write(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
    if (credential.response[name]) response[name] = text(credential.response[name]);
  return JSON.stringify({
    id: credential.id, rawId: text(credential.rawId), type: credential.type, response,
    clientExtensionResults: credential.getClientExtensionResults(), authenticatorAttachment: credential.authenticatorAttachment,
  });
}

async function ask(form) {
  const field = form.elements.namedItem("credential");
  const options = read(JSON.parse(form.dataset.options));
  try {
    field.value = write(await navigator.credentials[form.dataset.passkey](options));
  } catch {
    field.value = ""; // refused, or timed out: the server says what to do
  }
  form.requestSubmit();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-use-passkey]");
  if (button && button.form.reportValidity()) ask(button.form);
});
if (window.PublicKeyCredential) for (const button of document.querySelectorAll("[data-use-passkey][hidden]")) button.hidden = false;
