import './read-signature.test.js';
