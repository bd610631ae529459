// Where the `type` of a problem leads: /docs/errors#code, the row of that code.

import { stateMessage } from "../../ui/dom.js";
import { codesNode } from "../codes.js";
import { fetchDocument } from "../fetch.js";
import { ApiModel } from "../model.js";

const main = document.getElementById("main");
try {
  main.replaceChildren(codesNode(new ApiModel(await fetchDocument())));
  // The row was not there yet when the browser looked for it.
  if (location.hash) location.replace(location.hash);
} catch (error) {
  main.replaceChildren(stateMessage(`The codes could not be loaded. ${error.message}`));
}
main.setAttribute("aria-busy", "false");
