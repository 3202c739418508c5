// Everything here is a help, never a need: each page works without it.

import "./requests.js";
import "./why.js";
import "./menu.js";
import "./themes.js";
import "./palette.js";
import "./answers.js";
import "./keys.js";
import "./rows.js";
import "./columns.js";
import "./selection.js";
import "./confirm.js";
import "./guard.js";
import "./dropzone.js";
import "./copy.js";
import "./passkey.js";
import "./pad.js";
import "./signout.js";
import "./board.js";
import "./reading.js";
