#!/usr/bin/env node
// A file of its own: links to it are made before anything is built.
import '../dist/main.js';
