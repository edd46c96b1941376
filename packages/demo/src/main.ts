import "./frame/alambic-app.js";
import { startLanguage } from "./i18n/index.js";
import { keepForOffline } from "./offline/register.js";

// Not in index.html: the page renders as soon as it is in the document, and the texts come first.
await startLanguage();
document.body.append(document.createElement("alambic-app"));
keepForOffline();
