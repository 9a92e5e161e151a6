"use strict";
// One form for both ceremonies: options that name a user ask for a new passkey, others for a known one.
(() => {
  const form = document.getElementById("passkey");
  const options = JSON.parse(form.dataset.options);
  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (c) => c.charCodeAt(0));
  };
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (name) => (options[name] || []).map((one) => ({ ...one, id: bytes(one.id) }));
  const challenge = bytes(options.challenge);
  const create = async () => {
    const user = { ...options.user, id: bytes(options.user.id) };
    const excludeCredentials = known("excludeCredentials");
    const publicKey = { ...options, user, challenge, excludeCredentials };
    const made = await navigator.credentials.create({ publicKey });
    const { attestationObject, clientDataJSON } = made.response;
    return answer(made, {
      attestationObject: text(attestationObject),
      clientDataJSON: text(clientDataJSON),
      transports: made.response.getTransports ? made.response.getTransports() : [],
    });
  };
  const get = async () => {
    const publicKey = { ...options, challenge, allowCredentials: known("allowCredentials") };
    const shown = await navigator.credentials.get({ publicKey });
    const { authenticatorData, clientDataJSON, signature, userHandle } = shown.response;
    return answer(shown, {
      authenticatorData: text(authenticatorData),
      clientDataJSON: text(clientDataJSON),
      signature: text(signature),
      ...(userHandle ? { userHandle: text(userHandle) } : {}),
    });
  };
  const answer = ({ id, rawId, type }, response) =>
    ({ id, rawId: text(rawId), type, clientExtensionResults: {}, response });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const given = await (options.user ? create() : get());
      form.elements.answer.value = JSON.stringify(given);
      form.submit();
    } catch {
      document.getElementById("passkey-problem").hidden = false;
    }
  });
})();
