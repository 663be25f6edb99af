import './keys-file.test.js';
