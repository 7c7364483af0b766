// Passkeys: asks the browser for a new key, or for a key's signature, and sends the answer with the form it stands in.
// A form says in its data attributes where to ask, at which address keys work, and every sentence that may be needed.
(() => {
  "use strict";
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
  const known = (list) => (list || []).map((key) => ({ ...key, id: bytes(key.id) }));

  async function make(options) {
    options.challenge = bytes(options.challenge);
    options.user.id = bytes(options.user.id);
    options.excludeCredentials = known(options.excludeCredentials);
    const key = await navigator.credentials.create({ publicKey: options });
    return {
      id: key.id, rawId: text(key.rawId), type: key.type, clientExtensionResults: {},
      response: { attestationObject: text(key.response.attestationObject), clientDataJSON: text(key.response.clientDataJSON) },
    };
  }

  async function sign(options) {
    options.challenge = bytes(options.challenge);
    options.allowCredentials = known(options.allowCredentials);
    const key = await navigator.credentials.get({ publicKey: options });
    const { authenticatorData, clientDataJSON, signature, userHandle } = key.response;
    return {
      id: key.id, rawId: text(key.rawId), type: key.type, clientExtensionResults: {},
      response: {
        authenticatorData: text(authenticatorData), clientDataJSON: text(clientDataJSON), signature: text(signature),
        userHandle: userHandle && userHandle.byteLength > 0 ? text(userHandle) : null,
      },
    };
  }

  for (const form of document.querySelectorAll("form[data-ask]")) {
    const says = form.querySelector("[data-says]");
    const button = form.querySelector("button");
    const say = (sentence) => { says.textContent = sentence; says.hidden = !sentence; };
    form.querySelector("[data-without]").remove();
    if (location.origin !== form.dataset.origin) { say(form.dataset.elsewhere); continue; }
    if (!window.PublicKeyCredential) { say(form.dataset.missing); continue; }
    for (const part of form.querySelectorAll("[data-with]")) part.hidden = false;
    if (button.matches("[data-first]")) button.focus();
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      say("");
      button.disabled = true;
      try {
        const proof = new URLSearchParams({ proof: form.elements.proof.value });
        const asked = await fetch(form.dataset.ask, { method: "POST", body: proof, credentials: "same-origin" });
        if (!asked.ok) throw new Error(asked.statusText);
        const options = (await asked.json()).publicKey;
        const answer = options.user ? await make(options) : await sign(options);
        form.elements.answer.value = JSON.stringify(answer);
        form.submit();
      } catch (error) {
        const sentences = { InvalidStateError: form.dataset.known, NotAllowedError: form.dataset.stopped };
        say(sentences[error.name] || form.dataset.failed);
        button.disabled = false;
        button.focus();
      }
    });
  }
})();
