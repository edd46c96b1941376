#!/usr/bin/env node
// A file that exists before anything is built.
import "../dist/cli/index.js";
