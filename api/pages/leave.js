// After signing out: back to the door. The dashboard loads this file, because its pages run no script of their own.
"use strict";
window.location.replace("/enter");
