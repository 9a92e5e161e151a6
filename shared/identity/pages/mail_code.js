"use strict";
// The code of a mail stands behind the # of its link, which no server is sent.
(() => {
  const field = document.getElementById("token");
  const found = /^#token=([A-Za-z0-9_-]{43})$/.exec(location.hash);
  if (!found) return;
  field.value = found[1];
  history.replaceState(null, "", location.pathname + location.search);
})();
