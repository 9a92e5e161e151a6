"use strict";
(() => {
  const form = document.getElementById("passkey");
  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (c) => c.charCodeAt(0));
  };
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const asked = () => {
    const options = JSON.parse(form.dataset.options);
    const known = (options.excludeCredentials || []).map((one) => ({ ...one, id: bytes(one.id) }));
    const user = { ...options.user, id: bytes(options.user.id) };
    return { ...options, user, challenge: bytes(options.challenge), excludeCredentials: known };
  };
  const answered = (made) => {
    const { attestationObject, clientDataJSON } = made.response;
    return {
      id: made.id,
      rawId: text(made.rawId),
      type: made.type,
      clientExtensionResults: {},
      response: {
        attestationObject: text(attestationObject),
        clientDataJSON: text(clientDataJSON),
        transports: made.response.getTransports ? made.response.getTransports() : [],
      },
    };
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const made = await navigator.credentials.create({ publicKey: asked() });
      form.elements.answer.value = JSON.stringify(answered(made));
      form.submit();
    } catch {
      document.getElementById("passkey-problem").hidden = false;
    }
  });
})();
