import './annotated-copy.test.js';
