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
    const known = (options.allowCredentials || []).map((one) => ({ ...one, id: bytes(one.id) }));
    return { ...options, challenge: bytes(options.challenge), allowCredentials: known };
  };
  const answered = (shown) => {
    const { authenticatorData, clientDataJSON, signature, userHandle } = shown.response;
    return {
      id: shown.id,
      rawId: text(shown.rawId),
      type: shown.type,
      clientExtensionResults: {},
      response: {
        authenticatorData: text(authenticatorData),
        clientDataJSON: text(clientDataJSON),
        signature: text(signature),
        ...(userHandle ? { userHandle: text(userHandle) } : {}),
      },
    };
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const shown = await navigator.credentials.get({ publicKey: asked() });
      form.elements.answer.value = JSON.stringify(answered(shown));
      form.submit();
    } catch {
      document.getElementById("passkey-problem").hidden = false;
    }
  });
})();
