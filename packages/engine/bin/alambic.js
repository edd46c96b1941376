#!/usr/bin/env node
// A file that exists before anything is built: a package manager links a command only to a file that is there.
import "../dist/cli/index.js";
